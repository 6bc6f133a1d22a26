# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action recovery_journal does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.journal import (
    OUTCOMES,
    JournalStore,
    begin,
    done_phases,
    hold,
    mark,
)
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.summary import recovery_record

ARGUMENTS: dict[str, dict[str, Any]] = {
    "folder": {"type": "path", "required": True},
    "stack": {"type": "str", "required": True},
    "kind": {"type": "str", "default": "rebuild"},
    "action": {"type": "str", "choices": ["read", "open", "mark", "finish"], "required": True},
    "fresh": {"type": "bool", "default": False},
    "phase": {"type": "str"},
    "outcome": {"type": "str", "choices": list(OUTCOMES)},
    "facts": {"type": "dict", "default": {}},
}


@dataclass(frozen=True)
class JournalOptions:
    """What the user asked for; see the documentation of ``recovery_journal``."""

    folder: str
    stack: str
    kind: str
    action: str
    fresh: bool
    phase: str | None
    outcome: str | None
    facts: Mapping[str, Any]


def keep(options: JournalOptions, *, pid: int, check_mode: bool) -> dict[str, Any]:
    """Do what the options say with the stack's journal, and return the result.

    :param pid: the process that conducts the recovery.
    :raises OpsError: if it cannot be read or written, or another process holds it.
    """
    store = JournalStore(options.folder, options.stack)
    old = store.read()
    if old is None and check_mode and options.action != "read":
        old = begin(options.kind, pid)  # what opening it would have written
    new = _next(options, old, pid)
    if new is not None and new != old and not check_mode:
        store.write(new)
    return _result(new)


def _next(options: JournalOptions, old: Mapping[str, Any] | None, pid: int) -> Mapping[str, Any] | None:
    if options.action == "read":
        return old
    # A fresh one, too, takes the place of the one that is there.
    held = None if old is None else hold(old, pid)
    if options.action == "open":
        return begin(options.kind, pid) if held is None or options.fresh else held
    if held is None:
        raise RefusedError(f"There is no journal of {options.stack} in {options.folder}: open it first.")
    if options.action == "finish":
        return {**held, "finished": held["finished"] or to_iso(now())}
    if options.phase is None or options.outcome is None:
        raise RefusedError("To mark a phase, give phase and outcome.")
    return mark(held, options.phase, options.outcome, options.facts, now())


def _result(journal: Mapping[str, Any] | None) -> dict[str, Any]:
    """The journal is about the run, not of the managed host: none of this counts as a change."""
    found: dict[str, Any] = {"changed": False, "journal": journal, "done": [], "record": None}
    if journal is not None:
        found["done"] = done_phases(journal)
        found["record"] = recovery_record(journal) if journal["finished"] else None
    return found
