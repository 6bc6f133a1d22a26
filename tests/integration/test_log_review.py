# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of logs, counted by the module and by psql."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.modules import run_module
from tests.support.postgres_server import PostgresServer

_NUMBERS = itertools.count(1)
_TABLE = """
CREATE TABLE system_logs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(), level text NOT NULL, message text NOT NULL, context jsonb,
  user_phone text, workflow_id text, created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON system_logs (created_at);
-- Of each of the eight days, 10 errors of workflow a; today 30 more of workflow b.
INSERT INTO system_logs (level, message, user_phone, workflow_id, created_at)
SELECT 'error', format('Pedido %s de +34612%s rechazado (%s)', n, 345600 + n, gen_random_uuid()),
  '+34612' || 345600 + n % 5, 'a', now() - interval '1 hour' - n / 10 * interval '1 day'
FROM generate_series(0, 79) AS n;
INSERT INTO system_logs (level, message, user_phone, workflow_id, created_at)
SELECT 'error', 'token=geheim' || n || ' refused by 9f86d08' || n || 'a', NULL, 'b', now() - interval '2 hours'
FROM generate_series(1, 30) AS n;
INSERT INTO system_logs (level, message, workflow_id, created_at)
SELECT level, 'seen', 'a', now() - interval '3 hours' FROM unnest(ARRAY['warning', 'WARN', 'info', 'debug']) AS level;
INSERT INTO system_logs (level, message, created_at) VALUES ('info', 'first', now() - interval '90 days');
CREATE ROLE reader{number} LOGIN PASSWORD 'reader';
GRANT SELECT ON system_logs TO reader{number};
"""


class Logs:
    """A database with a table of logs."""

    def __init__(self, server: PostgresServer, folder: pathlib.Path, name: str) -> None:
        self.server, self.folder, self.name = server, folder, name

    def look(self, *, check: bool = False, fails: bool = False, **more: Any) -> dict[str, Any]:
        login = self.server.connection(self.name)
        params = {key: login[key] for key in ("host", "port", "user", "password", "dbname")}
        params["state_file"] = str(self.folder / "seen.json")
        return run_module("system_log_info", {**params, **more}, check=check, fails=fails)

    def sql(self, statement: str) -> str:
        return self.server.psql(statement, self.name).strip()


@pytest.fixture
def logs(server: PostgresServer, tmp_path: pathlib.Path) -> Iterator[Logs]:
    number = next(_NUMBERS)
    name = f"logs{number}"
    server.create_database(name)
    server.psql(_TABLE.format(number=number), name)
    yield Logs(server, tmp_path, name)
    server.psql(f"DROP DATABASE {name} WITH (FORCE)")
    server.psql(f"DROP ROLE reader{number}")


def test_counted_as_psql_counts(logs: Logs) -> None:
    found = logs.look()
    counted = logs.sql(
        "SELECT count(*) FROM system_logs WHERE level = 'error' AND created_at > now() - interval '1 day'"
    )
    assert found["error_count"] == int(counted) == 40
    assert (found["warning_count"], found["rows"], found["users"]) == (2, 44, 5)
    assert (found["errors_per_day"], found["errors_per_day_before"], found["compared_days"]) == (40.0, 10.0, 7.0)
    assert found["ratio"] == 4.0
    assert [
        (each["workflow_id"], each["error_count"], each["warning_count"], each["ratio"]) for each in found["workflows"]
    ] == [
        ("b", 30, 0, None),
        ("a", 10, 2, 1.0),
    ]
    assert [(each["count"], each["signature"]) for each in found["signatures"]] == [
        (30, "token=*** refused by <hex>"),
        (10, "Pedido <n> de <n> rechazado (<uuid>)"),
        (2, "seen"),
    ]
    assert found["changed"] is False


def test_nothing_of_a_user_or_a_secret_gets_out(logs: Logs) -> None:
    told = str(logs.look())
    assert "34612" not in told
    assert "geheim" not in told
    assert {each["user"][:3] for each in logs.look()["users_hit"]} == {"***"}


def test_new_ones_are_marked_once(logs: Logs) -> None:
    assert logs.look(check=True)["new_signatures"] == 3
    assert logs.look()["new_signatures"] == 3
    logs.sql("INSERT INTO system_logs (level, message) VALUES ('error', 'never seen')")
    found = logs.look()
    assert found["new_signatures"] == 1
    assert (found["signatures"][0]["signature"], found["signatures"][0]["new"]) == ("never seen", True)
    assert found["previous_look"] is not None


def test_a_user_who_may_only_read(logs: Logs) -> None:
    reader = logs.name.replace("logs", "reader")
    assert logs.look(user=reader, password="reader")["error_count"] == 40
    refused = logs.look(user=reader, password="wrong", fails=True)
    assert "password authentication failed" in refused["msg"]
    logs.sql(f"REVOKE SELECT ON system_logs FROM {reader}")
    assert "permission denied" in logs.look(user=reader, password="reader", fails=True)["msg"]


def test_other_tables(logs: Logs) -> None:
    assert "no table 'nothing'" in logs.look(table="nothing", fails=True)["msg"]
    logs.sql('CREATE TABLE "Other" (a int)')
    assert "no column created_at, level, message" in logs.look(table='"Other"', fails=True)["msg"]
    logs.sql("CREATE SCHEMA app; CREATE TABLE app.logs (level text, message text, created_at timestamptz)")
    found = logs.look(table="app.logs")
    assert (found["rows"], found["error_count"], found["ratio"], found["newest"]) == (0, 0, None, None)
    assert (found["workflows"], found["users_hit"], found["compared_days"]) == ([], [], 0.0)


def test_one_that_takes_too_long(logs: Logs) -> None:
    logs.sql("ALTER TABLE system_logs RENAME TO slow")
    logs.sql(
        "CREATE VIEW system_logs AS SELECT id, level, message, context, user_phone, workflow_id, created_at "
        "FROM slow, LATERAL (SELECT pg_sleep(0.05) WHERE id IS NOT NULL) AS nap"
    )
    assert "was not read within 1 seconds" in logs.look(timeout="1s", fails=True)["msg"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"since": "soon"}, "since"),
        ({"compare": "0"}, "more than no time"),
        ({"limit": 0}, "limit"),
        ({"error_levels": []}, "error_levels"),
        ({"warning_levels": ["error"]}, "none twice"),
        ({"state_file": "/proc/nowhere/seen.json"}, "state_file"),
    ],
)
def test_bad_input_is_refused(logs: Logs, params: dict[str, Any], said: str) -> None:
    assert said in logs.look(fails=True, **params)["msg"]
