# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on a rehearsal, in words."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import (
    FAILED,
    FLAWED,
    Measure,
    Problem,
    Rehearsal,
)
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening

_SHOWN = 6


@dataclass(frozen=True)
class Notice:
    """A problem in words. ``messages`` are those of modules and tools, in English whatever the page's language."""

    text: str
    messages: tuple[str, ...] = ()
    more: str = ""
    grave: bool = True


def headline(rehearsal: Rehearsal, words: Words) -> str:
    """Return the verdict in one sentence."""
    if rehearsal.state == FAILED:
        return _failed(rehearsal, words)
    if rehearsal.state == FLAWED:
        return words.say(f"headline_flawed{_suffix(rehearsal)}")
    return words.say(f"headline{_suffix(rehearsal) or '_proven'}")


def lede(rehearsal: Rehearsal, words: Words) -> str:
    """Return what happened, or what to do about it."""
    if rehearsal.rto.seconds is None:
        return words.say("lede_failed")
    names = [each.record.source for each in rehearsal.outcomes]
    stack, duration = rehearsal.record.stack, words.duration(rehearsal.rto.seconds)
    if rehearsal.scratch:
        sources = words.listed([words.source(name) for name in names])
        return words.say(
            "lede_isolated" if rehearsal.isolated else "lede_scratch", stack=stack, sources=sources, duration=duration
        )
    sources = opening(words.sources(names))
    return words.count("lede_disaster", len(names), stack=stack, sources=sources, duration=duration)


def notices(rehearsal: Rehearsal, words: Words) -> tuple[Notice, ...]:
    """Return what is wrong, the gravest first."""
    problems = sorted(rehearsal.problems, key=lambda each: not each.grave)
    return tuple(_notice(each, rehearsal, words) for each in problems)


def remarks(rehearsal: Rehearsal, words: Words) -> tuple[Notice, ...]:
    """Return what one should know, and what is not wrong."""
    told = rehearsal.record.told
    return (Notice(words.say("remark_told"), told, grave=False),) if told else ()


def proof_value(rehearsal: Rehearsal, words: Words) -> str:
    """Return the outcome of the comparison in two words."""
    if rehearsal.recovered:
        return words.say("proof_equal")
    number = sum(len(each.record.proof.differences) for each in rehearsal.outcomes if each.record.proof)
    return words.count("proof_unequal", number) if number else words.say("proof_none")


def _suffix(rehearsal: Rehearsal) -> str:
    return "_isolated" if rehearsal.isolated else "_scratch" if rehearsal.scratch else ""


def _failed(rehearsal: Rehearsal, words: Words) -> str:
    proven = [each.record.source for each in rehearsal.outcomes if each.proven]
    if proven and len(proven) < len(rehearsal.outcomes) and not rehearsal.scratch:
        return words.say("headline_partial", sources=words.sources(proven))
    if not rehearsal.outcomes or len(proven) == len(rehearsal.outcomes):
        return words.say("headline_stopped")
    return words.say("headline_failed")


def _notice(problem: Problem, rehearsal: Rehearsal, words: Words) -> Notice:
    values = {"source": opening(words.source(problem.source)) if problem.source else ""}
    values.update(_measured(problem.key, rehearsal, words))
    if problem.key == "problem_credentials":
        values.update(_credentials(problem, rehearsal, words))
    hidden = len(problem.messages) - _SHOWN
    return Notice(
        words.say(problem.key, **values),
        problem.messages[:_SHOWN],
        words.count("more_messages", hidden) if hidden > 0 else "",
        problem.grave,
    )


def _measured(key: str, rehearsal: Rehearsal, words: Words) -> dict[str, str]:
    measure: Measure = rehearsal.rto if key == "problem_rto" else rehearsal.rpo
    spans = {"value": measure.seconds, "objective": measure.objective}
    return {name: words.duration(span) for name, span in spans.items() if span is not None}


def _credentials(problem: Problem, rehearsal: Rehearsal, words: Words) -> dict[str, str]:
    found = next(each.content.found for each in rehearsal.outcomes if each.record.source == problem.source)
    total = found("credentials_total") or 0
    lost = total - (found("credentials_decryptable") or 0)
    return {"lost": words.number(lost), "total": words.number(total)}
