# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proofs as tables for people: what was in the backup, what is there after the restore."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._report.proofs import Aspect, Table, Value
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Outcome, Rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_DIGEST = 12  # enough characters to compare two reports by eye
_DIGESTS = ("key_fingerprint",)


@dataclass(frozen=True)
class Row:
    """One thing, claimed and found; ``digest`` only where there is one."""

    name: str
    claimed: str
    found: str
    same: bool
    result: str
    digest: str = ""


@dataclass(frozen=True)
class Comparison:
    """A table of rows; ``kind`` is ``tables`` (with digests), ``aspects``, or ``inventory`` (numbers only)."""

    kind: str
    title: str
    note: str
    rows: tuple[Row, ...]
    total: Row | None = None


def comparisons(rehearsal: Rehearsal, words: Words) -> tuple[Comparison, ...]:
    """Return a comparison for each part of each proof."""
    return tuple(each for outcome in rehearsal.outcomes for each in _of(outcome, words))


def _of(outcome: Outcome, words: Words) -> Iterator[Comparison]:
    source, content = outcome.record.source, outcome.content
    if content.tables:
        rows = tuple(_table(each, words) for each in content.tables)
        total = _total(content.tables, words)
        yield Comparison("tables", words.say("tables_title"), words.say("tables_note"), rows, total)
    rows = tuple(_aspect(each, words) for each in content.aspects)
    if rows:
        kind = "inventory" if content.tables else "aspects"
        yield Comparison(kind, words.say(f"{source}_title"), words.say(f"{source}_note"), rows)


def _table(table: Table, words: Words) -> Row:
    claimed, found = _text(table.claimed, words), _text(table.found, words)
    return Row(table.name, claimed, found, table.same, _result(table.same, table.found, words), table.digest[:_DIGEST])


def _total(tables: tuple[Table, ...], words: Words) -> Row:
    claimed, found = sum(each.claimed or 0 for each in tables), sum(each.found or 0 for each in tables)
    same = all(each.same for each in tables)
    name = words.say("all_tables")
    return Row(name, words.number(claimed), words.number(found), same, _result(same, found, words))


def _aspect(aspect: Aspect, words: Words) -> Row:
    sides = [_text(each, words, aspect.id) for each in (aspect.claimed, aspect.found)]
    name = words.say(aspect.id)
    return Row(name, sides[0], sides[1], aspect.same, _result(aspect.same, aspect.found, words))


def _text(value: Value, words: Words, name: str = "") -> str:
    if value is None:
        return "—"
    if isinstance(value, str):
        return value[:_DIGEST] if name in _DIGESTS else value
    return words.size(value) if name.endswith("_bytes") else words.number(value)


def _result(same: bool, found: Value, words: Words) -> str:
    return words.say("same" if same else "absent" if found is None else "different")
