# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of many stacks: what the last report of each says, and the page of all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import FORMAT, checks_from, cut, flat
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_page import PAGE_STATES, Figure
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import opening

_LABELS = {
    **{name: f"fleet_{name}" for name in ("kicker", "stacks", "filter", "all", "common", "common_note")},
    **{name: name for name in ("figures", "advice", *STATES)},
}
_FINDINGS, _COMMON, _NAMED = 2, 12, 50
_LENGTH = 240


@dataclass(frozen=True)
class Ill:
    """Something that is not fine on a stack."""

    id: str
    status: str
    summary: str
    advice: str


@dataclass(frozen=True)
class Member:
    """One stack. ``at`` is when it was looked at (None: nobody knows); ``link`` leads to its own page (empty: it has none)."""

    stack: str
    host: str
    status: str
    at: datetime | None
    counts: Mapping[str, int]
    ills: tuple[Ill, ...]
    link: str

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        at = to_iso(self.at) if self.at else None
        counts = {state: self.counts.get(state, 0) for state in reversed(STATES)}
        return {"stack": self.stack, "host": self.host, "status": self.status, "at": at, "counts": counts}


@dataclass(frozen=True)
class Row:
    """A stack on the page."""

    anchor: str
    stack: str
    host: str
    link: str
    status: str
    word: str
    seen: str
    counts: tuple[tuple[str, str, str], ...]
    ills: tuple[Ill, ...]
    more: str


@dataclass(frozen=True)
class Common:
    """Something that is not fine on many stacks, each by its name and its anchor."""

    id: str
    status: str
    told: str
    members: tuple[tuple[str, str], ...]
    more: str


@dataclass(frozen=True)
class FleetPage:
    """All that the template writes; ``filters`` are the states that there are, with the number of stacks in each."""

    language: str
    state: str
    title: str
    place: str
    date: str
    headline: str
    lede: str
    figures: tuple[Figure, ...]
    filters: tuple[tuple[str, str, str], ...]
    rows: tuple[Row, ...]
    commons: tuple[Common, ...]
    labels: dict[str, str]


def member_from(document: Any, link: str) -> Member:
    """Return the stack that the report ``document`` is about.

    :raises ValueError: if it is no report.
    """
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise ValueError("it is no health report of this version")
    checks = checks_from(document.get("checks"))
    return Member(
        stack=flat(str(document.get("stack") or ""), _LENGTH),
        host=flat(str(document.get("host") or ""), _LENGTH),
        status=worst(each.status for each in checks),
        at=from_iso(str(document.get("at"))),
        counts={state: sum(each.status == state for each in checks) for state in STATES},
        ills=tuple(
            Ill(each.id, each.status, cut(each.summary, _LENGTH), cut(each.advice, _LENGTH))
            for each in checks
            if each.status != "ok"
        ),
        link=link,
    )


def unknown_member(stack: str, key: str, words: HealthWords, *, link: str = "", **values: str) -> Member:
    """Return a stack of which there is no report that can be relied on; the text ``key`` says why."""
    ill = Ill("report", "unknown", words.say(key, **values), words.say("fleet_missing_advice"))
    return Member(stack, "", "unknown", None, {"unknown": 1}, (ill,), link)


def aged(member: Member, at: datetime, most: timedelta, words: HealthWords) -> Member:
    """Return ``member``, which is unknown if its report is older than ``most``: nobody knows how it is by now."""
    if member.at is None or at - member.at <= most:
        return member
    summary = words.say("fleet_old", age=words.duration((at - member.at).total_seconds()))
    ill = Ill("report", "unknown", summary, words.say("fleet_missing_advice"))
    counts = {**member.counts, "unknown": member.counts.get("unknown", 0) + 1}
    return Member(
        member.stack,
        member.host,
        worst([member.status, "unknown"]),
        member.at,
        counts,
        (ill, *member.ills),
        member.link,
    )


def ordered(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return the worst stacks first; of those in one state, the ones with the most of it."""
    return tuple(
        sorted(
            members,
            key=lambda each: (
                -STATES.index(each.status),
                *(-each.counts.get(state, 0) for state in reversed(STATES) if state != "ok"),
                each.stack,
                each.host,
            ),
        )
    )


def counts_of(members: Sequence[Member]) -> dict[str, int]:
    """Return how many stacks are in each state, the worst one first."""
    return {state: sum(each.status == state for each in members) for state in reversed(STATES)}


def fleet_page(members: Sequence[Member], at: datetime, language: str) -> FleetPage:
    """Return the page of all ``members``, ordered, as of ``at``."""
    words, counts = HealthWords(language), counts_of(members)
    status = worst(each.status for each in members)
    anchors = {id(each): f"stack-{number}" for number, each in enumerate(members, 1)}
    first = {each.status: anchors[id(each)] for each in reversed(members)}
    headline = words.say("fleet_headline_none")
    if members:
        # Of a state without forms for one and many, there is one form.
        text = f"fleet_headline_{status}"
        headline = words.say(text) if status == "ok" else words.count(text, counts[status])
    return FleetPage(
        language=language,
        state=PAGE_STATES[status],
        title=words.say("fleet_title", date=words.date(at)),
        place="",
        date=words.instant(at),
        headline=headline,
        lede=words.count("fleet_lede", len(members)),
        figures=tuple(
            Figure(opening(words.say(state)), words.number(count), "", first.get(state, ""))
            for state, count in counts.items()
        ),
        filters=tuple((state, words.say(state), words.number(count)) for state, count in counts.items() if count),
        rows=tuple(_row(each, anchors[id(each)], at, words) for each in members),
        commons=tuple(_commons(members, anchors, words)),
        labels={name: words.say(key) for name, key in _LABELS.items()},
    )


def _row(member: Member, anchor: str, at: datetime, words: HealthWords) -> Row:
    ago = words.say("never")
    if member.at is not None:
        ago = words.say("ago", duration=words.duration(max(0.0, (at - member.at).total_seconds())))
    left = len(member.ills) - _FINDINGS
    return Row(
        anchor=anchor,
        stack=member.stack,
        host=member.host,
        link=member.link,
        status=member.status,
        word=words.say(member.status),
        seen=f"{words.say('fleet_seen')}: {ago}",
        counts=tuple(
            (state, words.say(state), words.number(member.counts[state]))
            for state in reversed(STATES)
            if member.counts.get(state)
        ),
        ills=member.ills[:_FINDINGS],
        more=words.count("and_more", left) if left > 0 else "",
    )


def _commons(members: Sequence[Member], anchors: Mapping[int, str], words: HealthWords) -> Iterator[Common]:
    """Yield what is not fine on two stacks or more, the most frequent first."""
    found: dict[str, list[tuple[Member, str]]] = {}
    for member in members:
        for ill in member.ills:
            found.setdefault(ill.id, []).append((member, ill.status))
    many = sorted((each for each in found.items() if len(each[1]) > 1), key=lambda each: (-len(each[1]), each[0]))
    for name, places in many[:_COMMON]:
        left = len(places) - _NAMED
        yield Common(
            name,
            worst(status for _member, status in places),
            words.count("fleet_on", len(places)),
            tuple((member.stack, anchors[id(member)]) for member, _status in places[:_NAMED]),
            words.count("and_more", left) if left > 0 else "",
        )
