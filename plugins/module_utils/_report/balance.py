# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was lost and what came back, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._report.proofs import Change
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Outcome, Rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening

_SHOWN = 8


@dataclass(frozen=True)
class Entry:
    """What is told of one source: ``parts`` in words, and ``details``, names with numbers."""

    source: str
    parts: tuple[str, ...]
    details: tuple[tuple[str, str], ...] = ()
    more: str = ""

    @property
    def line(self) -> str:
        """All parts as one."""
        return ", ".join(self.parts)


@dataclass(frozen=True)
class Balance:
    """One side of the balance. Without entries, ``note`` says why there are none."""

    entries: tuple[Entry, ...]
    note: str = ""


def lost(rehearsal: Rehearsal, words: Words) -> Balance:
    """Return what the disaster cost."""
    if rehearsal.scratch:
        return Balance((), words.say("lost_scratch_note"))
    if rehearsal.record.disaster_at is None:
        return Balance((), words.say("lost_no_disaster"))
    return Balance(tuple(_loss(each, words) for each in rehearsal.outcomes), words.say("lost_note"))


def back(rehearsal: Rehearsal, words: Words) -> Balance:
    """Return what came back and is proven."""
    entries = tuple(_gain(each, words) for each in rehearsal.outcomes if each.proven)
    return Balance(entries, "" if entries else words.say("back_nothing"))


def _loss(outcome: Outcome, words: Words) -> Entry:
    source = opening(words.source(outcome.record.source))
    if not outcome.proven:
        return Entry(source, (words.say("lost_all"),))
    if outcome.changes is None:
        return Entry(source, (words.say("lost_unknown"),))
    if outcome.record.source == "database":
        return _lost_rows(source, outcome.changes, words)
    parts = [words.count(each.id, each.lost) for each in outcome.changes if each.lost]
    parts += [_undone(each.id, each.undone, words) for each in outcome.changes if each.undone]
    return Entry(source, tuple(parts) or (words.say("lost_nothing"),))


def _lost_rows(source: str, changes: tuple[Change, ...], words: Words) -> Entry:
    losses = sorted((each for each in changes if each.lost), key=lambda each: -each.lost)
    rows = words.count("rows", sum(each.lost for each in losses))
    parts = [words.say("rows_in_tables", rows=rows, tables=words.count("tables", len(losses)))] if losses else []
    undone = sum(each.undone for each in changes)
    parts += [_undone("rows", undone, words)] if undone else []
    hidden = len(losses) - _SHOWN
    return Entry(
        source,
        tuple(parts) or (words.say("lost_nothing"),),
        tuple((each.id, words.number(each.lost)) for each in losses[:_SHOWN]),
        words.count("more_messages", hidden) if hidden > 0 else "",
    )


def _undone(kind: str, number: int, words: Words) -> str:
    return words.count("undone", number, things=words.count(kind, number))


def _gain(outcome: Outcome, words: Words) -> Entry:
    parts = _database_parts if outcome.record.source == "database" else _n8n_parts
    size = outcome.record.content_bytes
    told = (*parts(outcome, words), *(() if size is None else (words.say("back_size", size=words.size(size)),)))
    return Entry(opening(words.source(outcome.record.source)), told)


def _database_parts(outcome: Outcome, words: Words) -> Iterator[str]:
    content = outcome.content
    rows, tables = words.count("rows", content.rows), words.count("tables", len(content.tables))
    yield words.say("rows_in_tables", rows=rows, tables=tables)


def _n8n_parts(outcome: Outcome, words: Words) -> Iterator[str]:
    found = outcome.content.found
    workflows, active = found("workflows_total"), found("workflows_active")
    if workflows is not None:
        text = words.count("workflows", workflows)
        yield text if active is None else f"{text} ({words.count('back_active', active)})"
    credentials, decryptable = found("credentials_total"), found("credentials_decryptable")
    if credentials is not None:
        text = words.count("credentials", credentials)
        yield f"{text} ({_decrypt(credentials, decryptable or 0, words)})" if credentials else text
    for name in ("executions", "files"):
        number = found(f"{name}_count")
        if number is not None:
            yield words.count(name, number)


def _decrypt(credentials: int, decryptable: int, words: Words) -> str:
    if credentials == decryptable:
        return words.count("back_decrypt_all", credentials)
    return words.count("back_decrypt_some", decryptable)
