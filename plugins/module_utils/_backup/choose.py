# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup: the newest, one by its id, or the newest before a time.

A safety copy holds what was to be replaced, and is chosen by its id alone. Were it the newest, a restore that is run again
would bring back what it was to mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    RefusedError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry

LATEST = "latest"


@dataclass(frozen=True)
class Choice:
    """What the user asked for: ``backup_id`` (an id or ``latest``), or the newest ``before`` an instant."""

    backup_id: str = LATEST
    before: datetime | None = None


def find(entries: Sequence[Entry], choice: Choice, title: str) -> Entry:
    """Return the entry that ``choice`` means, out of ``entries`` (newest first), whatever its state.

    :param title: whose backups these are, for messages.
    :raises RefusedError: if there is none such.
    """
    if choice.backup_id != LATEST:
        found = [each for each in entries if each.backup_id == choice.backup_id]
        if not found:
            raise RefusedError(
                f"There is no backup {choice.backup_id} of {title}. Choose one that backup_info lists, or see what was "
                "removed there."
            )
        return found[0]
    candidates = _candidates(entries, choice)
    if not candidates:
        when = f" before {to_iso(choice.before)}" if choice.before else ""
        raise RefusedError(
            f"There is no backup of {title}{when}. See with backup_info what there is, and name the stack, the repository "
            "and the time as they are there."
        )
    return candidates[0]


def require_known(entry: Entry, title: str, advice: str = "") -> None:
    """Refuse to judge a backup that cannot be looked at just now.

    :param title: whose backup it is, for messages.
    :raises RepositoryError: that says nothing about the backup.
    """
    if entry.unknown is not None:
        raise RepositoryError(
            f"Backup {entry.backup_id} of {title} cannot be looked at just now: {entry.unknown} It may be whole. Mend what "
            f"is in the way, and try again.{advice}"
        )


def choose(entries: Sequence[Entry], choice: Choice, title: str) -> Manifest:
    """Return the manifest of the backup that ``choice`` means and that a restore may rely on.

    A damaged, unknown or unrecoverable backup is never passed over in silence: the next older one holds less than the
    user expects, so that choice is theirs. Named by its id, an unrecoverable or unverified one is taken at their word.

    :raises RefusedError: if there is none such.
    :raises DamagedError: if the one meant cannot be relied on; the message names the newest good one.
    :raises RepositoryError: if that cannot be told just now; the message names the newest good one as well.
    """
    entry = find(entries, choice, title)
    by_name = choice.backup_id != LATEST
    older = next((each.backup_id for each in _candidates(entries, choice) if each.good), None)
    advice = f"The newest good one is backup_id: {older}." if older else "There is no good one."
    require_known(entry, title, f" {advice}")
    if entry.manifest is None or entry.problem is not None or not (entry.good or by_name):
        raise DamagedError(f"Backup {entry.backup_id} of {title} cannot be relied on: {_why(entry)} {advice}")
    return entry.manifest


def _candidates(entries: Sequence[Entry], choice: Choice) -> list[Entry]:
    wanted = [each for each in entries if not each.is_safety_copy]
    return [each for each in wanted if choice.before is None or each.time < choice.before]


def _why(entry: Entry) -> str:
    if entry.problem is not None:
        return entry.problem
    if entry.manifest is not None and entry.manifest.unrecoverable is not None:
        return entry.manifest.unrecoverable
    verdict = entry.verdict
    return f"its verification failed: {'; '.join(verdict.problems)}." if verdict else "its state is unknown."
