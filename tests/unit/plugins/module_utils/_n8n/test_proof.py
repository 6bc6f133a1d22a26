# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof where it depends on the version of n8n, or on where n8n keeps its data."""

from __future__ import annotations

import pathlib
import sqlite3

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n import crypto
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.proof import Tables, last_migration, settled_executions

from tests.unit.plugins.module_utils._n8n.conftest import N8n

NOW_COLUMNS = "id INTEGER PRIMARY KEY, status varchar, stoppedAt datetime, waitTill datetime, deletedAt datetime"
FIRST_COLUMNS = "id INTEGER PRIMARY KEY, stoppedAt datetime, waitTill datetime"


def settled(columns: str, **row: str | None) -> bool:
    database = sqlite3.connect(":memory:")
    database.execute(f"CREATE TABLE n8n_execution_entity ({columns})")
    names, marks = ", ".join(["id", *row]), ", ".join("?" for _name in ["id", *row])
    database.execute(f"INSERT INTO n8n_execution_entity ({names}) VALUES ({marks})", (7, *row.values()))
    return settled_executions(Tables(database, "n8n_"))("7")


@pytest.mark.parametrize("status", ["success", "error", "crashed", "canceled"])
def test_a_finished_execution_stays(status: str) -> None:
    assert settled(NOW_COLUMNS, status=status, stoppedAt="2026-11-24")


@pytest.mark.parametrize("status", ["new", "running", "waiting", "unknown"])
def test_an_unfinished_one_may_still_change(status: str) -> None:
    assert not settled(NOW_COLUMNS, status=status, stoppedAt="2026-11-24")


def test_one_marked_for_deletion_may_go() -> None:
    assert not settled(NOW_COLUMNS, status="success", stoppedAt="2026-11-24", deletedAt="2026-11-24")


def test_the_first_versions_have_no_status() -> None:
    assert settled(FIRST_COLUMNS, stoppedAt="2022-11-24")
    assert not settled(FIRST_COLUMNS, stoppedAt=None)
    assert not settled(FIRST_COLUMNS, stoppedAt="2022-11-24", waitTill="2022-11-25")


def test_what_is_in_no_row_may_come_and_go() -> None:
    database = sqlite3.connect(":memory:")
    assert not settled_executions(Tables(database, ""))("7")
    database.execute(f"CREATE TABLE execution_entity ({NOW_COLUMNS})")
    is_settled = settled_executions(Tables(database, ""))
    assert not is_settled("7")
    assert not is_settled("temp")


def test_a_database_that_was_never_migrated() -> None:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE migrations (id, timestamp, name)")
    assert last_migration(Tables(database, "")) is None


def test_the_folder_of_an_n8n_on_postgresql_comes_back(n8n: N8n) -> None:
    for file in n8n.folder.glob("database.sqlite*"):
        file.unlink()
    config = (n8n.folder / "config").read_bytes()
    n8n.back_up()
    (n8n.folder / "config").write_text('{"encryptionKey": "another"}')
    result = n8n.restore()
    assert result["proof"]["equal"] is True
    assert result["proof"]["found"]["database"] is None
    assert (n8n.folder / "config").read_bytes() == config
    assert pathlib.Path(result["previous"], "config").exists()
    assert n8n.restore()["changed"] is False


def test_without_the_library_nothing_is_taken(n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto, "_MISSING", ImportError("no cryptography"))
    with pytest.raises(RefusedError, match=r"lacks the library cryptography.*chatbot\.ops\.toolchain"):
        n8n.back_up()
