# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old rows of a log table: moved by us, by the loop that people write, and by one statement; and what inserts notice.

`python -m tests.bench.logs` is the large proof in its place: a million old and a million new rows, twenty clients that
insert, fifty kills, for each goal; every row is in exactly one place in the end.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from tests.bench.bench import Bench
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import BenchError, Sample
from tests.bench.rows import Row
from tests.support.log_table import COLUMNS, Clients, digest, fill, percentile
from tests.support.modules import result_of, run_module, start_module
from tests.support.postgres_server import PostgresServer

_ROWS, _QUICK_ROWS = 500_000, 20_000
_CLIENTS = 20
#: How long a client of the latency test waits between two inserts, in seconds: some hundred inserts a second in all.
_PAUSE = 0.1
#: How often the move is made beside them: in one there are too few inserts for a 99th percentile.
_ROUNDS = 5
_LOOP = 10_000
_KILLS = 50

# As log_archive makes it, so that nobody has more indexes to write than another.
_ARCHIVE = "CREATE TABLE system_logs_archive (LIKE system_logs, PRIMARY KEY (created_at, id))"
_NEXT = "SELECT id FROM system_logs WHERE created_at < now() - interval '30 days' ORDER BY created_at LIMIT %s"


def measure(bench: Bench) -> Iterator[Row]:
    """Move the old half of a table in several ways, and measure how long inserts take meanwhile."""
    rows = _QUICK_ROWS if bench.quick else _ROWS
    with PostgresServer(bench.folder / "server") as server:
        table = _Table(bench, server, rows)
        moved, kept, looped, at_once = compete([table.move, table.keep, table.loop, table.at_once], bench.runs)
        name = f"log_archive of {rows} rows"
        yield bench.time_row(f"{name}, to a table", moved, looped, 0.5)
        yield bench.time_row(f"{name}, to a table", moved, at_once, 1.5)
        yield bench.time_row(f"{name}, to the repository", kept, looped, 0.5)
        without, with_us, lock = table.latencies(1 if bench.quick else _ROUNDS)
        yield Row("insert, p99, while log_archive runs", with_us, without, "without", "ms", bench.limit(2.0))
        yield Row("insert, the longest, while log_archive runs", lock, 1000.0, "allowed", "ms", bench.limit(1.0))


class _Table:
    """A table with as many old rows as new ones, and the ways to move the old ones."""

    def __init__(self, bench: Bench, server: PostgresServer, rows: int) -> None:
        say(f"Logs: filling tables of {2 * rows} rows")
        self._server, self._rows = server, rows
        self._repository = bench.make_folder("repository")
        server.create_database("template_logs")
        fill(server, "template_logs", rows, rows)
        server.psql("VACUUM (ANALYZE) system_logs", "template_logs")
        self.move = Contender("log_archive, to: table", lambda: self._module("table"), self._begin, self._end)
        self.keep = Contender("log_archive, to: repository", lambda: self._module("repository"), self._begin, self._end)
        self.loop = Contender("INSERT SELECT, DELETE WHERE id IN", self._loop, self._begin, self._end)
        self.at_once = Contender("one WITH moved AS (DELETE ...) INSERT", self._at_once, self._begin, self._end)

    def latencies(self, rounds: int) -> tuple[float, float, float]:
        """Return the 99th percentile of inserts without us and with us, and the longest with us, in milliseconds."""
        alone: list[float] = []
        together: list[float] = []
        for _number in range(rounds):
            self._begin()
            try:
                self._one_round(alone, together)
            finally:
                self._end()
        longest = 1000 * max(together)
        say(f"  {len(together)} inserts of {_CLIENTS} clients while it runs, the longest {longest:.0f} ms")
        return 1000 * percentile(alone, 0.99), 1000 * percentile(together, 0.99), longest

    def _one_round(self, alone: list[float], together: list[float]) -> None:
        # The same clients all the while: their connecting belongs to neither part.
        with Clients(self._server.dsn("logs"), _CLIENTS, _PAUSE).at_work() as clients:
            time.sleep(2)
            first = len(clients.latencies)
            time.sleep(8)
            second = len(clients.latencies)
            self._module("table")
            third = len(clients.latencies)
        if clients.errors or self._left() != 0:
            raise BenchError(f"the inserts or the move failed: {clients.errors[:3]}")
        alone += clients.latencies[first:second]
        together += clients.latencies[second:third]

    def _module(self, goal: str) -> Sample:
        params = {
            **self._server.connection("logs"),
            "table": "public.system_logs",
            "to": goal,
            "stack": "bench",
            "repository": {"path": str(self._repository)},
            # The others do neither.
            "vacuum": False,
        }
        # From its first connection on, as the others: what an interpreter takes to start has nothing to do with rows.
        return Sample(run_module("log_archive", params)["duration_seconds"], 0.0)

    def _loop(self) -> Sample:
        begun = time.monotonic()
        with closing(psycopg2.connect(self._server.dsn("logs"))) as connection, connection.cursor() as cursor:
            cursor.execute(_ARCHIVE)
            while True:
                cursor.execute(_NEXT, (_LOOP,))
                ids = [key for (key,) in cursor.fetchall()]
                if not ids:
                    break
                cursor.execute(
                    "INSERT INTO system_logs_archive SELECT * FROM system_logs WHERE id = ANY (%s::uuid[])", (ids,)
                )
                cursor.execute("DELETE FROM system_logs WHERE id IN %s", (tuple(ids),))
                connection.commit()
        return Sample(time.monotonic() - begun, 0.0)

    def _at_once(self) -> Sample:
        begun = time.monotonic()
        with closing(psycopg2.connect(self._server.dsn("logs"))) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"{_ARCHIVE}; WITH moved AS (DELETE FROM system_logs WHERE created_at < now() - interval '30 days' RETURNING *) "
                "INSERT INTO system_logs_archive SELECT * FROM moved"
            )
            connection.commit()
        return Sample(time.monotonic() - begun, 0.0)

    def _left(self) -> int:
        return int(
            self._server.psql("SELECT count(*) FROM system_logs WHERE created_at < now() - interval '35 days'", "logs")
        )

    def _begin(self) -> None:
        self._server.psql("CREATE DATABASE logs TEMPLATE template_logs")
        self._server.psql("CHECKPOINT")

    def _end(self) -> None:
        self._server.psql("DROP DATABASE logs WITH (FORCE)")


