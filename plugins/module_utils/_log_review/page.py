# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page about a log review: all that its template writes, in words, and the same as Markdown. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check, worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.judge import Findings, findings_from, judge
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.texts import Words
from ansible_collections.chatbot.ops.plugins.module_utils._report.review import (
    PAGE_STATES,
    Figure,
    Line,
    Page,
    Row,
    Section,
    Table,
    markdown,
)

_LABELS = ("kicker", "figures", "checks", "check", "result", "masked", "nothing")


def review(document: Any, at: str) -> dict[str, Any]:
    """Return ``status``, ``checks``, ``page`` and ``markdown`` of the findings in ``document``.

    :param at: when the review was made (ISO 8601).
    :raises RefusedError: if it is no such document.
    """
    findings = findings_from(document)
    checks = judge(findings)
    page = _page(findings, checks, at)
    return {
        "status": worst(each.status for each in checks),
        "checks": [each.to_document() for each in checks],
        "page": asdict(page),
        "markdown": markdown(page),
    }


def _page(findings: Findings, checks: Sequence[Check], at: str) -> Page:
    words, state = Words(findings.language), worst(each.status for each in checks)
    instant = from_iso(at)
    since = next((each.since for each in checks if each.since), None)
    told_since = words.instant(from_iso(since)) if since else words.say("nobody_knows")
    return Page(
        language=words.language,
        state=PAGE_STATES[state],
        title=words.say("title", stack=findings.stack, date=words.date(instant)),
        place=words.say("place", stack=findings.stack, host=findings.host),
        date=words.date(instant),
        headline=words.say(f"headline_{state}"),
        lede=_lede(findings, words, told_since),
        figures=_figures(findings, words),
        checks=tuple(_lines(checks, words)),
        sections=(*_container_sections(findings, words), *_table_section(findings, words)),
        run=words.say("run", instant=words.instant(instant), since=told_since),
        labels={name: words.say(name) for name in _LABELS},
    )


def _containers(findings: Findings) -> list[Mapping[str, Any]]:
    look = findings.containers
    return [] if look is None or look.get("failed") else list(look.get("containers", ()))


def _table(findings: Findings) -> Mapping[str, Any] | None:
    look = findings.table
    return None if look is None or "error_count" not in look else look


def _sum(findings: Findings, key: str) -> int:
    looks = [*(each for each in _containers(findings) if each["readable"]), *filter(None, [_table(findings)])]
    return sum(each[key] for each in looks)


def _lede(findings: Findings, words: Words, since: str) -> str:
    if _table(findings) is None and not any(each["readable"] for each in _containers(findings)):
        return words.say("lede_unknown")
    return words.say(
        "lede",
        errors=words.count("errors", _sum(findings, "error_count")),
        warnings=words.count("warnings", _sum(findings, "warning_count")),
        new=words.count("new", _sum(findings, "new_signatures")),
        since=since,
    )


def _figures(findings: Findings, words: Words) -> tuple[Figure, ...]:
    containers, table = [each for each in _containers(findings) if each["readable"]], _table(findings)

    def figure(name: str, value: int | None) -> Figure:
        told = "—" if value is None else words.number(value)
        note = words.say(f"figure_{name}_note") if value is not None else words.say("nobody_knows")
        return Figure(words.say(f"figure_{name}"), told, note)

    known = bool(containers) or table is not None
    return (
        figure("errors", sum(each["error_count"] for each in containers) if containers else None),
        figure("table", table["error_count"] if table else None),
        figure("new", _sum(findings, "new_signatures") if known else None),
        figure("users", table["users"] if table else None),
    )


def _lines(checks: Sequence[Check], words: Words) -> Iterator[Line]:
    """Yield the checks, the worst ones first; of those that are fine, the summary alone."""
    for each in sorted(checks, key=lambda check: -STATES.index(check.status)):
        evidence = each.evidence if each.status != "ok" else ()
        yield Line(each.status, words.say(each.status), each.summary, evidence, each.advice)


def _container_sections(findings: Findings, words: Words) -> Iterator[Section]:
    for each in _containers(findings):
        note = words.say(
            "log_note",
            errors=words.count("errors", each["error_count"]),
            warnings=words.count("warnings", each["warning_count"]),
            driver=each["driver"],
        )
        if not each["readable"]:
            note = str(each["problem"])
        yield Section(words.say("logs_of", name=each["name"]), note, _signatures(each, words))


def _table_section(findings: Findings, words: Words) -> Iterator[Section]:
    look = _table(findings)
    if look is None:
        return
    workflows = [
        Row(
            (
                each["workflow_id"] or words.say("no_workflow"),
                words.number(each["error_count"]),
                "—" if each["errors_per_day_before"] is None else words.number(each["errors_per_day_before"], 1),
                words.number(each["users"]),
            ),
            bad=False,
        )
        for each in look["workflows"]
    ]
    users = [Row((each["user"], words.number(each["errors"])), bad=False) for each in look["users_hit"][:10]]
    heads = [words.say(each) for each in ("workflow", "figure_errors", "before", "figure_users")]
    tables = list(_signatures(look, words))
    if workflows:
        tables.append(Table(words.say("workflows"), tuple(heads), tuple(workflows)))
    if users:
        tables.append(Table(words.say("users"), (words.say("user"), words.say("figure_errors")), tuple(users)))
    note = words.say("table_note", rows=words.count("rows", look["rows"]))
    yield Section(words.say("table_title", name=look["table"]), note, tuple(tables))


def _signatures(look: Mapping[str, Any], words: Words) -> tuple[Table, ...]:
    if not look["signatures"]:
        return ()
    columns = tuple(words.say(each) for each in ("signature", "count", "first", "last", "result"))
    rows = tuple(
        Row(
            (
                each["sample"],
                words.number(each["count"]),
                _minute(each["first"]),
                _minute(each["last"]),
                _kind(each, words),
            ),
            bad=each["new"],
        )
        for each in look["signatures"]
    )
    more = look["more_signatures"]
    return (Table("", columns, rows, words.count("more", more) if more else ""),)


def _kind(signature: Mapping[str, Any], words: Words) -> str:
    kind = words.say(f"severity_{signature['severity']}")
    return f"{kind}, {words.say('is_new')}" if signature["new"] else kind


def _minute(time: str) -> str:
    """Return ``2026-11-24 03:15`` of a time in ISO 8601."""
    return time[:16].replace("T", " ")
