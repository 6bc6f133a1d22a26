# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A setting in a table of a real server, looked at by psql."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.setting import (
    SETTING_ARGUMENTS,
    keep_setting,
    setting_from,
    setting_login,
)

from tests.support.modules import run_module
from tests.support.postgres_server import PostgresServer

TABLE = """
DROP TABLE IF EXISTS limits;
CREATE TABLE limits (number text PRIMARY KEY, rate numeric(8, 2), cap integer, note text, at date DEFAULT '2026-11-24');
INSERT INTO limits VALUES ('sales', 80, 2000, '80'), ('support', 80, 2000, '80');
"""
QUERY = "SELECT rate, cap FROM limits WHERE number = 'sales'"
UPDATE = "UPDATE limits SET rate = %(rate)s, cap = %(cap)s WHERE number = 'sales'"
VALUES = {"rate": 7.5, "cap": 100}

Keep = Callable[..., dict[str, Any]]


@pytest.fixture
def keep(server: PostgresServer) -> Keep:
    server.psql(TABLE)
    login = server.connection("postgres")

    def act(*, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        params = {name: spec.get("default") for name, spec in SETTING_ARGUMENTS.items()}
        params = {**params, **{key: login[key] for key in ("host", "port", "user", "password", "dbname")}, **more}
        return keep_setting(setting_login(params), setting_from(params), check_mode=check_mode)

    return act


def content(server: PostgresServer) -> str:
    return server.psql("SELECT number || ' ' || rate || ' ' || coalesce(cap::text, '-') FROM limits ORDER BY 1").strip()


def test_it_is_kept_and_a_second_time_nothing_is_changed(server: PostgresServer, keep: Keep) -> None:
    check = keep(check_mode=True, query=QUERY, statement=UPDATE, values=VALUES)
    assert (check["changed"], content(server).splitlines()[0]) == (True, "sales 80.00 2000")
    done = keep(query=QUERY, statement=UPDATE, values=VALUES)
    assert (done["changed"], done["row"], done["diff"]) == (True, VALUES, check["diff"])
    assert content(server) == "sales 7.50 100\nsupport 80.00 2000"
    assert keep(query=QUERY, statement=UPDATE, values=VALUES)["changed"] is False
    assert keep(check_mode=True, query=QUERY, statement=UPDATE, values=VALUES)["changed"] is False


def test_nothing_is_a_value_too(server: PostgresServer, keep: Keep) -> None:
    assert keep(query=QUERY, statement=UPDATE, values={"rate": 80, "cap": None})["changed"] is True
    assert content(server).splitlines()[0] == "sales 80.00 -"
    assert keep(query=QUERY, statement=UPDATE, values={"rate": "80", "cap": None})["changed"] is False


def test_a_row_that_is_not_there_yet_is_made(server: PostgresServer, keep: Keep) -> None:
    query = "SELECT rate, cap FROM limits WHERE number = 'new'"
    insert = "INSERT INTO limits VALUES ('new', %(rate)s, %(cap)s)"
    assert keep(check_mode=True, query=query, statement=insert, values=VALUES)["row"] == VALUES
    assert keep(query=query, statement=insert, values=VALUES)["changed"] is True
    assert "new 7.50 100" in content(server)


def test_a_value_is_no_part_of_the_statement(server: PostgresServer, keep: Keep) -> None:
    evil = "'; DROP TABLE limits; --"
    query = "SELECT note FROM limits WHERE number = 'sales'"
    update = "UPDATE limits SET note = %(note)s WHERE number = 'sales'"
    assert keep(query=query, statement=update, values={"note": evil})["row"] == {"note": evil}
    assert server.psql("SELECT note FROM limits WHERE number = 'sales'").strip() == evil


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"statement": UPDATE.replace("sales", "nobody"), "values": VALUES}, ToolError, "still does not hold"),
        ({"statement": "UPDATE limits SET cap = 1/0", "values": VALUES}, ToolError, "division by zero"),
        ({"query": "SELECT rate, cap FROM limits", "statement": UPDATE, "values": VALUES}, RefusedError, "2 rows"),
        (
            {"query": "SELECT rate FROM limits LIMIT 1", "statement": UPDATE, "values": VALUES},
            RefusedError,
            "no column cap",
        ),
        ({"query": "SELECT 1 WHERE false"}, RefusedError, "no row"),
        ({"query": "UPDATE limits SET cap = 1 RETURNING 1"}, ToolError, "read-only"),
        ({"query": "SELECT pg_sleep(9)", "timeout": "1s"}, ToolError, "statement timeout"),
        ({"statement": UPDATE}, RefusedError, "name what the row"),
        ({"statement": UPDATE, "values": {"rate": []}}, RefusedError, "rate is a list"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_goes_wrong_changes_nothing(
    server: PostgresServer, keep: Keep, options: dict[str, Any], kind: type[OpsError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        keep(**{"query": QUERY, **options})
    assert content(server) == "sales 80.00 2000\nsupport 80.00 2000"


def test_a_value_is_read_alone(keep: Keep) -> None:
    found = keep(query="SELECT count(*) AS sent, min(at) AS first, '{1}'::int[] AS list, true AS yes FROM limits")
    assert (found["changed"], found["row"]) == (False, {"sent": 2, "first": "2026-11-24", "list": [1], "yes": True})


@pytest.mark.parametrize(("value", "changed"), [(True, False), ("true", False), (False, True)])
def test_a_truth_is_compared_as_one(keep: Keep, value: Any, changed: bool) -> None:
    query = "SELECT rate = 80 AS full FROM limits WHERE number = 'sales'"
    update = "UPDATE limits SET rate = CASE WHEN %(full)s THEN 80 ELSE 1 END WHERE number = 'sales'"
    assert keep(query=query, statement=update, values={"full": value})["changed"] is changed


@pytest.mark.usefixtures("keep")
def test_the_module(server: PostgresServer) -> None:
    login = {key: server.connection("postgres")[key] for key in ("host", "port", "user", "password", "dbname")}
    found = run_module("pg_setting", {**login, "query": QUERY, "statement": UPDATE, "values": VALUES})
    assert (found["changed"], content(server).splitlines()[0]) == (True, "sales 7.50 100")
    failed = run_module("pg_setting", {**login, "query": "SELECT nothing"}, fails=True)
    assert (failed["error_kind"], "nothing" in failed["msg"]) == ("tool", True)
