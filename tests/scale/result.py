# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of it: rows, a table, JSON, and what keeps no limit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.scale.measure import Run
from tests.scale.store import Load
from tests.tools.link import CHECKOUT

RESULT = CHECKOUT / "build" / "scale.json"
LOGS = CHECKOUT / "build" / "scale"


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
    parent: float
    forks_summed: float
    together: float
    requests: int
    most_hosts: int
    most_requests: int
    most_in_a_second: int

    @classmethod
    def of(cls, name: str, hosts: int, forks: int, run: Run, load: Load) -> Row:
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
            parent=round(run.parent, 1),
            forks_summed=round(run.forks_summed, 1),
            together=round(run.together, 1),
            requests=load.requests,
            most_hosts=load.most_hosts,
            most_requests=load.most_requests,
            most_in_a_second=load.most_in_a_second,
        )

    def __str__(self) -> str:
        return (
            f"{self.name:30} {self.hosts:5} hosts {self.seconds:8.1f} s {self.seconds / self.hosts:6.2f} s/host "
            f"cpu {self.cpu_seconds / self.hosts:6.2f} s/host parent {self.parent:6.0f} MiB together "
            f"{self.together:6.0f} MiB summed {self.forks_summed:6.0f} MiB, {self.requests / self.hosts:5.1f} req/host, "
            f"{self.most_hosts} hosts at once, {self.most_in_a_second} req in a second, "
            f"{self.changed} changed {self.failed} failed"
        )


def write(rows: Sequence[Row]) -> None:
    """Keep the rows."""
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def keep(name: str, output: str) -> None:
    """Keep what a run said, in ``build/scale``."""
    LOGS.mkdir(parents=True, exist_ok=True)
    (LOGS / f"{name}.log").write_text(output, encoding="utf-8")


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table."""
    return "\n".join(map(str, rows))


def problems(rows: Sequence[Row]) -> list[str]:
    """Return what went wrong, or keeps no limit."""
    return [f"{row.name} over {row.hosts} hosts: {row.failed} failed" for row in rows if row.failed or row.exit_status]
