# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsals so far as a table, and their time to recover as a drawing: places in units of its box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

#: The drawing's box. A column and the gap behind it share the width of one rehearsal.
_WIDTH, _HEIGHT = 600.0, 120.0
_SLOT, _GAP = 60.0, 0.3  # one slot is at most so wide; a part of it is gap
_LEAST = 2.0
# An objective far above everything measured would flatten the columns: it is told then, not drawn.
_VISIBLE = 3.0
_PHASES = ("backup", "verify", "prepare", "restore", "start")
_ALWAYS = ("backup", "verify", "restore")


@dataclass(frozen=True)
class Column:
    """One rehearsal in the drawing; ``kind`` is ``good``, ``bad`` (an objective missed) or ``vain`` (no recovery)."""

    kind: str
    x: str
    y: str
    width: str
    height: str
    title: str


@dataclass(frozen=True)
class Past:
    """One rehearsal in the table; ``phases`` are in the order of the headings."""

    date: str
    kind: str
    outcome: str
    rto: str
    rpo: str
    phases: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """The drawing and the table, newest row first. ``objective`` is the height of its line (empty: it is not drawn)."""

    box: str
    columns: tuple[Column, ...]
    objective: str
    caption: str
    headings: tuple[str, ...]
    rows: tuple[Past, ...]


def progress(history: Sequence[Mapping[str, Any]], words: Words) -> Progress | None:
    """Return what there is to say of ``history`` (rows of :func:`history_row`, oldest first); None: no comparison."""
    if len(history) < 2:
        return None
    phases = [each for each in _PHASES if each in _ALWAYS or any(each in row["phases"] for row in history)]
    measured = [each["rto_seconds"] for each in history if each["rto_seconds"] is not None]
    objective = history[-1]["rto_objective_seconds"]
    most = max(measured, default=0.0) or 1.0
    drawn = objective is not None and objective <= _VISIBLE * most
    top = max(most, objective) if drawn else most
    slot = min(_SLOT, _WIDTH / len(history))
    columns = tuple(_column(number, each, slot, top, words) for number, each in enumerate(history))
    return Progress(
        f"0 0 {slot * len(history):.2f} {_HEIGHT:.2f}",
        columns,
        f"{_HEIGHT * (1 - objective / top):.2f}" if drawn else "",
        _caption(most, objective, drawn=drawn, words=words),
        tuple(words.say(f"past_{each}") for each in phases),
        tuple(_past(each, phases, words) for each in reversed(history)),
    )


def _column(number: int, row: Mapping[str, Any], slot: float, top: float, words: Words) -> Column:
    seconds = row["rto_seconds"]
    height = _HEIGHT if seconds is None else max(_LEAST, _HEIGHT * seconds / top)
    told = words.say("past_failed") if seconds is None else words.duration(seconds)
    return Column(
        _kind(row),
        f"{slot * (number + _GAP / 2):.2f}",
        f"{_HEIGHT - height:.2f}",
        f"{slot * (1 - _GAP):.2f}",
        f"{height:.2f}",
        f"{_date(row, words)}: {told}",
    )


def _caption(most: float, objective: float | None, *, drawn: bool, words: Words) -> str:
    text = words.say("past_caption", most=words.duration(most))
    if objective is None:
        return text
    key = "past_objective_line" if drawn else "past_objective_far"
    return f"{text} {words.say(key, objective=words.duration(objective))}"


def _past(row: Mapping[str, Any], headings: Sequence[str], words: Words) -> Past:
    phases = tuple(_duration(row["phases"].get(each), words) for each in headings)
    outcome = words.say(f"past_{row['state']}") if row["state"] == "failed" else _met(row, words)
    return Past(
        from_iso(row["ended"]).date().isoformat() if row["ended"] else words.say("unknown"),
        _kind(row),
        outcome,
        _duration(row["rto_seconds"], words),
        _duration(row["rpo_seconds"], words),
        phases,
    )


def _met(row: Mapping[str, Any], words: Words) -> str:
    return words.say({True: "past_met", False: "past_missed"}.get(row["met"], "past_none"))


def _kind(row: Mapping[str, Any]) -> str:
    if row["state"] == "failed":
        return "vain"
    return "bad" if row["met"] is False else "good"


def _duration(seconds: float | None, words: Words) -> str:
    return "—" if seconds is None else words.duration(seconds)


def _date(row: Mapping[str, Any], words: Words) -> str:
    return words.date(from_iso(row["ended"])) if row["ended"] else words.say("unknown")
