# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads what the jobs of a stack left on this host, and judges it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.judge import Found, judge
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import (
    STACK_LOCK,
    is_held,
    lock_file,
    read_json,
    state_file,
)

FOLDER = "/etc/chatbot-ops/schedule"
SCHEDULE_ARGUMENTS = {
    "stack": {"type": "str", "required": True},
    "folder": {"type": "path", "default": FOLDER},
    "language": {"type": "str", "choices": ["en", "es"], "default": "en"},
}


@dataclass(frozen=True)
class Look:
    """Whose jobs are looked at, where their descriptions are, and the language of what is told."""

    stack: str
    folder: str
    language: str

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Look:
        """Return the look that a module's ``params`` ask for."""
        return cls(params["stack"], params["folder"], params["language"])


def look(asked: Look) -> dict[str, Any]:
    """Return the jobs of a stack and the checks of them.

    :raises RefusedError: if the folder may not be read.
    """
    found = list(_found(os.path.join(asked.folder, asked.stack)))
    checks = judge(asked.stack, found, now(), asked.language)
    return {"jobs": [_told(each) for each in found], "checks": [check.to_document() for check in checks]}


def _found(folder: str) -> Iterator[Found]:
    try:
        names = sorted(name[: -len(".json")] for name in os.listdir(folder) if name.endswith(".json"))
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise RefusedError(f"Failed to read {folder}: {error.strerror}. Ask as root (become).") from error
    for name in names:
        yield _job(name, os.path.join(folder, f"{name}.json"))


def _job(name: str, path: str) -> Found:
    since = now()
    try:
        since = datetime.fromtimestamp(os.path.getmtime(path), timezone.utc)
        job = read_json(path)
        state = read_json(state_file(job))
        _require_owner(job, path)
        timer = _timer(job["unit"]) if job["unit"] else None
        return Found(name, job, state, since, running=is_held(lock_file(job)), timer=timer)
    except (OSError, ValueError, KeyError, ToolError) as error:
        return Found(name, {}, {}, since, problem=f"{path} or its state cannot be read ({error})")


def _require_owner(job: dict[str, Any], path: str) -> None:
    """Refuse what the job's own user cannot use, though we, who are root, can: what a run by another user has left.

    :raises PermissionError: naming it.
    """
    owner = os.stat(path).st_uid
    for each in (state_file(job), lock_file(job), lock_file(job, STACK_LOCK)):
        with contextlib.suppress(FileNotFoundError):
            if owner not in (0, os.stat(each).st_uid):
                raise PermissionError(f"{each} belongs to another user than the one that runs the job")


def _timer(unit: str) -> str:
    """Return the state of the timer ``unit`` as systemd tells it, or why it does not."""
    command = (find_program("systemctl"), "show", "--property=ActiveState", "--value", "--", f"{unit}.timer")
    return run_command(Command(command)).strip() or "systemd says nothing of it"


def _told(found: Found) -> dict[str, Any]:
    job, state = found.job, found.state
    return {
        "name": found.name,
        "playbook": job.get("playbook"),
        "backend": job.get("backend"),
        "calendar": job.get("calendar") or job.get("cron"),
        "unit": job.get("unit") or None,
        "running": found.running,
        "last_run": state.get("started"),
        "last_end": state.get("ended"),
        "last_success": state.get("succeeded"),
        "exit_status": state.get("exit_status"),
        "skipped": state.get("skipped"),
        "log": job.get("log"),
        "problem": found.problem,
    }
