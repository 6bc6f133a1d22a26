# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``notification`` does: read what is remembered, decide, send, and only then remember.

Whoever is killed between the two sends the same again at the next run: rather twice than never.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._notify.channels import Channel, Delivery, deliver
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import Person
from ansible_collections.chatbot.ops.plugins.module_utils._notify.policy import Message, Rules, decide
from ansible_collections.chatbot.ops.plugins.module_utils._notify.state import State, read_state
from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice, Writer


@dataclass(frozen=True)
class Job:
    """What is to be told of which stack, to whom, by what; ``folder`` keeps the state. See the module's documentation."""

    stack: str
    folder: str
    language: str
    checks: tuple[Check, ...]
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    rules: Rules
    is_test: bool = False

    @property
    def state_path(self) -> str:
        """The file that keeps the state."""
        return os.path.join(self.folder, f"notify-{self.stack}.json")


def notify(job: Job, now: datetime, *, check_mode: bool) -> dict[str, Any]:
    """Tell what is to be told, and return the module's result.

    :raises OpsError: if no channel got anything through, or the state cannot be kept.
    """
    writer = Writer(job.stack, job.language, job.rules.zone, job.people)
    if job.is_test:
        return _test(job, writer, now, check_mode)
    if check_mode:
        state, warnings = _read(job, keep_broken=False)
        decision = decide(state, job.checks, job.people, now, job.rules)
        notices = [writer.write(each, now) for each in decision.messages]
        return _result(notices, [], [], warnings)
    with _alone(job):
        return _tell(job, writer, now)


def _tell(job: Job, writer: Writer, now: datetime) -> dict[str, Any]:
    state, warnings = _read(job, keep_broken=True)
    decision = decide(state, job.checks, job.people, now, job.rules)
    notices = [writer.write(each, now) for each in decision.messages]
    deliveries = [deliver(each, job.channels) for each in notices]
    _require_one(notices, deliveries)
    after = decision.state
    about = _channel_checks(deliveries, job.channels, writer)
    if about:
        working = [each for each in job.channels if any(each.name in one.through for one in deliveries)]
        # What a channel says of itself is told by the others, and by the same rules.
        more = decide(after, about, job.people, now, replace(job.rules, digest=None))
        own = [writer.write(each, now) for each in more.messages]
        deliveries += [deliver(each, working) for each in own]
        notices += own
        after = more.state
    if after != state:
        _keep(job, after)
    return _result(notices, deliveries, about, warnings)


def _test(job: Job, writer: Writer, now: datetime, check_mode: bool) -> dict[str, Any]:
    """Send a test by each channel, and to each contact with alerts; all of them have to work."""
    own = [Message("test", people=(each.name,)) for each in job.people if each.alerts]
    notices = [writer.write(each, now) for each in (Message("test"), *own)]
    if check_mode:
        return _result(notices, [], [], [])
    deliveries = [deliver(each, job.channels) for each in notices]
    problems = [text for each in deliveries for text in each.problems.values()]
    if problems:
        raise ToolError(f"Not every channel works. {' '.join(dict.fromkeys(problems))}")
    return _result(notices, deliveries, [], [])


def _require_one(notices: Sequence[Notice], deliveries: Sequence[Delivery]) -> None:
    """Refuse to go on if something for everybody reached nobody. What is for a contact alone is told by the other channels."""
    nothing = not any(each.through for each in deliveries)
    lost = [notice for notice, each in zip(notices, deliveries) if not each.through and (nothing or not notice.people)]
    if not lost:
        return
    problems = dict.fromkeys(text for each in deliveries for text in each.problems.values())
    raise ToolError(
        f"Nobody could be told of {lost[0].subject!r}: no channel got it through. It is tried again at the next run. "
        f"{' '.join(problems)}",
        messages=[each.subject for each in lost],
    )


def _channel_checks(deliveries: Sequence[Delivery], channels: Sequence[Channel], writer: Writer) -> list[Check]:
    """Return a check result for each channel that was used."""
    found = []
    words = writer.words
    for channel in channels:
        problems = [each.problems[channel.name] for each in deliveries if channel.name in each.problems]
        if problems:
            summary = words.say("channel_failed", channel=channel.name, problem=problems[0])
            advice = words.say("channel_advice")
            found.append(Check(f"notify.{channel.name}", "notify", "warning", summary, advice=advice))
        elif any(channel.name in each.through for each in deliveries):
            summary = words.say("channel_ok", channel=channel.name)
            found.append(Check(f"notify.{channel.name}", "notify", "ok", summary))
    return found


def _result(
    notices: Sequence[Notice], deliveries: Sequence[Delivery], about: Sequence[Check], warnings: Sequence[str]
) -> dict[str, Any]:
    sent = [each.through for each in deliveries] or [()] * len(notices)
    messages = [
        {
            "subject": notice.subject,
            "text": notice.text,
            "kind": notice.document["kind"],
            "status": notice.document["status"],
            "people": list(notice.people),
            "channels": list(through),
        }
        for notice, through in zip(notices, sent)
    ]
    return {
        "changed": bool(notices),
        "messages": messages,
        "checks": [each.to_document() for each in about],
        "notes": list(warnings),
    }


@contextmanager
def _alone(job: Job) -> Iterator[None]:
    """Let no two runs tell the same: the second one waits."""
    try:
        os.makedirs(job.folder, mode=0o700, exist_ok=True)
        descriptor = os.open(f"{job.state_path}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise OpsError(f"Failed to use the folder {job.folder} on the controller: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(job: Job, *, keep_broken: bool) -> tuple[State, list[str]]:
    """Return what is remembered. A file that cannot be read is put aside: to tell all again is better than nothing."""
    try:
        with open(job.state_path, "rb") as stream:
            return read_state(stream.read()), []
    except FileNotFoundError:
        return State(), []
    except (OSError, ValueError) as error:
        aside = f"{job.state_path}.broken"
        if keep_broken:
            try:
                os.replace(job.state_path, aside)
            except OSError as problem:
                raise OpsError(
                    f"Failed to put {job.state_path} aside, which cannot be read: {problem.strerror}."
                ) from error
        note = (
            f"ATTENTION: {job.state_path} could not be read ({error}), and is {aside} now. What is open is told again."
        )
        return State(), [note]


def _keep(job: Job, state: State) -> None:
    try:
        write_file(job.state_path, state.to_json(), replace=True)
    except OSError as error:
        raise OpsError(
            f"Failed to remember in {job.state_path} what was sent: {error.strerror}. The next run sends it again."
        ) from error


def require_stack_name(stack: str) -> str:
    """Return ``stack``, after which a file can be called.

    :raises RefusedError: if it cannot.
    """
    if not stack or "/" in stack or stack.startswith("."):
        raise RefusedError(f"{stack!r} is no name of a stack: the file of its state is called so.")
    return stack
