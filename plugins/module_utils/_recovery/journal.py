# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a recovery: which phases are done, so that a run that failed goes on where it stopped.

It is a file on the controller, one for each stack, beside the finished ones of earlier recoveries.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, now, to_iso

OUTCOMES = ("begun", "done", "failed")


class JournalStore:
    """The journals of one stack's recoveries in a folder, which is made if it is missing."""

    def __init__(self, folder: str, stack: str) -> None:
        if not stack or "/" in stack or stack.startswith("."):
            raise RefusedError(f"{stack!r} is no name of a stack: its journal's file is called so.")
        self._folder, self._path = folder, os.path.join(folder, f"{stack}.json")

    def read(self) -> dict[str, Any] | None:
        """Return the present journal; None if there is none.

        :raises OpsError: if it cannot be read.
        """
        try:
            with open(self._path, encoding="utf-8") as stream:
                document: dict[str, Any] = json.load(stream)
                return document
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise OpsError(
                f"Failed to read the journal {self._path}: {error}. If what it tells is not needed, move it away: the next "
                "run begins at the first phase."
            ) from error

    def write(self, journal: Mapping[str, Any]) -> None:
        """Put ``journal`` in the place of the present one. A finished one of another recovery is kept beside.

        :raises OpsError: if it cannot be written; the old one is there then.
        """
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            old = self.read()
            if old is not None and old["id"] != journal["id"]:
                os.replace(self._path, f"{self._path[: -len('.json')]}-{old['id']}.json")
            write_file(self._path, (json.dumps(journal, indent=2) + "\n").encode(), replace=True)
        except OSError as error:
            raise OpsError(f"Failed to write the journal {self._path}: {error.strerror}.") from error


def begin(kind: str, pid: int) -> dict[str, Any]:
    """Return the journal of a recovery that begins.

    :param kind: what is recovered, such as ``rebuild``.
    :param pid: the process that conducts it.
    """
    instant = now()
    return {
        "id": f"{instant:%Y%m%dT%H%M%SZ}-{kind}-{secrets.token_hex(2)}",
        "begun": to_iso(instant),
        "finished": None,
        "holder": _holder(pid),
        "facts": {},
        "phases": [],
    }


def hold(journal: Mapping[str, Any], pid: int) -> dict[str, Any]:
    """Return ``journal`` as that of the process ``pid``, which goes on with it.

    :raises BusyError: if another process of this machine is at it.
    """
    holder = journal["holder"]
    mine = _holder(pid)
    if holder != mine and holder["machine"] == mine["machine"] and _holder(holder["pid"]) == holder:
        raise BusyError(
            f"The recovery {journal['id']} is under way: process {holder['pid']} of this machine conducts it. Wait for its "
            "end, or end it."
        )
    return {**journal, "holder": mine}


def mark(
    journal: Mapping[str, Any], phase: str, outcome: str, facts: Mapping[str, Any], instant: datetime
) -> dict[str, Any]:
    """Return ``journal`` with what became of ``phase`` at ``instant``, and what was learnt. Pure."""
    entry = {"phase": phase, "outcome": outcome, "at": to_iso(instant)}
    return {**journal, "facts": {**journal["facts"], **facts}, "phases": [*journal["phases"], entry]}


def done_phases(journal: Mapping[str, Any]) -> list[str]:
    """Return the phases that were done, in their order. Pure."""
    return [each["phase"] for each in journal["phases"] if each["outcome"] == "done"]


def phase_seconds(journal: Mapping[str, Any]) -> dict[str, float]:
    """Return how long each phase took, over all attempts at it. Pure."""
    spent: dict[str, float] = {}
    begun: dict[str, datetime] = {}
    for each in journal["phases"]:
        at = from_iso(each["at"])
        if each["outcome"] == "begun":
            begun[each["phase"]] = at
        elif each["phase"] in begun:
            seconds = (at - begun.pop(each["phase"])).total_seconds()
            spent[each["phase"]] = round(spent.get(each["phase"], 0.0) + seconds, 1)
    return spent


def _holder(pid: int) -> dict[str, Any]:
    return {"machine": _machine(), "pid": pid, "started": _started(pid)}


def _machine() -> str:
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return f"{socket.gethostname()} {stream.read().strip()}"
    except OSError:
        return socket.gethostname()


def _started(pid: int) -> str | None:
    """Return what tells the process from a later one of the same number; None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
