# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix as data: its rows, its columns. To add one is a line here, and a class where there is none yet."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tests.chaos.archives import LogArchive
from tests.chaos.backups import ConfigBackup, DatabaseBackup, N8nBackup
from tests.chaos.copies import Copy
from tests.chaos.fault import Fault
from tests.chaos.hosts import BackendTerminated, ClockJump, FullDisk, RepositoryGone, Upgrade
from tests.chaos.job import Job
from tests.chaos.processes import Kill, Terminate, TwoWriters
from tests.chaos.prunes import Prune
from tests.chaos.restores import (
    ConfigRestore,
    ConfigVerify,
    DatabaseRestore,
    DatabaseVerify,
    N8nRestore,
    N8nVerify,
)
from tests.chaos.store_faults import STORE_FAULTS, Revoked

JOBS: tuple[type[Job], ...] = (
    N8nBackup,
    DatabaseBackup,
    ConfigBackup,
    Copy,
    N8nRestore,
    DatabaseRestore,
    ConfigRestore,
    N8nVerify,
    DatabaseVerify,
    ConfigVerify,
    Prune,
    LogArchive,
)
REPOSITORIES = ("local", "s3", "restic")
FAULTS: tuple[Fault, ...] = (
    Kill(),
    Terminate(),
    TwoWriters(),
    FullDisk(),
    ClockJump(),
    RepositoryGone(),
    BackendTerminated(),
    Upgrade(),
    *STORE_FAULTS,
    Revoked(),
)
#: The modules that the harness runs.
MODULES = tuple(sorted({each.module for each in JOBS} | {"backup_info"}))


@dataclass(frozen=True)
class Cell:
    """A row and a column: a module with a type of repository, and what strikes it."""

    job: type[Job]
    repository: str
    fault: Fault

    @property
    def row(self) -> str:
        """The row's name."""
        return row_name(self.job, self.repository)

    @property
    def left_out(self) -> str | None:
        """Why the two cannot meet, if they cannot."""
        return self.fault.left_out(self.job, self.repository)

    def rng(self, seed: int) -> random.Random:
        """Return the chance that this cell is played by; it depends on the seed and the cell alone."""
        return random.Random(zlib.crc32(f"{seed} {self.row} {self.fault.name}".encode()))


def row_name(job: type[Job], repository: str) -> str:
    """Return a row's name; the verifications are told apart by what they verify."""
    title = f"{job.module} ({job.source})" if job.module == "backup_verify" else job.module
    return f"{title}, {repository}"


def cells() -> Iterator[Cell]:
    """Yield all cells, row by row."""
    for job in JOBS:
        for repository in job.repositories(REPOSITORIES):
            for fault in FAULTS:
                yield Cell(job, repository, fault)


def short(seed: int) -> list[Cell]:
    """Return as few cells as have every row and every fault; another seed, others."""
    rng = random.Random(seed)
    playable = [each for each in cells() if each.left_out is None]
    rng.shuffle(playable)
    chosen: list[Cell] = []
    # Those that meet few rows first, so that the others can fill the rest.
    for fault in sorted(FAULTS, key=lambda fault: sum(each.fault is fault for each in playable)):
        taken = Counter(each.row for each in chosen)
        chosen.append(min((each for each in playable if each.fault is fault), key=lambda each: taken[each.row]))
    missing = {each.row for each in cells()} - {each.row for each in chosen}
    return chosen + [next(each for each in playable if each.row == row) for row in sorted(missing)]
