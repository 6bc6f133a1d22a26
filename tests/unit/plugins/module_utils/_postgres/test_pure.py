# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no server: what pg_restore says, and the statements that bring the database itself back."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import commands
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.archive import _forgiving
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Database
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.properties import (
    create_statement,
    property_statements,
)

UNKNOWN = (
    'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"'
)


def saying(line: str) -> Command:
    return _forgiving(Command(("sh", "-c", 'echo "$SAYS" >&2; exit 1'), env={"SAYS": line}))


def test_an_older_server_may_not_know_the_newest_setting() -> None:
    run_pipeline([saying(UNKNOWN)])


@pytest.mark.parametrize(
    "line", ["pg_restore: error: could not execute query: ERROR:  no such role", f"{UNKNOWN}\npg_restore: error: x"]
)
def test_any_other_error_is_one(line: str) -> None:
    with pytest.raises(ToolError, match="its first error"):
        run_pipeline([saying(line)])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("pg_dump: error: query failed: server closed the connection unexpectedly", True),
        ('pg_dump: error: query failed: ERROR:  invalid snapshot identifier: "00000004-00000283-1"', True),
        ("pg_dump: error: permission denied", False),
    ],
)
def test_a_session_that_the_server_ended_is_told_as_such(said: str, told: bool) -> None:
    assert commands.judge(0, said) is None
    assert ("try again" in str(commands.judge(1, said))) is told
    assert str(commands.judge(1, said)).startswith("exit status 1")


def made(**more: object) -> Database:
    values: dict[str, object] = {
        "name": "lottery",
        "owner": "app",
        "encoding": "UTF8",
        "collate": "es_ES.utf8",
        "ctype": "es_ES.utf8",
        "provider": "c",
        "locale": None,
        "icu_rules": None,
        "connection_limit": -1,
        "comment": "it's ours",
        "bytes": 1,
        "acl": None,
        "settings": [],
    }
    return Database(**{**values, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("provider", "locale"), [("c", None), ("i", "es-ES"), ("b", "C.UTF-8")])
def test_a_database_is_made_like_the_one_that_was(provider: str, locale: str | None) -> None:
    statement = create_statement("scratch", made(provider=provider, locale=locale), 17, 10_307)
    assert "template0" in statement.lower()
    assert "UTF8" in statement
    assert locale is None or locale in statement


def test_what_belongs_to_the_database_itself_comes_back() -> None:
    acl = [
        {"grantee": "reader", "privilege": "CONNECT", "grantable": True, "grantor": "app"},
        {"grantee": None, "privilege": "TEMPORARY", "grantable": False, "grantor": "app"},
    ]
    settings = [
        {"role": None, "name": "search_path", "value": '"$user", public'},
        {"role": "reader", "name": "statement_timeout", "value": "5s"},
    ]
    text = "\n".join(property_statements("lottery", made(acl=acl, settings=settings)))
    assert "reader" in text
    assert "PUBLIC" in text
    assert "statement_timeout" in text
