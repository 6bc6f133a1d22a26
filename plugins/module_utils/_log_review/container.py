# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container as the keeper of a log: its driver, where the log lies, and how often it had to begin anew. Pure.

The documents are those of ``docker inspect`` (Engine API, ContainerInspect).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import time_key

#: The driver that keeps nothing at all.
NONE = "none"
JSON_FILE = "json-file"
# So soon after its start, a program has written something.
_SOON = timedelta(seconds=60)


@dataclass(frozen=True)
class Logged:
    """One container; times as Docker writes them, ``path`` is empty unless its driver is json-file."""

    id: str
    name: str
    service: str
    driver: str
    options: Mapping[str, str]
    path: str
    created: str
    started: str
    status: str
    health: str | None
    restarts: int
    oom_killed: bool
    exit_code: int
    pid: int

    @property
    def keeps(self) -> int | None:
        """How many files it keeps at most; None if its log is not limited."""
        if not self.options.get("max-size") or self.options["max-size"] == "-1":
            return None
        return int(self.options.get("max-file") or 1)


def read_logged(document: Mapping[str, Any]) -> Logged:
    """Return the container that ``docker inspect`` describes."""
    plain, state = read_container(document), document["State"]
    log = document["HostConfig"].get("LogConfig") or {}
    return Logged(
        id=plain.id,
        name=plain.name,
        service=plain.title,
        driver=log.get("Type", ""),
        options=log.get("Config") or {},
        path=document.get("LogPath") or "",
        created=document.get("Created", ""),
        started=state.get("StartedAt", ""),
        status=plain.status,
        health=plain.health,
        restarts=plain.restarts,
        oom_killed=bool(state.get("OOMKilled")),
        exit_code=int(state.get("ExitCode") or 0),
        pid=plain.pid,
    )


def is_complete(container: Logged, since: str, oldest: str | None, files: int) -> bool:
    """Tell whether the log still holds all that the container wrote since.

    :param since: Comparable to ``oldest``, the time of the oldest line that is kept (None: there is none).
    :param files: how many files there are.
    """
    if oldest is None or container.keeps is None or oldest <= since:
        return True
    # Docker throws the oldest file away when it has as many as it may keep.
    return files < container.keeps


def began_before(container: Logged, since: str, oldest: str | None) -> bool | None:
    """Tell whether a log of which only the time of its oldest line is known still holds all since; None if that is unsure.

    It does if that line is older, or of the time when the container was started. Otherwise, it was silent, or lines are gone.
    """
    if oldest is None or time_key(oldest) <= time_key(since):
        return True
    begins = [each for each in (container.created, container.started) if each and time_key(each) <= time_key(oldest)]
    soon = [from_iso(each[:19] + "Z") + _SOON >= from_iso(oldest[:19] + "Z") for each in begins]
    return True if any(soon) else None
