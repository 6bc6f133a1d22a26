# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What two runs on one server do to each other: nothing, by whichever database each of them came."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Database as Properties
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.server import Server

from tests.unit.plugins.module_utils._postgres.conftest import Database


def login(database: Database, dbname: str) -> Login:
    parameters = {key: str(database.params()[key]) for key in ("host", "port", "user", "password")}
    return Login(parameters, dbname)


def test_a_scratch_database_is_left_alone_by_runs_that_came_by_another_database(database: Database) -> None:
    with Server(login(database, database.name)) as ours, Server(login(database, "postgres")) as other:
        like = Properties(**ours.session.value(catalog.DATABASE))
        with ours.scratch(database.name, like) as name:
            other.sweep()
            assert database.sql("SELECT 1", name) == "1"
            with pytest.raises(BusyError), other.held(name):
                pass
        assert not other.has(name)


def test_what_a_killed_run_left_is_swept_by_whichever_database_one_comes(database: Database) -> None:
    with Server(login(database, "postgres")) as other:
        with Server(login(database, database.name)) as killed:
            like = Properties(**killed.session.value(catalog.DATABASE))
            scratch = killed.scratch(database.name, like)
            name = scratch.__enter__()
            database.sql(f"SELECT pg_terminate_backend({killed.session.value('SELECT pg_backend_pid()')})", "postgres")
            with pytest.raises(ToolError, match=r"the server ended the connection.*try again"):
                scratch.__exit__(None, None, None)
        assert other.has(name)
        other.sweep()
        assert not other.has(name)


def test_a_snapshot_whose_session_was_ended_is_told_as_such(database: Database) -> None:
    there = login(database, database.name)
    with there.connect() as holder:
        join = proof.joining(proof.begin_snapshot(holder))
        with there.connect() as other:
            join(other)
    with (
        pytest.raises(ToolError, match=r"ended the session whose snapshot that is\. .* try again"),
        there.connect() as late,
    ):
        join(late)
