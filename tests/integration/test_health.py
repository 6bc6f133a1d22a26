# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database's health, as psql sees it; and the whole look at a host."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg2
import pytest
import yaml
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.database import look_at_database
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge import health_of
from ansible_collections.chatbot.ops.plugins.module_utils._health.n8n import _ask_postgres, _Store
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import read_manifest, write_manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.modules import stack_health_info

from tests.support.chat_api import SLACK_PATH, ChatApi
from tests.support.modules import run_module
from tests.support.ping_api import PingApi
from tests.support.playbooks import Playbooks
from tests.support.postgres_server import PostgresServer
from tests.support.role_play import play
from tests.support.stack import STACK, SampleStack

SOURCES = ("database", "n8n")
_DISK = ("disk_bytes", "disk_inodes")
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


def _checks(playbooks: Playbooks) -> dict[str, dict[str, Any]]:
    path = playbooks.reports / "health-lottery-chatbot.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["stack"] == "lottery-chatbot"
    return {each["id"]: each for each in document["checks"]}


def test_the_playbook_tells_the_truth_before_and_after_a_backup(stack: SampleStack, tmp_path: pathlib.Path) -> None:
    playbooks = Playbooks(stack, tmp_path)
    # How full this machine is, nobody can help here.
    quiet = ["-e", json.dumps({"health_limits": {each: {"warning": 99.9, "critical": 100} for each in _DISK}})]
    without = playbooks.play("health_check", *quiet)
    assert without.exit_status != 0
    assert without.changed == 0
    checks = _checks(playbooks)
    repository = stack.n8n.parent / "backups"
    ill = {name for name, each in checks.items() if each["status"] in ("critical", "unknown")}
    assert ill == {f"backup.{source}.{repository}.{what}" for source in SOURCES for what in ("age", "verified")}
    assert checks["database.connect"]["status"] == "ok"
    assert checks["recovery.rto"]["status"] == "warning"
    assert "No hay ningún respaldo bueno de n8n" in checks[f"backup.n8n.{repository}.age"]["summary"]
    assert "backup_stack" in checks[f"backup.n8n.{repository}.age"]["advice"]
    assert playbooks.play("backup_stack").exit_status == 0
    after = playbooks.play("health_check", *quiet)
    assert after.exit_status == 0, after.output
    checks = _checks(playbooks)
    assert checks[f"backup.n8n.{repository}.age"]["status"] == "ok"
    assert checks[f"backup.n8n.{repository}.verified"]["status"] == "warning"
    assert checks[f"backup.database.{repository}.size"]["value"] > 0


