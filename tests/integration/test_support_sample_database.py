# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sample database: the same each time, and what its writer acknowledged is in it."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg2
import pytest

from tests.support import bench_data
from tests.support.postgres_server import PostgresServer
from tests.support.postgres_watchdog import wait_until
from tests.support.sample_database import TABLES, DatabaseWriter, fill
from tests.support.writer import PROJECT, read_state

UNTIL = datetime(2026, 11, 24, 3, tzinfo=UTC)
VISITS = "SELECT count(*), max((context->>'visit')::integer) FROM system_logs WHERE context ? 'visit'"

PARENT = """
import sys, time
from pathlib import Path
from tests.support.sample_database import DatabaseWriter
writer = DatabaseWriter({}, Path(sys.argv[1]))
writer.start()
print(writer.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that the test may stop, with an empty database `lottery`."""
    with PostgresServer(fsync=False) as server:
        server.create_database("lottery")
        yield server


def filled(server: PostgresServer, dbname: str) -> dict[str, int]:
    """Fills the database and returns the row counts that `fill` claims."""
    connection = psycopg2.connect(**server.connection(dbname))
    try:
        return fill(connection, log_rows=2_000, until=UNTIL)
    finally:
        connection.close()


def digest(server: PostgresServer, dbname: str, table: str) -> str:
    """A digest of a table's rows; large objects have a number of their own in each database."""
    rows = f"SELECT to_jsonb(t) - 'attachment' AS row FROM {table} t"
    return server.psql(
        f"SELECT count(*), md5(string_agg(row::text, E'\\n' ORDER BY row::text)) FROM ({rows}) r", dbname
    )


def test_is_the_same_each_time(own_server: PostgresServer) -> None:
    own_server.create_database("again")
    counts = filled(own_server, "lottery")
    assert counts == filled(own_server, "again")
    for table in TABLES:
        found = digest(own_server, "lottery", table)
        assert found.startswith(f"{counts[table]}|")
        assert found == digest(own_server, "again", table)


def test_has_what_a_dump_can_lose(own_server: PostgresServer) -> None:
    filled(own_server, "lottery")
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'reporting')"
    assert own_server.psql(owners, "lottery") == "chatbot_app"
    assert own_server.psql("SELECT question FROM search_knowledge('cobrar un premio') LIMIT 1", "lottery") == (
        "¿Cómo cobro un premio?"
    )
    own_server.psql("ALTER ROLE chatbot_reports PASSWORD :'secret'", variables={"secret": "it's a \\ secret"})
    reader = psycopg2.connect(
        **{**own_server.connection("lottery"), "user": "chatbot_reports", "password": "it's a \\ secret"}
    )
    with reader.cursor() as cursor:
        cursor.execute("SELECT sum(pg_column_size(lo_get(attachment))) > 200000 FROM knowledge_base")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT count(DISTINCT state) FROM user_sessions")  # its rows are guarded
        assert cursor.fetchone() == (1,)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT phone FROM subscribers")
    reader.close()


def test_what_the_writer_acknowledged_outlives_its_death(own_server: PostgresServer, tmp_path: pathlib.Path) -> None:
    filled(own_server, "lottery")
    writer = DatabaseWriter(own_server.environment("lottery"), tmp_path / "state", rate=100)
    writer.start()
    assert wait_until(lambda: writer.state.acknowledged >= 50, 20)
    writer.kill()
    assert wait_until(lambda: sessions(own_server) == 0, 10)  # what it had sent last may still commit
    count, last = map(int, own_server.psql(VISITS, "lottery").split("|"))
    assert writer.state.acknowledged <= count <= writer.state.acknowledged + 1
    assert writer.state.last <= last <= writer.state.last + 1


def test_the_writer_goes_on_when_the_server_is_back(own_server: PostgresServer, tmp_path: pathlib.Path) -> None:
    filled(own_server, "lottery")
    with DatabaseWriter(own_server.environment("lottery"), tmp_path / "state", rate=50) as writer:
        own_server.stop()
        assert wait_until(lambda: writer.state.failed > 0, 20)
        before = writer.state.acknowledged
        own_server.start()
        assert wait_until(lambda: writer.state.acknowledged > before, 20)
        final = writer.stop()
    assert own_server.psql(VISITS, "lottery") == f"{final.acknowledged}|{final.last}"


def test_the_writer_ends_with_its_parent(own_server: PostgresServer, tmp_path: pathlib.Path) -> None:
    filled(own_server, "lottery")
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "state"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        env=own_server.environment("lottery"),
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        assert sessions(own_server) == 1
        parent.kill()
    assert wait_until(lambda: sessions(own_server) == 0, 10)
    assert read_state(tmp_path / "state").failed == 0


def test_the_data_of_the_bench_grow_with_the_wish(own_server: PostgresServer) -> None:
    connection = psycopg2.connect(**own_server.connection("lottery"))
    size = bench_data.database(connection, gigabytes=0.02)
    connection.close()
    assert size == int(own_server.psql("SELECT pg_database_size('lottery')"))
    assert own_server.psql("SELECT count(*), count(DISTINCT id) FROM bench_logs", "lottery") == "50000|50000"
    assert 20_000_000 < size < 40_000_000  # with the 8 MB of an empty database


def sessions(server: PostgresServer) -> int:
    """How many connections to the database `lottery` there are."""
    return int(server.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = 'lottery'"))
