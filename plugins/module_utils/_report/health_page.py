# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health page, as all that its template writes: words in their language, and states for its colours. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Health, cut
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_trends import Trend, trends
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords

#: The states that the style sheet knows, by the worst state of the checks. What nobody knows is never good.
PAGE_STATES = {"ok": "proven", "warning": "flawed", "unknown": "failed", "critical": "failed"}
_LABELS = (
    *("kicker", "figures", "problems", "findings", "findings_note", "advice", "evidence", "changed", "recovered"),
    *("gone", "gone_note", "fine", "check", "value", "limit", "table_show", "date", "masked"),
)
# How much of the evidence stands on the page; the JSON file has more.
_LINES, _LENGTH = 12, 500
# What stands for a value that nobody knows.
_NONE = "—"


@dataclass(frozen=True)
class Figure:
    """One of the four numbers; ``target`` is where on the page it is told (empty: nowhere)."""

    label: str
    value: str
    note: str
    target: str


@dataclass(frozen=True)
class Finding:
    """One check.

    ``facts`` are short: its value, its limits, for how long. ``change`` is empty, or that it is new or worse.
    ``advice_parts`` are the advice in pieces, each with whether it is to be typed.
    """

    id: str
    anchor: str
    component: str
    status: str
    word: str
    summary: str
    value: str
    limits: str
    facts: tuple[str, ...]
    change: str
    evidence: tuple[str, ...]
    more: str
    advice: str
    advice_parts: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class HealthPage:
    """All that the template writes."""

    language: str
    state: str
    title: str
    place: str
    date: str
    headline: str
    lede: str
    figures: tuple[Figure, ...]
    problems: tuple[str, ...]
    findings: tuple[Finding, ...]
    recovered: tuple[Finding, ...]
    gone: tuple[str, ...]
    trends: tuple[Trend, ...]
    trends_note: str
    fine: tuple[Finding, ...]
    fine_show: str
    run: str
    labels: dict[str, str]


def health_page(health: Health) -> HealthPage:
    """Return the page about ``health``."""
    words = HealthWords(health.language)
    found = [_finding(number, each, health, words) for number, each in enumerate(health.checks, 1)]
    bad = tuple(each for each in found if each.status != "ok")
    fine = tuple(each for each in found if each.status == "ok")
    drawn = tuple(trends(health, words))
    return HealthPage(
        language=health.language,
        state=PAGE_STATES[health.status],
        title=words.say("title", stack=health.stack, date=words.date(health.at)),
        place=words.say("place", stack=health.stack, host=health.host) if health.host else health.stack,
        date=words.instant(health.at),
        headline=words.say(f"headline_{health.status}"),
        lede=lede(health, words),
        figures=tuple(_figures(health, bad, words)),
        problems=health.problems,
        findings=bad,
        recovered=tuple(each for each in fine if each.id in health.changes.recovered),
        gone=health.changes.gone,
        trends=drawn,
        trends_note="" if drawn else words.say("trend_none"),
        fine=fine,
        fine_show=words.count("fine_show", len(fine)) if fine else "",
        run=_run(health, words),
        labels={name: words.say(name) for name in _LABELS},
    )


def lede(health: Health, words: HealthWords) -> str:
    """Return what was looked at, and what changed since the last look."""
    if not health.checks:
        return words.say("lede_none")
    looked, changes = words.count("lede", len(health.checks)), health.changes
    if changes.last is None:
        return f"{looked} {words.say('lede_first')}"
    ago = words.duration((health.at - changes.last).total_seconds())
    told = [
        words.count(f"change_{name}", len(ids))
        for name, ids in (
            ("new", changes.new),
            ("worse", changes.worse),
            ("recovered", changes.recovered),
            ("gone", changes.gone),
        )
        if ids
    ]
    if not told:
        return f"{looked} {words.say('lede_same', ago=ago)}"
    return f"{looked} {words.say('lede_changed', ago=ago, changes=words.listed(told))}"


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of ``text``, each with whether it stands between backticks; those that have no other are signs."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        pieces = [text]
    for number, piece in enumerate(pieces):
        if piece:
            yield piece, number % 2 == 1


def _figures(health: Health, bad: tuple[Finding, ...], words: HealthWords) -> Iterator[Figure]:
    targets = {each.status: each.anchor for each in reversed(bad)}
    if health.counts["ok"]:
        targets["ok"] = "fine"
    for state, count in health.counts.items():
        note = words.say(f"figure_{state}_note") if count else ""
        yield Figure(words.say(f"figure_{state}"), words.number(count), note, targets.get(state, ""))


def _finding(number: int, check: Check, health: Health, words: HealthWords) -> Finding:
    value = _NONE if check.value is None else words.amount(check.value, check.unit)
    limits = words.limits(check)
    facts = [each for each in (value if check.value is not None else "", limits) if each]
    if check.since is not None:
        facts.append(words.say("counted_since", instant=words.instant(from_iso(check.since))))
    change = ""
    if health.changes.last is not None and check.id in health.changes.new:
        change = words.say("is_new")
    elif check.id in health.changes.worse:
        change = words.say("is_worse")
    if check.status != "ok":
        lasted = (health.at - health.since(check.id)).total_seconds()
        if lasted > 0:
            facts.append(words.say("lasts", status=words.say(check.status), duration=words.duration(lasted)))
    left = len(check.evidence) - _LINES
    return Finding(
        id=check.id,
        anchor=f"finding-{number}",
        component=check.component,
        status=check.status,
        word=words.say(check.status),
        summary=check.summary,
        value=value,
        limits=limits,
        facts=tuple(facts),
        change=change,
        evidence=tuple(cut(each, _LENGTH) for each in check.evidence[:_LINES]),
        more=words.count("more_lines", left) if left > 0 else "",
        advice=check.advice,
        advice_parts=tuple(parts(check.advice)),
    )


def _run(health: Health, words: HealthWords) -> str:
    told = words.say("run", instant=words.instant(health.at))
    begins = [series[0][0] for series in health.series.values() if series]
    return f"{told} {words.say('history', date=words.date(min(begins)))}" if begins else told