def test_a_server_that_does_not_answer_is_a_finding_and_the_others_are_looked_at(tmp_path: pathlib.Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    hosts = {
        "here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        "gone": {"ansible_host": "127.0.0.1", "ansible_port": 1},
    }
    given = {
        "chatbot_stack": {
            "name": "{{ inventory_hostname }}",
            "sources": ["n8n"],
            "repositories": [{"type": "local", "path": str(backups)}],
        },
        "health_python": sys.executable,
        "health_reach_timeout": 2,
        "health_backups_from": "localhost",
        "health_report_folder": str(tmp_path / "reports"),
        "health_state_file": str(tmp_path / "looks.json"),
        "health_fail_on": ["critical"],
    }
    inventory = {"all": {"hosts": hosts, "vars": given}}
    done = play(tmp_path, inventory, [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
    assert done.exit_status != 0
    gone, here = (_states(tmp_path / "reports" / f"health-{name}.json") for name in ("gone", "here"))
    assert gone["server.reachable"] == "critical"
    assert "The server cannot be reached" in done.text
    # What needs no server is known all the same, and nothing is said of the rest.
    assert gone[f"backup.n8n.{backups}.age"] == "critical"
    assert not [name for name in gone if name.startswith(("server.load", "disk."))]
    assert here["server.reachable"] == "ok"
    assert here["disk./.inodes"] == "ok"


def test_what_cannot_be_written_keeps_nobody_from_being_told(tmp_path: pathlib.Path) -> None:
    """The server has no room for the metrics, then the controller none for the report."""
    (tmp_path / "full").touch()
    with ChatApi() as chat, PingApi() as pings:
        given = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "chatbot_stack": {"name": "lottery"},
            "health_python": sys.executable,
            "health_report_folder": str(tmp_path / "reports"),
            "health_textfile_directory": str(tmp_path / "full"),
            "health_state_file": str(tmp_path / "looks.json"),
            "health_endpoints": [{"name": "api", "url": "http://127.0.0.1:1/health"}],
            "health_fail_on": [],
            "health_notify": True,
            "heartbeat_targets": {"health": {"type": "healthchecks", "url": pings.url("healthchecks")}},
            "notify_state_folder": str(tmp_path / "state"),
            "notify_slack_webhook_url": chat.url + SLACK_PATH,
        }
        plays = [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}]
        server = play(tmp_path, {"all": {"hosts": {"bot": given}}}, plays)
        assert server.exit_status != 0
        assert "Failed to give the metrics to bot" in server.text
        (told,) = chat.texts("slack")
        assert "api.api.status" in told
        full = {"health_report_folder": str(tmp_path / "full"), "health_rehearsal_folder": str(tmp_path)}
        given = {**given, **full, "notify_reminder_critical": "1s"}
        controller = play(tmp_path, {"all": {"hosts": {"bot": given}}}, plays)
        assert controller.exit_status != 0
        assert "rescued=1" in controller.text
        assert "Failed to write the health report" in controller.text
        assert "Failed to give the metrics to bot" not in controller.text
        assert len(chat.texts("slack")) == 2
        assert pings.events() == ["fail", "fail"]


@pytest.mark.parametrize("delegate", ["localhost", "gone"])
def test_who_is_gone_in_the_middle_of_the_look_is_a_finding(tmp_path: pathlib.Path, delegate: str) -> None:
    """The server answers no more once the look has begun; or whoever is to ask the repository never did."""
    gone = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_private_key_file": "/dev/null"}
    dies = delegate == "localhost"
    here = {
        **gone,
        "ansible_connection": "{{ 'ssh' if __health_begun is defined else 'local' }}" if dies else "local",
        "ansible_python_interpreter": sys.executable,
        "chatbot_stack": {
            "name": "lottery",
            "sources": ["n8n"],
            "repositories": [{"type": "local", "path": str(tmp_path)}],
        },
        "health_python": sys.executable,
        "health_backups_from": delegate,
        "health_backups_python": sys.executable,
        "health_report_folder": str(tmp_path / "reports"),
        "health_state_file": str(tmp_path / "looks.json"),
        "health_fail_on": ["critical", "unknown"],
    }
    inventory = {"all": {"hosts": {"here": here, "gone": gone}}}
    done = play(tmp_path, inventory, [{"hosts": "here", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
    assert done.exit_status == 2, done.output
    states = _states(tmp_path / "reports/health-lottery.json")
    assert states["server.reachable"] == ("critical" if dies else "ok")
    assert ("disk./.inodes" in states) is not dies
    assert states[f"backup.n8n.{tmp_path}.age"] == ("critical" if dies else "unknown")


def test_that_backups_stopped_is_seen_from_anywhere_that_reaches_the_store(
    stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    """The server is gone, and with it whatever should have told that its backups stopped; the store is asked."""
    description = {
        "name": STACK,
        "sources": ["n8n"],
        "repositories": [{"type": "local", "path": str(stack.backups)}],
        "objectives": {"rpo": "24h"},
    }
    given = {
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
        "chatbot_stack": description,
        "health_reach_timeout": 2,
        "health_backups_from": "localhost",
        "health_backups_python": sys.executable,
        "health_report_folder": str(tmp_path / "reports"),
    }

    def age() -> dict[str, Any]:
        hosts = {"all": {"hosts": {"gone": given}}}
        done = play(tmp_path, hosts, [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
        assert done.exit_status != 0
        document = json.loads((tmp_path / f"reports/health-{STACK}.json").read_text(encoding="utf-8"))
        (found,) = [each for each in document["checks"] if each["id"] == f"backup.n8n.{stack.backups}.age"]
        return dict(found)

    run_module("n8n_volume_backup", stack.parameters()["n8n_volume_backup"])
    assert age()["status"] == "ok"
    (manifest,) = stack.manifests("n8n")
    # As it lay there, had it been the last one three days ago.
    stopped = now() - timedelta(days=3)
    made = read_manifest(manifest.read_bytes(), str(manifest))
    old = stopped.strftime("%Y%m%dT%H%M%SZ") + made.backup_id[16:]
    then = to_iso(stopped)
    moved = manifest.parent.rename(manifest.parent.with_name(old)) / "manifest.json"
    moved.write_bytes(write_manifest(replace(made, backup_id=old, started=then, taken=then, ended=then)))
    found = age()
    assert found["status"] == "critical"
    assert found["value"] == pytest.approx(3 * 86_400, abs=900)
    assert "backup_stack" in found["advice"]


def _states(path: pathlib.Path) -> dict[str, str]:
    return {each["id"]: each["status"] for each in json.loads(path.read_text(encoding="utf-8"))["checks"]}
