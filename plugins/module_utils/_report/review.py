# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page about check results, as the reviews have it: all that a template writes, and the same as Markdown. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: The states of the page, which the style sheet knows, by the worst state of the checks.
PAGE_STATES = {"ok": "proven", "warning": "flawed", "critical": "failed", "unknown": "failed"}


@dataclass(frozen=True)
class Figure:
    """One of the four numbers."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells as texts, and whether it stands out."""

    cells: tuple[str, ...]
    bad: bool


@dataclass(frozen=True)
class Table:
    """A table: its columns' names, and its rows; ``more`` tells what is left out."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True)
class Section:
    """What was found in one log."""

    title: str
    note: str
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Line:
    """A check on the page."""

    status: str
    word: str
    summary: str
    evidence: tuple[str, ...]
    advice: str


@dataclass(frozen=True)
class Page:
    """All that the template writes."""

    language: str
    state: str
    title: str
    place: str
    date: str
    headline: str
    lede: str
    figures: tuple[Figure, ...]
    checks: tuple[Line, ...]
    sections: tuple[Section, ...]
    run: str
    labels: Mapping[str, str]


def markdown(page: Page) -> str:
    """Return the page as Markdown; no text of a log becomes markup in it."""
    lines = [f"# {_escaped(page.title)}", "", f"**{_escaped(page.headline)}** {_escaped(page.lede)}", ""]
    lines += [f"- {_escaped(each.label)}: **{_escaped(each.value)}** ({_escaped(each.note)})" for each in page.figures]
    lines += ["", f"## {_escaped(page.labels['checks'])}", ""]
    for check in page.checks:
        lines.append(f"- **{_escaped(check.word)}**: {_escaped(check.summary)} {_escaped(check.advice)}".rstrip())
        lines += [f"  - {_escaped(each)}" for each in check.evidence]
    for section in page.sections:
        lines += ["", f"## {_escaped(section.title)}", "", _escaped(section.note)]
        for table in section.tables:
            lines += ["", *_markdown_table(table)]
    lines += ["", _escaped(page.run), _escaped(page.labels["masked"]), ""]
    return "\n".join(lines)


def _markdown_table(table: Table) -> Iterable[str]:
    if table.title:
        yield f"### {_escaped(table.title)}"
        yield ""
    yield f"| {' | '.join(map(_escaped, table.columns))} |"
    yield f"|{' --- |' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_escaped, row.cells))} |"
    if table.more:
        yield ""
        yield _escaped(table.more)


def _escaped(text: str) -> str:
    flat = " ".join(text.split())
    return re.sub(r"([\\`*_{}\[\]<>#|~&])", r"\\\1", flat)
