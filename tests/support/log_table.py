# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A log table with old and new rows, clients that go on inserting, and a look at where each row is: by psql alone."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import psycopg2

from tests.support.postgres_server import PostgresServer

# What a stack logs: two parts of JSON, some text, now and then nothing.
_CONTENT = """
SELECT gen_random_uuid(), (ARRAY['debug', 'info', 'warning', 'error'])[1 + n % 4],
       'Mensaje ' || n || E'\\tcon tabulador, \\\\ y salto\\n' || md5(n::text), jsonb_build_object('n', n, 'hash', md5(n::text)),
       CASE WHEN n % 7 = 0 THEN NULL ELSE '+34600' || lpad((n % 100000)::text, 6, '0') END, 'vD4kQ8sXw2LmN7Ra',
"""
CREATE = """
CREATE TABLE system_logs (
  id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  level       text NOT NULL CHECK (level IN ('debug', 'info', 'warning', 'error')),
  message     text NOT NULL,
  context     jsonb NOT NULL DEFAULT '{}',
  user_phone  text,
  workflow_id text,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX system_logs_by_time ON system_logs (created_at);
"""
# One number for each row that no change of it keeps, in whatever table it is.
_DIGEST = "SELECT count(*), coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0) FROM ({rows}) t"
COLUMNS = "id, level, message, context, user_phone, workflow_id, created_at"


def fill(server: PostgresServer, database: str, old: int, new: int, *, months: int = 3) -> None:
    """Make the table, with so many rows older than 40 days, over so many months, and so many of the last ten days."""
    server.psql(
        CREATE
        + f"INSERT INTO system_logs {_CONTENT} now() - interval '40 days' - n * interval '{30 * months} days' / {max(old, 1)} "
        f"FROM generate_series(1, {old}) n;"
        f"INSERT INTO system_logs {_CONTENT} now() - n * interval '10 days' / {max(new, 1)} FROM generate_series(1, {new}) n;"
        "ANALYZE system_logs",
        database,
    )


def digest(server: PostgresServer, database: str, *rows: str) -> tuple[int, int]:
    """Return the number and the digest of the rows of some tables or queries (that give :data:`COLUMNS`) together."""
    union = " UNION ALL ".join(f"SELECT {COLUMNS} FROM {each}" for each in rows)
    count, number = server.psql("SET timezone = 'UTC'; " + _DIGEST.format(rows=union), database).split("|")
    return int(count), int(number)


def percentile(latencies: Sequence[float], part: float) -> float:
    """Return the latency that this part of them does not exceed."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


@dataclass
class Clients:
    """Clients that insert, each row with a number of its own, and measure how long each insert takes (seconds)."""

    dsn: str
    number: int
    pause: float = 0.0
    latencies: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[Clients]:
        """Insert while the body runs."""
        done = threading.Event()
        threads = [threading.Thread(target=self._insert, args=(done,), daemon=True) for _number in range(self.number)]
        for each in threads:
            each.start()
        try:
            yield self
        finally:
            done.set()
            for each in threads:
                each.join()

    def _insert(self, done: threading.Event) -> None:
        with contextlib.closing(psycopg2.connect(self.dsn)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not done.is_set():
                begun = time.monotonic()
                try:
                    cursor.execute(
                        "INSERT INTO public.system_logs (level, message, context) VALUES ('info', 'client', '{}') RETURNING id"
                    )
                    row = cursor.fetchone()
                except psycopg2.Error as error:
                    self.errors.append(str(error))
                    return
                assert row is not None
                self.latencies.append(time.monotonic() - begun)
                self.acknowledged.append(row[0])
                done.wait(self.pause)
