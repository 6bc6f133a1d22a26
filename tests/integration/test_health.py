# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database's health, as psql sees it; and the whole look at a host."""

from __future__ import annotations

import os
import pathlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
import yaml
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.database import look_at_database
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge import health_of
from ansible_collections.chatbot.ops.plugins.module_utils._health.n8n import _ask_postgres, _Store
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.modules import stack_health_info

from tests.support.modules import run_module
from tests.support.postgres_server import PostgresServer

_EXECUTIONS = """
CREATE SCHEMA flows;
CREATE TABLE flows.n8n_workflow_entity (id varchar(36) PRIMARY KEY, name varchar(128) NOT NULL);
CREATE TABLE flows.n8n_execution_entity (
  id serial PRIMARY KEY, "workflowId" varchar(36), status varchar NOT NULL, mode varchar NOT NULL,
  "startedAt" timestamptz(3)
);
INSERT INTO flows.n8n_workflow_entity VALUES ('a', 'Pedidos'), ('b', 'Avisos');
INSERT INTO flows.n8n_execution_entity ("workflowId", status, mode, "startedAt")
SELECT id, status, mode, now() - age FROM (VALUES
  ('a', 'error', 'webhook', interval '1 hour'), ('a', 'crashed', 'trigger', interval '2 hours'),
  ('a', 'success', 'webhook', interval '3 hours'), ('b', 'error', 'trigger', interval '4 hours'),
  ('b', 'error', 'manual', interval '5 hours'), ('b', 'running', 'trigger', interval '1 minute'),
  ('a', 'error', 'webhook', interval '30 hours'), ('gone', 'error', 'webhook', interval '1 hour'),
  ('a', 'new', 'webhook', NULL)
) AS executions (id, status, mode, age);
"""


class Database:
    """A database of the test's own."""

    def __init__(self, server: PostgresServer, name: str) -> None:
        self.server, self.name = server, name
        given = server.connection(name)
        parameters = {key: str(given[key]) for key in ("host", "port", "user", "password")}
        self.login = Login(parameters, name)

    def look(self) -> dict[str, Any]:
        return look_at_database(lambda: self.login)

    def sql(self, statement: str) -> str:
        return self.server.psql(statement, self.name).strip()

    def ill(self, **limits: Any) -> dict[str, str]:
        """Return what of the database is not well, judged by ``limits``."""
        look = {"memory_problem": None, "sections": {"database": {"problem": None, **self.look()}}}
        found = health_of({"language": "en", "look": look, "limits": limits}, to_iso(now()))
        return {each["id"]: each["status"] for each in found["checks"] if each["status"] != "ok"}


@pytest.fixture
def database(server: PostgresServer) -> Iterator[Database]:
    server.create_database("healthy")
    yield Database(server, "healthy")
    server.psql("DROP DATABASE healthy WITH (FORCE)")


def test_all_is_well(database: Database) -> None:
    found = database.look()
    assert found["connect_problem"] is None
    assert found["size"]["bytes"] == int(database.sql("SELECT pg_database_size('healthy')"))
    assert found["transaction_age"]["age"] >= int(database.sql("SELECT max(age(datfrozenxid)) FROM pg_database")) - 50
    assert found["connections"]["max"] == int(
        database.sql(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        )
    )
    assert database.ill() == {}


def test_a_server_that_is_not_there() -> None:
    found = look_at_database(lambda: Login({"host": "127.0.0.1", "port": "1"}, "lottery"))
    assert set(found) == {"connect_problem"}
    assert "refused" in found["connect_problem"]


def test_a_password_that_is_wrong_is_told_without_it(database: Database) -> None:
    login = Login({**database.login.parameters, "password": "geheim"}, database.name)
    problem = look_at_database(lambda: login)["connect_problem"]
    assert "password authentication failed" in problem
    assert "geheim" not in problem


def test_connections(database: Database) -> None:
    before = database.look()["connections"]["used"]
    with closing(psycopg2.connect(database.server.dsn(database.name), application_name="greedy")):
        found = database.look()["connections"]
        assert found["used"] == before + 1
        assert any("greedy" in each for each in found["by_user"])
        assert database.ill(connections={"warning": 0.1, "critical": 99}) == {"database.connections": "warning"}


def test_who_waits_for_a_lock_and_for_whom(database: Database) -> None:
    database.sql("CREATE TABLE held (id int)")
    holder = psycopg2.connect(database.server.dsn(database.name))
    waiter = psycopg2.connect(database.server.dsn(database.name))
    thread = threading.Thread(target=_lock, args=(waiter,))
    try:
        _lock(holder)
        thread.start()
        deadline = time.monotonic() + 60
        while not (found := database.look()["locks"])["longest_seconds"]:
            assert time.monotonic() < deadline, found
        assert found["waits"][0]["blocked_by"] == [holder.info.backend_pid]
        assert found["waits"][0]["pid"] == waiter.info.backend_pid
        assert database.ill(locks={"warning": 0.01}) == {"database.locks": "warning"}
    finally:
        holder.close()
        thread.join(60)
        waiter.close()
    assert database.look()["locks"]["waiting"] == 0


