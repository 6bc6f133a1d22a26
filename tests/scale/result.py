# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of it: rows, a table, JSON, and what keeps no limit."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from tests.scale.measure import Run
from tests.scale.store import Load
from tests.tools.link import CHECKOUT

RESULT = CHECKOUT / "build" / "scale.json"
#: Between them stands the table in the pages about it.
_BEGIN, _END = "<!-- measured -->", "<!-- /measured -->"
LOGS = CHECKOUT / "build" / "scale"
#: By how much the time for a host may grow with the fleet.
_GROWTH = 1.2
#: In how many seconds the page of all stacks is to open.
_PAGE = 1.0
#: What the controller's processes may take (MiB): so much, and so much more for each fork and each host of the inventory.
_BASE, _PER_FORK, _PER_HOST = 150.0, 30.0, 0.5


@dataclass(frozen=True)
class Row:
    """One playbook over one fleet. Times in seconds, memory in MiB; see ``Run`` and ``Load``."""

    name: str
    hosts: int
    forks: int
    exit_status: int
    changed: int
    failed: int
    seconds: float
    cpu_seconds: float
    parent_seconds: float
    parent: float
    forks_summed: float
    together: float
    requests: int
    most_hosts: int
    most_requests: int
    most_in_a_second: int
    wave: int | None = None
    """So many hosts came one after the others; None: all at once."""
    page_seconds: float | None = None
    """How long Chromium takes from the opening of the page of all stacks to its picture, where the run wrote one."""

    @classmethod
    def of(
        cls,
        name: str,
        hosts: int,
        forks: int,
        run: Run,
        load: Load,
        *,
        wave: int | None = None,
        page_seconds: float | None = None,
    ) -> Row:
        """Return the row of a run and what it asked of the store."""
        recap = run.recap.values()
        return cls(
            name=name,
            hosts=hosts,
            forks=forks,
            exit_status=run.exit_status,
            changed=sum(each[1] > 0 for each in recap),
            failed=sum(each[2] + each[3] > 0 for each in recap) + hosts - len(recap),
            seconds=round(run.seconds, 2),
            cpu_seconds=round(run.cpu_seconds, 2),
            parent_seconds=round(run.parent_seconds, 2),
            parent=round(run.parent, 1),
            forks_summed=round(run.forks_summed, 1),
            together=round(run.together, 1),
            requests=load.requests,
            most_hosts=load.most_hosts,
            most_requests=load.most_requests,
            most_in_a_second=load.most_in_a_second,
            wave=wave,
            page_seconds=page_seconds,
        )

    @property
    def cells(self) -> list[str]:
        """Return the row for the table."""
        each = (self.seconds, self.cpu_seconds, self.parent_seconds)
        return [
            self.name,
            f"{self.hosts:,}",
            *(f"{seconds / self.hosts:.2f} s" for seconds in each),
            f"{self.parent:.0f} MiB",
            f"{self.together:.0f} MiB",
            f"{self.forks_summed:.0f} MiB",
            f"{self.requests / self.hosts:.1f}",
            f"{self.most_hosts}",
            f"{self.most_in_a_second}",
            "" if self.page_seconds is None else f"{self.page_seconds:.2f} s",
        ]


_HEADS = {
    "en": (
        "run",
        "hosts",
        "time a host",
        "processor a host",
        "of it ansible-playbook itself",
        "its memory",
        "memory with all forks",
        "RSS added up",
        "requests a host",
        "hosts at once",
        "requests in the busiest second",
        "the page opens in",
    ),
    "es": (
        "ejecución",
        "servidores",
        "tiempo por servidor",
        "procesador por servidor",
        "de ello ansible-playbook mismo",
        "su memoria",
        "memoria con todos los forks",
        "RSS sumado",
        "peticiones por servidor",
        "servidores a la vez",
        "peticiones en el segundo más cargado",
        "la página abre en",
    ),
}


def write(rows: Sequence[Row]) -> None:
    """Keep the rows."""
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def read() -> list[Row]:
    """Return the rows of the last time."""
    return [Row(**each) for each in json.loads(RESULT.read_text(encoding="utf-8"))]


def keep(name: str, output: str) -> None:
    """Keep what a run said, in ``build/scale``."""
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"{name}.log").write_text(output, encoding="utf-8")


def table(rows: Sequence[Row], language: str = "en") -> str:
    """Return the rows as a table in Markdown, run by run."""
    head = _HEADS[language]
    names = list(dict.fromkeys(row.name for row in rows))
    ordered = sorted(rows, key=lambda row: (names.index(row.name), row.hosts))
    lines = [head, ("---", *("---:",) * (len(head) - 1)), *(row.cells for row in ordered)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def into_page(page: str, rows: Sequence[Row], language: str) -> str:
    """Return ``page`` with the table of ``rows`` between its two marks. Pure."""
    before, _mark, rest = page.partition(_BEGIN)
    _table, _mark, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table(rows, language)}\n\n{_END}{after}"


def problems(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what went wrong, or keeps no limit."""
    for row in rows:
        what = f"{row.name} over {row.hosts} hosts"
        if row.failed or row.exit_status:
            yield f"{what}: {row.failed} failed"
        allowed = _BASE + _PER_FORK * row.forks + _PER_HOST * row.hosts
        if row.together > allowed:
            yield f"{what}: the controller took {row.together:.0f} MiB, and {allowed:.0f} are allowed"
        if row.page_seconds is not None and row.page_seconds > _PAGE:
            yield f"{what}: the page opens in {row.page_seconds:.2f} s, and {_PAGE:.0f} s is allowed"
        if row.most_hosts > row.forks:
            yield f"{what}: {row.most_hosts} hosts were at the store at once, with {row.forks} forks"
    for name in dict.fromkeys(row.name for row in rows):
        own = sorted((row for row in rows if row.name == name), key=lambda row: row.hosts)
        first, last = own[0], own[-1]
        growth = (last.cpu_seconds / last.hosts) / (first.cpu_seconds / first.hosts)
        if growth > _GROWTH:
            yield f"{name}: a host takes {growth:.2f} times the processor with {last.hosts} that it takes with {first.hosts}"
