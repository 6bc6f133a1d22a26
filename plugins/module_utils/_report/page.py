# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal as the values that its page shows, in words; the template only places them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report import balance, summary
from ansible_collections.chatbot.ops.plugins.module_utils._report.proofs import Aspect, Table
from ansible_collections.chatbot.ops.plugins.module_utils._report.record import SourceRecord
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Measure, Rehearsal, judge
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening


def page_values(record: Any) -> dict[str, Any]:
    """Return the values of the page (strings, lists and dictionaries).

    :raises RefusedError: if ``record`` is none of a rehearsal.
    """
    rehearsal = judge(record)
    words = Words(rehearsal.record.language)
    return {
        "language": words.language,
        "texts": TEXTS[words.language],
        "state": rehearsal.state,
        "scratch": rehearsal.scratch,
        "stack": rehearsal.record.stack,
        "host": rehearsal.record.host,
        "date": "" if rehearsal.record.started is None else words.instant(rehearsal.record.started),
        "headline": words.say(_headline(rehearsal)),
        "figures": _figures(rehearsal, words),
        "problems": [_problem(rehearsal, each, words) for each in rehearsal.problems],
        "phases": _phases(rehearsal, words),
        "lost": asdict(balance.lost(rehearsal, words)),
        "back": asdict(balance.back(rehearsal, words)),
        "tables": [_table(each, words) for outcome in rehearsal.outcomes for each in outcome.content.tables],
        "aspects": [
            _aspect(each, words)
            for outcome in rehearsal.outcomes
            if outcome.record.source == "n8n"
            for each in outcome.content.aspects
        ],
        "backups": [_backup(each.record, words) for each in rehearsal.outcomes],
    }


def _headline(rehearsal: Rehearsal) -> str:
    if rehearsal.state == "proven":
        return "headline_scratch" if rehearsal.scratch else "headline_proven"
    if rehearsal.state == "flawed":
        return "headline_flawed_scratch" if rehearsal.scratch else "headline_flawed"
    return "headline_failed"


def _figures(rehearsal: Rehearsal, words: Words) -> list[dict[str, Any]]:
    scratch = "_scratch" if rehearsal.scratch else ""
    downtime = rehearsal.downtime_seconds
    return [
        _figure("RTO", rehearsal.rto, words.say("rto"), words.say(f"rto_note{scratch}"), words),
        _figure("RPO", rehearsal.rpo, words.say(f"rpo{scratch}"), words.say(f"rpo_note{scratch}"), words),
        {
            "name": words.say("downtime"),
            "value": words.say("unknown") if downtime is None else words.duration(downtime),
            "note": words.say("downtime_none" if downtime == 0 else "downtime_note"),
            "good": downtime == 0,
        },
        {
            "name": words.say("proof"),
            "value": summary.proof(rehearsal, words),
            "note": "",
            "good": rehearsal.recovered,
        },
    ]


def _figure(short: str, measure: Measure, name: str, note: str, words: Words) -> dict[str, Any]:
    objective = ""
    if measure.objective is not None:
        key = "objective_missed" if measure.missed else "objective_met"
        objective = words.say(key, value=words.duration(measure.objective))
    return {
        "name": f"{name} ({short})",
        "value": words.say("unknown") if measure.seconds is None else words.duration(measure.seconds),
        "note": ". ".join(each for each in (note, objective) if each),
        "good": measure.seconds is not None and not measure.missed,
    }


def _problem(rehearsal: Rehearsal, problem: Any, words: Words) -> dict[str, Any]:
    text = summary.problem_text(rehearsal, problem, words)
    return {"text": text, "messages": list(problem.messages), "grave": problem.grave}


def _phases(rehearsal: Rehearsal, words: Words) -> list[dict[str, Any]]:
    longest = max((each.seconds or 0.0 for each in rehearsal.record.phases), default=0.0) or 1.0
    return [
        {
            "name": words.say(f"phase_{each.id}") if words.known(f"phase_{each.id}") else each.id,
            "duration": words.say("phase_unfinished") if each.seconds is None else words.duration(each.seconds),
            "share": round(100 * (each.seconds or 0.0) / longest, 1),
            "id": each.id,
        }
        for each in rehearsal.record.phases
    ]


def _table(table: Table, words: Words) -> dict[str, Any]:
    return {
        "name": table.name,
        "claimed": "-" if table.claimed is None else words.number(table.claimed),
        "found": words.say("absent") if table.found is None else words.number(table.found),
        "digest": table.digest,
        "result": words.say("same" if table.same else "different"),
        "same": table.same,
    }


def _aspect(aspect: Aspect, words: Words) -> dict[str, Any]:
    def shown(value: Any) -> str:
        if value is None:
            return "-"
        if isinstance(value, int):
            return words.size(value) if aspect.id == "files_bytes" else words.number(value)
        return str(value)

    return {
        "name": words.say(aspect.id) if words.known(aspect.id) else aspect.id,
        "claimed": shown(aspect.claimed),
        "found": shown(aspect.found),
        "result": words.say("same" if aspect.same else "different"),
        "same": aspect.same,
    }


def _backup(record: SourceRecord, words: Words) -> dict[str, Any]:
    facts = []
    if record.taken is not None:
        facts.append((words.say("backup_taken"), words.instant(record.taken)))
    if record.content_bytes and record.stored_bytes:
        sizes = {"content": words.size(record.content_bytes), "stored": words.size(record.stored_bytes)}
        facts.append((words.say("backup_size"), words.say("backup_size_value", **sizes)))
    if record.backup_seconds is not None:
        facts.append((words.say("backup_took"), words.duration(record.backup_seconds)))
    if record.restore_seconds is not None:
        facts.append((words.say("backup_restored"), words.duration(record.restore_seconds)))
    if record.previous is not None:
        facts.append((words.say("backup_previous"), record.previous))
    return {
        "source": opening(words.source(record.source)),
        "id": record.backup_id or "-",
        "facts": facts,
        "recovery": list(record.recovery),
    }