def _lock(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE held")


def test_dead_rows(database: Database) -> None:
    database.sql(
        "CREATE TABLE bloated (id int, text text) WITH (autovacuum_enabled = off);"
        "INSERT INTO bloated SELECT n, repeat('x', 1000) FROM generate_series(1, 12000) AS n;"
        "DELETE FROM bloated WHERE id > 4000; SELECT pg_stat_force_next_flush();"
        "ANALYZE bloated"
    )
    deadline = time.monotonic() + 60
    while (found := database.look()["bloat"])["percent"] < 60:
        assert time.monotonic() < deadline, found
    assert found["tables"][0]["table"] == "public.bloated"
    assert database.ill() == {"database.bloat": "warning"}


def test_old_transactions(database: Database) -> None:
    assert database.ill(transaction_age={"warning": 1, "critical": 2_000_000_000}) == {
        "database.transaction_age": "warning"
    }


def test_an_extension_that_is_older_than_the_servers(database: Database) -> None:
    available = database.sql("SELECT count(*) FROM pg_available_extension_versions WHERE name = 'pg_trgm'")
    assert int(available) > 1, "the test's server has no older version to install"
    database.sql("CREATE EXTENSION pg_trgm VERSION '1.5'")
    assert database.ill() == {"database.extensions": "warning"}
    database.sql("ALTER EXTENSION pg_trgm UPDATE")
    assert database.ill() == {}


def test_a_user_who_may_see_little(database: Database) -> None:
    database.sql("CREATE ROLE onlooker LOGIN PASSWORD 'onlooker'")
    try:
        login = Login({**database.login.parameters, "user": "onlooker", "password": "onlooker"}, database.name)
        found = look_at_database(lambda: login)
        assert found["connect_problem"] is None
        assert [name for name, each in found.items() if isinstance(each, dict) and each["problem"]] == []
    finally:
        database.sql("DROP ROLE onlooker")


def test_n8ns_executions_on_postgresql(database: Database) -> None:
    database.sql(_EXECUTIONS)
    rows = _ask_postgres(_Store("n8n_", login=database.login, schema="flows"), 86_400.0)
    assert sorted(rows) == [("Avisos", 1, 2), ("Pedidos", 2, 3), ("deleted", 1, 1)]


def test_a_replica_that_is_cut_off_is_not_up_to_date() -> None:
    settings = {"wal_level": "replica", "max_wal_senders": "4", "wal_retrieve_retry_interval": "100ms"}
    with PostgresServer(fsync=False, settings=settings) as primary, PostgresServer(fsync=False) as replica:
        for each in (primary, replica):
            each.stop()
        owner = replica.data.stat()
        shutil.rmtree(replica.data)
        shutil.copytree(primary.data, replica.data)
        to = " ".join(f"{key}={value}" for key, value in primary.connection().items() if key != "dbname")
        with open(replica.data / "postgresql.conf", "a", encoding="utf-8") as file:
            file.write(f"unix_socket_directories = '{replica.socket_dir}'\nprimary_conninfo = '{to}'\n")
        (replica.data / "standby.signal").touch()
        for path in (replica.data, *replica.data.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)
        primary.start()
        replica.start()
        replica.password = primary.password
        seen = Database(replica, "postgres")

        def replication() -> dict[str, Any]:
            found = seen.look()["replication"]
            return {key: found[key] for key in ("role", "receiving", "lag_seconds")}

        _until(lambda: replication() == {"role": "standby", "receiving": True, "lag_seconds": 0.0})
        primary.psql("CREATE TABLE moved (id int)")
        _until(lambda: seen.sql("SELECT count(*) FROM pg_class WHERE relname = 'moved'") == "1")
        assert seen.ill() == {}
        primary.stop()
        _until(lambda: replication()["receiving"] is False)
        assert replication()["lag_seconds"] > 0
        assert seen.ill() == {"database.replication": "warning"}
        # It knows of no transaction any more.
        replica.stop()
        replica.start()
        _until(lambda: replication() == {"role": "standby", "receiving": False, "lag_seconds": None})
        assert seen.ill() == {"database.replication": "unknown"}


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_whole_look(database: Database, tmp_path: pathlib.Path) -> None:
    given = {
        key: database.server.connection(database.name)[key] for key in ("host", "port", "user", "password", "dbname")
    }
    params = {
        **given,
        "endpoints": [{"name": "api", "url": "http://127.0.0.1:1/health"}],
        "state_file": str(tmp_path / "looks.json"),
        "timeout": "60s",
        "sections": ["endpoints", "database", "server", "disks", "time"],
    }
    found = run_module("stack_health_info", params)
    assert found["changed"] is False
    assert {name: each["problem"] for name, each in found["sections"].items()} == dict.fromkeys(params["sections"])
    returned = yaml.safe_load(stack_health_info.RETURN)["sections"]["contains"]
    for name, section in found["sections"].items():
        _require_documented(section, returned[name]["contains"], name)
    health = health_of({"language": "es", "look": found, "endpoints": ["api"]}, to_iso(now()))
    states = {each["id"]: each["status"] for each in health["checks"]}
    assert states["api.api.status"] == "critical"
    assert {states[name] for name in states if name.startswith("database.")} == {"ok"}
    assert run_module("stack_health_info", {**params, "timeout": "never"}, fails=True)["error_kind"] == "refused"


def _require_documented(found: dict[str, Any], contains: dict[str, Any], where: str) -> None:
    assert set(found) <= set(contains), where
    for name, value in found.items():
        inner = contains[name].get("contains")
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                _require_documented(each, inner, f"{where}.{name}")
