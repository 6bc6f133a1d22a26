# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages ``docs/bench.md`` and ``docs/bench.es.md``: what ``page.md`` and ``page.es.md`` say, with the figures in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.result import Measured
from tests.bench.rows import Row
from tests.tools.link import CHECKOUT

#: The page of each language, and what it is made of.
PAGES = {
    "en": (CHECKOUT / "docs" / "bench.md", Path(__file__).with_name("page.md")),
    "es": (CHECKOUT / "docs" / "bench.es.md", Path(__file__).with_name("page.es.md")),
}
_MARK = "<!-- measured -->"
#: How the other is called where it is ours with less data.
_SIZE = re.compile(r"[\d.]+ [MG]i?B")


@dataclass(frozen=True)
class _Words:
    head: tuple[str, ...]
    machine: tuple[str, ...]
    ok: str
    over: str
    names: dict[str, str]
    with_data: str
    date: str
    rounds: str
    missing: str
    all_well: str
    some_over: str
    is_over: str
    on_the_bed: str


_WORDS = {
    "en": _Words(
        head=("measured", "ours", "other", "ratio", "limit", ""),
        machine=("processor", "cores", "memory", "system", "kernel"),
        ok="ok",
        over="**over**",
        names={
            "allowed": "allowed",
            "without": "without it",
            "by hand": "by hand",
            "written": "written",
            "its work by such tools": "the same work by such tools",
        },
        with_data="with {name}",
        date="Measured on {date}.",
        rounds="Each time is the median of {runs} rounds.",
        missing="**Not measured to the end:** {names}.",
        all_well="Every row that has a limit keeps it.",
        some_over="**Over their limit: {over} of {all} rows.**",
        is_over="{name}: {ratio} times {other}, and {limit} is allowed.",
        on_the_bed="On the bed, a whole stack on servers of its own (`{command}`):",
    ),
    "es": _Words(
        head=("medido", "lo nuestro", "lo otro", "proporción", "límite", ""),
        machine=("procesador", "núcleos", "memoria", "sistema", "kernel"),
        ok="bien",
        over="**supera el límite**",
        names={
            "allowed": "permitido",
            "without": "sin él",
            "by hand": "a mano",
            "written": "escrito",
            "its work by such tools": "el mismo trabajo con tales herramientas",
        },
        with_data="con {name}",
        date="Medido el {date}.",
        rounds="Cada tiempo es la mediana de {runs} vueltas.",
        missing="**No se midió hasta el final:** {names}.",
        all_well="Todas las filas que tienen límite lo respetan.",
        some_over="**Superan su límite: {over} de {all} filas.**",
        is_over="{name}: {ratio} veces {other}, y se permite {limit}.",
        on_the_bed="En el banco de pruebas, un sistema entero en servidores propios (`{command}`):",
    ),
}


def write_pages(measured: Measured) -> None:
    """Write the pages in both languages."""
    for language, (page, template) in PAGES.items():
        page.write_text(filled(template.read_text(encoding="utf-8"), measured, language), encoding="utf-8")


def filled(template: str, measured: Measured, language: str) -> str:
    """Return ``template`` with what was measured in place of its mark. Pure."""
    return template.replace(_MARK, "\n".join(_figures(measured, _WORDS[language])))


def _figures(measured: Measured, words: _Words) -> Iterator[str]:
    machine = measured.machine
    told = (machine.processor, str(machine.cores), f"{machine.memory:.1f} GiB", machine.system, machine.kernel)
    yield from _table([("", ""), *zip(words.machine, told, strict=True), *machine.versions.items()])
    yield ""
    noted = [words.date.format(date=measured.date)] if measured.date else []
    noted += [words.rounds.format(runs=measured.runs)] if measured.runs else []
    if noted:
        yield from (" ".join(noted), "")
    if measured.missing:
        yield from (words.missing.format(names=", ".join(measured.missing)), "")
    yield from _judged(measured.rows, words)
    for command, rows in measured.on_the_bed.items():
        yield from ("", words.on_the_bed.format(command=command), "")
        yield from _judged(rows, words)


def _judged(rows: Sequence[Row], words: _Words) -> Iterator[str]:
    """Yield the table, and below it in plain words which rows are over their limit."""
    yield from _table([words.head, *(_cells(row, words) for row in rows)])
    over = [row for row in rows if row.ok is False]
    if not over:
        yield from ("", words.all_well)
        return
    yield from ("", words.some_over.format(over=len(over), all=len(rows)), "")
    for row in over:
        told = {"ratio": f"{row.ratio:.2f}", "other": _named(row, words), "limit": f"{row.limit:.2f}"}
        yield f"- {words.is_over.format(name=row.name, **told)}"


def _cells(row: Row, words: _Words) -> tuple[str, ...]:
    limit = "" if row.limit is None else f"{row.limit:.2f}"
    verdict = {None: "", True: words.ok, False: words.over}[row.ok]
    other = f"{_named(row, words)}: {_figure(row.other, row.unit)}"
    return row.name, _figure(row.ours, row.unit), other, f"{row.ratio:.2f}", limit, verdict


def _named(row: Row, words: _Words) -> str:
    """Return the other's name: a command as code; what is none, in the page's language."""
    if _SIZE.fullmatch(row.other_name):
        return words.with_data.format(name=row.other_name)
    return words.names.get(row.other_name) or f"`{row.other_name}`"


def _figure(value: float, unit: str) -> str:
    places = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{places}f} {unit}".strip()


def _table(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    first, *rest = lines
    for line in (first, ("---",) * len(first), *rest):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |"
