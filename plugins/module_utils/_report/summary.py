# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal in a few lines, for the terminal of a tired person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._report import balance
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Measure, Rehearsal, judge
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening

WIDTH = 78


def summary_lines(record: Any) -> list[str]:
    """Return the lines, at most :data:`WIDTH` characters each.

    :raises RefusedError: if ``record`` is none of a rehearsal.
    """
    rehearsal = judge(record)
    words = Words(rehearsal.record.language)
    rows = list(_rows(rehearsal, words))
    column = max(len(label) for label, _text in rows) + 2
    lines = [f"{rehearsal.record.stack}: {words.say(_verdict(rehearsal))}", ""]
    for label, text in rows:
        wrapped = textwrap.wrap(plain(text), WIDTH - column) or [""]
        lines.append(label.ljust(column) + wrapped[0])
        lines.extend(" " * column + rest for rest in wrapped[1:])
    return lines


def _verdict(rehearsal: Rehearsal) -> str:
    if not rehearsal.recovered:
        return "summary_failed"
    if rehearsal.state != "proven":
        return "summary_flawed"
    return "summary_scratch" if rehearsal.scratch else "summary_proven"


def _rows(rehearsal: Rehearsal, words: Words) -> Iterator[tuple[str, str]]:
    yield words.say("summary_lost"), _balance(balance.lost(rehearsal, words))
    back = words.say("summary_back_scratch" if rehearsal.scratch else "summary_back")
    yield back, _balance(balance.back(rehearsal, words))
    yield "RTO", measured(rehearsal.rto, words)
    yield "RPO", measured(rehearsal.rpo, words)
    yield words.say("downtime"), downtime(rehearsal, words)
    yield words.say("proof"), proof(rehearsal, words)
    for problem in rehearsal.problems:
        yield words.say("summary_problem"), " ".join([problem_text(rehearsal, problem, words), *problem.messages[:2]])


def _balance(side: balance.Balance) -> str:
    entries = "; ".join(f"{each.source}: {each.line}" for each in side.entries)
    return entries or side.note


def measured(measure: Measure, words: Words) -> str:
    """Return a measured span beside its objective."""
    if measure.seconds is None:
        return words.say("unknown")
    value = words.duration(measure.seconds)
    if measure.objective is None:
        return value
    key = "objective_missed" if measure.missed else "objective_met"
    return f"{value} ({words.say(key, value=words.duration(measure.objective))})"


def downtime(rehearsal: Rehearsal, words: Words) -> str:
    """Return for how long the backup stopped anything."""
    if rehearsal.downtime_seconds is None:
        return words.say("unknown")
    if rehearsal.downtime_seconds == 0:
        return f"{words.duration(0)} ({words.say('downtime_none')})"
    return words.duration(rehearsal.downtime_seconds)


def proof(rehearsal: Rehearsal, words: Words) -> str:
    """Return what the comparison with the backups found."""
    proofs = [each.record.proof for each in rehearsal.outcomes]
    if not proofs or any(each is None for each in proofs):
        return words.say("proof_missing")
    unequal = sum(len(each.differences) or int(not each.equal) for each in proofs if each is not None)
    if unequal:
        return words.count("proof_unequal", unequal)
    return words.say("proof_equal" if rehearsal.recovered else "proof_missing")


def problem_text(rehearsal: Rehearsal, problem: Any, words: Words) -> str:
    """Return what is wrong, in one sentence."""
    measure = rehearsal.rto if problem.key == "problem_rto" else rehearsal.rpo
    values = {
        "source": opening(words.source(problem.source or "")),
        "value": words.say("unknown") if measure.seconds is None else words.duration(measure.seconds),
        "objective": words.say("unknown") if measure.objective is None else words.duration(measure.objective),
    }
    outcome = next((each for each in rehearsal.outcomes if each.record.source == problem.source), None)
    if outcome is not None:
        total = outcome.content.found("credentials_total") or 0
        values["total"] = words.number(total)
        values["lost"] = words.number(total - (outcome.content.found("credentials_decryptable") or 0))
    return words.say(problem.key, **values)
