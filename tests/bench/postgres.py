# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL database: a large log table of JSON, and two more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from tests.bench.bench import Bench
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import Sample, run_chain, run_module
from tests.bench.rows import Row
from tests.support.bench_data import database
from tests.support.postgres_server import PostgresServer

_LARGE, _SMALL = 1.0, 0.1  # GB
_QUICK_LARGE, _QUICK_SMALL = 0.1, 0.02
_RESTORED = "restored"
_JOBS = 2


def measure(bench: Bench) -> Iterator[Row]:
    """Dump and restore a database in two ways; do both with a small one, for its memory."""
    large, small = (_QUICK_LARGE, _QUICK_SMALL) if bench.quick else (_LARGE, _SMALL)
    with PostgresServer(bench.folder / "server") as server:
        full = _Database(bench, server, "large", large)
        dumped, dumped_bare = compete([full.dump, full.bare_dump], bench.runs)
        yield bench.time_row(f"pg_dump of {large} GB, with proof", dumped, dumped_bare, 0.6)
        restored, restored_bare = compete([full.restore, full.bare_restore], bench.runs)
        yield bench.time_row(f"pg_restore of {large} GB, with proof", restored, restored_bare, 1.5)
        full.remove()

        few = _Database(bench, server, "small", small)
        dumped_few, restored_few = (compete([each], 1)[0] for each in (few.dump, few.restore))
        yield from bench.memory_rows("pg_dump", dumped, dumped_few, f"{small} GB")
        yield from bench.memory_rows("pg_restore", restored, restored_few, f"{small} GB")


class _Database:
    """A database, and the ways to dump and restore it.

    Its pages are where filling it left them, in the server's memory or the kernel's: the same for everybody.
    """

    def __init__(self, bench: Bench, server: PostgresServer, name: str, gigabytes: float) -> None:
        say(f"PostgreSQL: filling a database of {gigabytes} GB")
        self._server, self._name = server, name
        self._home = bench.make_folder(name)
        self._archive, self._repository = self._home / "dump", self._home / "repository"
        self._repository.mkdir()
        server.create_database(name)
        with closing(psycopg2.connect(**server.connection(name))) as connection:
            database(connection, gigabytes)
        self.dump = Contender("pg_dump, the module", self._dump, self._settle)
        self.bare_dump = Contender("pg_dump -Fc", self._bare_dump, self._settle)
        self.restore = Contender("pg_restore, the module", self._restore, self._settle, self._drop_restored)
        self.bare_restore = Contender("pg_restore -j2", self._bare_restore, self._begin_restored, self._drop_restored)

    def remove(self) -> None:
        """Remove it all."""
        self._server.psql(f'DROP DATABASE "{self._name}"')
        shutil.rmtree(self._home)

    def _dump(self) -> Sample:
        return run_module("pg_dump", self._params(self._name))

    def _bare_dump(self) -> Sample:
        return self._run("pg_dump", "-Fc", "-f", self._archive, dbname=self._name)

    def _restore(self) -> Sample:
        return run_module("pg_restore", {**self._params(_RESTORED), "jobs": _JOBS, "work_dir": str(self._home)})

    def _bare_restore(self) -> Sample:
        return self._run("pg_restore", f"-j{_JOBS}", "-d", _RESTORED, self._archive, dbname=_RESTORED)

    def _run(self, program: str, *arguments: str | Path, dbname: str) -> Sample:
        return run_chain([self._server.bin_dir / program, *arguments], environment=self._server.environment(dbname))

    def _params(self, dbname: str) -> dict[str, Any]:
        return {
            **self._server.connection(dbname),
            "bin_dir": str(self._server.bin_dir),
            "stack": "bench",
            "repository": {"path": str(self._repository)},
        }

    def _settle(self) -> None:
        """Have the server write what is left to write: not while one of the contenders runs."""
        self._server.psql("CHECKPOINT")

    def _begin_restored(self) -> None:
        self._server.create_database(_RESTORED)
        self._settle()

    def _drop_restored(self) -> None:
        self._server.psql(f"DROP DATABASE IF EXISTS {_RESTORED}")
