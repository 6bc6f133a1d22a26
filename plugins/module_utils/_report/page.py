# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a rehearsal, as all that its template writes: words in their language, and states for its colours.

The states are ``good``, ``bad`` and ``plain``: whatever is unknown is never good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report.balance import Balance, back, lost
from ansible_collections.chatbot.ops.plugins.module_utils._report.comparison import Comparison, comparisons
from ansible_collections.chatbot.ops.plugins.module_utils._report.course import Bar, Ribbon, bars, ribbon
from ansible_collections.chatbot.ops.plugins.module_utils._report.progress import Progress, progress
from ansible_collections.chatbot.ops.plugins.module_utils._report.record import SourceRecord
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Measure, Outcome, Rehearsal, judge
from ansible_collections.chatbot.ops.plugins.module_utils._report.verdict import (
    Notice,
    headline,
    lede,
    notices,
    proof_value,
    remarks,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening

#: What stands on every page, as it is.
_LABELS = (
    *("kicker", "problems", "figures", "course", "hand", "hand_note", "backups", "glossary"),
    *("table", "digest", "in_backup", "after_restore", "result", "aspect"),
    *("past", "past_note", "past_date", "past_outcome", "rto", "rpo"),
)
#: What stands for a value that nobody knows.
UNKNOWN = "—"


@dataclass(frozen=True)
class Figure:
    """One of the four numbers."""

    label: str
    value: str
    note: str
    state: str
    abbreviation: str = ""
    objective: str = ""


@dataclass(frozen=True)
class Backup:
    """One backup: its facts by their names, and how much of its content's size it takes (percent; empty: unknown)."""

    source: str
    backup_id: str
    share: str
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Recovery:
    """The commands that open a backup by hand."""

    source: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """All that the template writes."""

    language: str
    state: str
    title: str
    place: str
    headline: str
    lede: str
    date: str
    run: str
    notices: tuple[Notice, ...]
    figures: tuple[Figure, ...]
    ribbon: Ribbon | None
    bars: tuple[Bar, ...]
    past: Progress | None
    lost_title: str
    lost: Balance
    back_title: str
    back: Balance
    comparisons: tuple[Comparison, ...]
    backups: tuple[Backup, ...]
    recoveries: tuple[Recovery, ...]
    repository: str
    labels: dict[str, str]


def page_values(document: Any, history: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the page about the rehearsal in ``document`` (see :func:`judge`) as dictionaries, lists and texts.

    :param history: rows of all rehearsals to compare it with (see :func:`history_row`), oldest first, itself included.

    :raises RefusedError: if it is no such document.
    """
    rehearsal = judge(document)
    record, words = rehearsal.record, Words(rehearsal.record.language)
    suffix = "_scratch" if rehearsal.scratch else ""
    return asdict(
        Page(
            language=words.language,
            state=rehearsal.state,
            title=_title(rehearsal, words),
            place=place(rehearsal, words),
            headline=headline(rehearsal, words),
            lede=lede(rehearsal, words),
            date=words.date(record.started) if record.started else "",
            run=_run(record.started, record.ended, words),
            notices=(*notices(rehearsal, words), *remarks(rehearsal, words)),
            figures=figures(rehearsal, words),
            ribbon=ribbon(rehearsal, words),
            bars=bars(rehearsal, words),
            past=progress(history, words),
            lost_title=words.say(f"lost{suffix}"),
            lost=lost(rehearsal, words),
            back_title=words.say(f"back{suffix}"),
            back=back(rehearsal, words),
            comparisons=comparisons(rehearsal, words),
            backups=tuple(
                _backup(each.record, words, scratch=rehearsal.scratch)
                for each in rehearsal.outcomes
                if each.record.backup_id
            ),
            recoveries=tuple(_recovery(each, words) for each in rehearsal.outcomes if each.record.recovery),
            repository=words.say("repository", repository=record.repository) if record.repository else "",
            labels={name: words.say(name) for name in _LABELS},
        )
    )


def place(rehearsal: Rehearsal, words: Words) -> str:
    """Return which stack it is, and where."""
    record = rehearsal.record
    return words.say("place", stack=record.stack, host=record.host) if record.host else record.stack


def figures(rehearsal: Rehearsal, words: Words) -> tuple[Figure, ...]:
    """Return time to recover, data lost, downtime and proof, in this order."""
    suffix = "_scratch" if rehearsal.scratch else ""
    return (
        _measure(rehearsal, rehearsal.rto, "RTO", words.say("rto"), words.say(_rto_note(rehearsal)), words),
        _measure(rehearsal, rehearsal.rpo, "RPO", words.say(f"rpo{suffix}"), words.say(f"rpo_note{suffix}"), words),
        _downtime(rehearsal.downtime_seconds, words),
        _proof(rehearsal, words),
    )


def _rto_note(rehearsal: Rehearsal) -> str:
    return "rto_note_isolated" if rehearsal.isolated else "rto_note_scratch" if rehearsal.scratch else "rto_note"


def _measure(rehearsal: Rehearsal, measure: Measure, abbreviation: str, label: str, note: str, words: Words) -> Figure:
    objective = ""
    if measure.objective is not None:
        key = "objective_missed" if measure.missed else "objective_met"
        objective = words.say(key, value=words.duration(measure.objective))
    value = UNKNOWN if measure.seconds is None else words.duration(measure.seconds)
    told = note if rehearsal.recovered else words.say("proof_missing")
    return Figure(label, value, told, _state(rehearsal, measure), abbreviation, objective)


def _state(rehearsal: Rehearsal, measure: Measure) -> str:
    if measure.missed or not rehearsal.recovered:
        return "bad"
    return "plain" if measure.objective is None else "good"


def _downtime(seconds: float | None, words: Words) -> Figure:
    label = words.say("downtime")
    if seconds is None:
        return Figure(label, UNKNOWN, words.say("unknown"), "plain")
    return Figure(label, words.duration(seconds), words.say("downtime_note" if seconds else "downtime_none"), "plain")


def _proof(rehearsal: Rehearsal, words: Words) -> Figure:
    parts: list[str] = []
    for outcome in rehearsal.outcomes:
        if outcome.content.tables:
            parts.append(words.count("tables", len(outcome.content.tables)))
        for name in ("workflows", "credentials"):
            number = outcome.content.found(f"{name}_total")
            if number is not None:
                parts.append(words.count(name, number))
    note = words.listed(parts) if rehearsal.recovered else words.say("proof_missing")
    return Figure(words.say("proof"), proof_value(rehearsal, words), note, "good" if rehearsal.recovered else "bad")


def _title(rehearsal: Rehearsal, words: Words) -> str:
    started = rehearsal.record.started
    date = words.date(started) if started else words.say("unknown")
    return words.say("title", stack=rehearsal.record.stack, date=date)


def _run(started: datetime | None, ended: datetime | None, words: Words) -> str:
    if started is None or ended is None:
        return ""
    return words.say("run", date=words.date(started), started=words.clock(started), ended=words.clock(ended))


def _backup(source: SourceRecord, words: Words, *, scratch: bool) -> Backup:
    known = source.content_bytes and source.stored_bytes is not None
    share = min(100.0, 100 * (source.stored_bytes or 0) / (source.content_bytes or 1))
    return Backup(
        opening(words.source(source.source)),
        source.backup_id or "",
        f"{share:.1f}" if known else "",
        tuple(_facts(source, words, scratch=scratch)),
    )


def _facts(source: SourceRecord, words: Words, *, scratch: bool) -> Iterator[tuple[str, str, str]]:
    """Yield (name, value, state) of what is known of a backup."""
    if source.taken is not None:
        yield words.say("backup_taken"), words.instant(source.taken), "plain"
    if source.content_bytes is not None and source.stored_bytes is not None:
        yield words.say("backup_size"), _size(source.content_bytes, source.stored_bytes, words), "plain"
    if source.backup_seconds is not None:
        yield words.say("backup_took"), words.duration(source.backup_seconds), "plain"
    if not scratch:  # there, the verification is the restore
        yield (words.say("backup_verified"), *_verified(source, words))
    if source.restore_seconds is not None:
        yield words.say("backup_restored"), words.duration(source.restore_seconds), "plain"
    if source.previous is not None:
        yield words.say("backup_previous"), source.previous, "code"


def _size(content: float, stored: float, words: Words) -> str:
    text = words.say("backup_size_value", content=words.size(content), stored=words.size(stored))
    if not stored or content / stored < 1.05:
        return text
    return f"{text} ({words.say('backup_ratio', ratio=words.number(content / stored, 1))})"


def _verified(source: SourceRecord, words: Words) -> tuple[str, str]:
    if source.verified is None:
        return words.say("verified_never"), "plain"
    if not source.verified.passed:
        return words.say("verified_no"), "bad"
    seconds = source.verified.seconds
    duration = words.say("unknown") if seconds is None else words.duration(seconds)
    return words.say("verified_yes", duration=duration), "good"


def _recovery(outcome: Outcome, words: Words) -> Recovery:
    return Recovery(opening(words.source(outcome.record.source)), outcome.record.recovery)
