# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""restic: beside our own archive, and as a repository of ours beside itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.bench.bench import MIB, Bench
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import Sample, run_chain, run_module
from tests.bench.rows import Row
from tests.support.bench_data import n8n_folder
from tests.support.restic_store import PASSWORD, ResticStore

_SIZE, _QUICK_SIZE = 2048, 200  # MiB
_CHANGED = 0.01
_PICTURE = 256 << 10


def measure(bench: Bench) -> Iterator[Row]:
    """Back a folder up for the first time, in our way and in restic's; then a second day's, both to restic."""
    size = _QUICK_SIZE if bench.quick else _SIZE
    contest = _Contest(bench, size)
    ours, bare = compete([contest.archive(), contest.restic()], bench.runs)
    yield bench.time_row(f"n8n backup of {size} MiB, the first", ours, bare, 1.0)

    stores = contest.stores()
    compete([contest.into_ours(), contest.into_bare()], 1)
    first = [_stored(each.path) for each in stores]
    contest.change(size)
    compete([contest.into_ours(), contest.into_bare()], 1)
    grown = [_stored(each.path) - already for each, already in zip(stores, first, strict=True)]
    yield Row(
        "restic repository: stored of a second day, 1 % changed",
        grown[0] / MIB,
        grown[1] / MIB,
        "restic backup",
        "MiB",
        bench.limit(1.05),
    )


def _stored(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())


class _Contest:
    """A data folder, and where it goes."""

    def __init__(self, bench: Bench, mebibytes: int) -> None:
        say(f"restic: making a data folder of {mebibytes} MiB")
        self._home = bench.make_folder("restic")
        self._data, self._archives = self._home / "data", self._home / "archives"
        n8n_folder(self._data, mebibytes * MIB)
        self._ours, self._bare = ResticStore(self._home / "ours"), ResticStore(self._home / "bare")

    def stores(self) -> tuple[ResticStore, ResticStore]:
        """Make both repositories anew, and return them."""
        for each in (self._ours, self._bare):
            self._renew(each)
        return self._ours, self._bare

    def archive(self) -> Contender:
        """Return our own archive in a folder."""

        def renew() -> None:
            shutil.rmtree(self._archives, ignore_errors=True)
            self._archives.mkdir()

        return Contender("n8n_volume_backup", lambda: self._module({"path": str(self._archives)}), renew)

    def restic(self) -> Contender:
        """Return restic with an empty repository."""
        return Contender("restic backup", self._restic, lambda: self._renew(self._bare))

    def into_ours(self) -> Contender:
        """Return our backup to a repository of restic."""
        return Contender("n8n_volume_backup to restic", lambda: self._module(self._ours.parameters()))

    def into_bare(self) -> Contender:
        """Return restic alone, which reads the database as it lies there."""
        return Contender("restic backup", self._restic)

    def change(self, mebibytes: int) -> None:
        """Do to the folder what a day does: new pictures, and new rows in the database."""
        half = int(mebibytes * MIB * _CHANGED / 2)
        pictures = self._data / "storage" / "workflows" / "new" / "executions" / "1" / "binary_data"
        pictures.mkdir(parents=True)
        for number in range(half // _PICTURE):
            (pictures / f"{number}").write_bytes(os.urandom(_PICTURE))
        with closing(sqlite3.connect(self._data / "database.sqlite")) as database:
            database.execute("CREATE TABLE today (data BLOB)")
            database.executemany("INSERT INTO today VALUES (?)", ((os.urandom(4096),) for _row in range(half // 4096)))
            database.commit()

    def _renew(self, store: ResticStore) -> None:
        shutil.rmtree(store.path, ignore_errors=True)
        store.run("init")  # not one made for tests: what its key costs is measured, too

    def _module(self, repository: dict[str, Any]) -> Sample:
        where = {"path": str(self._data), "work_dir": str(self._home)}
        return run_module("n8n_volume_backup", {"stack": "bench", "repository": repository, **where})

    def _restic(self) -> Sample:
        environment = {"RESTIC_REPOSITORY": str(self._bare.path), "RESTIC_PASSWORD": PASSWORD}
        return run_chain([self._bare.program, "--quiet", "backup", self._data], environment=environment)
