# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of a number between two looks, as JSON values. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.policy import Allowance, State

VERSION = 1
_LONGEST_HISTORY = 50


@dataclass(frozen=True)
class Memory:
    """The policy's state, and what it led to.

    ``since`` is when the allowance came to be what it is, ``why`` the sentence that was said then; ``target`` is where it
    was written; ``history`` holds what changed, the newest last.
    """

    state: State = field(default_factory=State)
    since: str | None = None
    why: str = ""
    target: str = ""
    history: tuple[Mapping[str, Any], ...] = ()


def recall(text: str, where: str) -> Memory:
    """Return the memory that :func:`to_document` made, from its JSON text; an empty one where there is none yet.

    :raises RefusedError: if it is none: what it held back may not be let go for that.
    """
    if not text:
        return Memory()
    try:
        document = json.loads(text)
        if document["version"] != VERSION:
            raise ValueError(f"its version is {document['version']!r}")
        limit, level, pressure = document["limit"], document["level"], document["pressure"]
        state = State(
            level=max(0, int(level)),
            pressure=max(0, int(pressure)),
            moved=_instant(document["moved"]),
            green_since=_instant(document["green_since"]),
            last_green=_instant(document["last_green"]),
            limit=None if limit is None else int(limit),
            unlimited=bool(document["unlimited"]),
            allowance=_allowance(document["allowance"]),
        )
        history = tuple(dict(each) for each in document["history"])
        return Memory(state, document["since"], str(document["why"]), str(document["target"]), history)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RefusedError(
            f"What is remembered of the number, in {where}, cannot be read ({error!r}). Move the file away to begin anew: "
            "then everything is allowed that its quality and its limit allow now."
        ) from error


def remember(memory: Memory, state: State, action: str, why: str, at: datetime, target: str) -> Memory:
    """Return what is to be remembered after a look at instant ``at``."""
    allowance, before = state.allowance, memory.state.allowance
    if allowance is None or (allowance == before and memory.since is not None):
        return Memory(state, memory.since, memory.why, target if allowance is not None else "", memory.history)
    entry = {
        "at": to_iso(at),
        "action": action,
        "rate": allowance.rate,
        "daily_cap": allowance.daily_cap,
        "why": why,
    }
    return Memory(state, to_iso(at), why, target, (*memory.history, entry)[-_LONGEST_HISTORY:])


def to_document(memory: Memory) -> dict[str, Any]:
    """Return it as JSON values."""
    state = memory.state
    return {
        "version": VERSION,
        "level": state.level,
        "pressure": state.pressure,
        "moved": _text(state.moved),
        "green_since": _text(state.green_since),
        "last_green": _text(state.last_green),
        "limit": state.limit,
        "unlimited": state.unlimited,
        "allowance": allowance_document(state.allowance),
        "since": memory.since,
        "why": memory.why,
        "target": memory.target,
        "history": [dict(each) for each in memory.history],
    }


def allowance_document(allowance: Allowance | None) -> dict[str, Any] | None:
    """Return an allowance as JSON values."""
    return None if allowance is None else {"rate": allowance.rate, "daily_cap": allowance.daily_cap}


def is_news(before: Memory, after: Memory) -> bool:
    """Return whether more has changed than that somebody looked again."""
    return _lasting(before) != _lasting(after)


def _lasting(memory: Memory) -> Sequence[Any]:
    document = to_document(memory)
    return [value for name, value in document.items() if name not in ("last_green", "green_since")]


def _allowance(document: Any) -> Allowance | None:
    if document is None:
        return None
    cap = document["daily_cap"]
    return Allowance(float(document["rate"]), None if cap is None else int(cap))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else from_iso(text)


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else to_iso(instant)