def prove(goal: str, rows: int, kills: int, seed: int) -> None:
    """Kill runs at random instants while clients insert; every row is in exactly one place in the end.

    :raises AssertionError: if one is not.
    """
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, PostgresServer() as server:
        server.create_database("logs")
        fill(server, "logs", rows, rows)
        before = digest(server, "logs", "system_logs")
        new = digest(server, "logs", "(SELECT * FROM system_logs WHERE created_at > now() - interval '35 days') n")
        params: dict[str, Any] = {
            **server.connection("logs"),
            "table": "public.system_logs",
            "to": goal,
            "stack": "bench",
            "repository": {"path": folder},
            "object_rows": 50_000,
        }
        cut = 0
        with Clients(server.dsn("logs"), _CLIENTS, 0.02).at_work() as clients:
            for _number in range(kills):
                process = start_module("log_archive", {**params, "row_budget": max(1, rows // kills)})
                try:
                    process.wait(rng.uniform(0.6, 3.0))
                except subprocess.TimeoutExpired:
                    process.kill()
                    cut += 1
                process.communicate()
            result = result_of(start_module("log_archive", params))
        assert result["complete"] is True, result
        assert clients.errors == []
        mine = "(SELECT * FROM system_logs WHERE message <> 'client') m"
        assert digest(server, "logs", mine) == new
        if goal == "table":
            assert digest(server, "logs", mine, "system_logs_archive") == before
        elif goal == "repository":
            server.psql(f"CREATE TABLE stored AS SELECT {COLUMNS} FROM system_logs WITH NO DATA", "logs")
            for payload in sorted(Path(folder).glob("bench/logs/*/rows.copy.zst")):
                if payload.with_name("manifest.json").exists():
                    text = subprocess.run(["zstd", "-dc", payload], capture_output=True, check=True).stdout.decode()
                    server.psql(f"COPY stored FROM STDIN;\n{text}\\.\n", "logs")
            assert digest(server, "logs", mine, "stored") == before
        inserted = server.psql("SELECT count(*) FROM system_logs WHERE message = 'client'", "logs")
        assert int(inserted) == len(clients.acknowledged)
        print(
            f"to: {goal}: {rows} old and {rows} new rows, {cut} of {kills} runs killed at work, {inserted} rows inserted "
            f"meanwhile (p99 {1000 * percentile(clients.latencies, 0.99):.0f} ms): every row is in exactly one place"
        )


def main() -> None:
    """Prove it in the large."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.logs", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=_KILLS)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--to", action="append", choices=["table", "repository", "delete"])
    options = parser.parse_args()
    say(f"seed {options.seed}")
    for goal in options.to or ("table", "repository", "delete"):
        prove(goal, options.rows, options.kills, options.seed)


if __name__ == "__main__":
    main()
