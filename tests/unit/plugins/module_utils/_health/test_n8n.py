# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n: where it says whether it is ready, and what became of its executions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._health import n8n as looking
from ansible_collections.chatbot.ops.plugins.module_utils._health.n8n import N8n, look_at_n8n, readiness_url

from tests.support.sample_n8n import Plan, make
from tests.unit.plugins.module_utils._compose.documents import bind_mount, container
from tests.unit.plugins.module_utils._compose.test_engine import Client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an n8n with an execution each seven minutes, every 31st of which failed."""
    return make(tmp_path_factory.mktemp("n8n") / "data", Plan(running=True)).folder


def engine(*documents: dict[str, Any]) -> Engine:
    return Engine(Client(list(documents), []))


def no_engine() -> Engine:
    raise ToolError("no engine")


def asked_of_sqlite(folder: Path, where: str) -> int:
    with closing(sqlite3.connect(f"file:{folder}/database.sqlite?mode=ro", uri=True)) as connection:
        since = "datetime('now', '-1 day')"
        return int(
            connection.execute(
                f"SELECT count(*) FROM execution_entity WHERE startedAt > {since} AND {where}"
            ).fetchone()[0]
        )


def test_failed_executions_of_a_folder(folder: Path) -> None:
    found = look_at_n8n(N8n(path=str(folder)), no_engine)
    executions = found["executions"]
    assert executions["problem"] is None
    assert executions["failed"] == asked_of_sqlite(folder, "status = 'error'") > 0
    assert executions["total"] == asked_of_sqlite(folder, "1")
    assert sum(each["failed"] for each in executions["workflows"]) == executions["failed"]
    assert executions["workflows"][0]["workflow"]
    assert found["readiness"]["problem"] == "Neither the container nor the URL of n8n is known."


def test_the_container_tells_where_they_are(folder: Path) -> None:
    document = container(
        "n8n", mounts=[bind_mount(str(folder), "/home/node/.n8n")], state={"Status": "exited", "Pid": 0}
    )
    found = look_at_n8n(N8n(container="n8n"), lambda: engine(document))
    assert found["executions"]["failed"] > 0
    assert found["readiness"]["asked"] is True
    assert "does not run; it is exited" in found["readiness"]["problem"]


def test_executions_further_back_count_when_asked(folder: Path) -> None:
    shorter, longer = (
        look_at_n8n(N8n(path=str(folder), span=hours * 3600.0), no_engine)["executions"]["total"] for hours in (2, 24)
    )
    assert 0 < shorter < longer


def test_whatever_is_missing_is_told(folder: Path, tmp_path: Path) -> None:
    executions = look_at_n8n(N8n(path=str(tmp_path)), no_engine)["executions"]
    assert "no database database.sqlite" in executions["problem"]
    nothing = look_at_n8n(N8n(container="n8n"), lambda: engine(container("n8n", state={"Status": "exited"})))
    assert "Nothing is mounted" in nothing["executions"]["problem"]
    none = look_at_n8n(N8n(container="n8n"), lambda: engine(container("api")))
    assert none["readiness"]["asked"] is True
    assert "no container or service 'n8n'" in none["readiness"]["problem"]
    assert "no container or service 'n8n'" in none["executions"]["problem"]
    silent = look_at_n8n(N8n(container="n8n"), no_engine)
    assert (silent["readiness"]["asked"], silent["readiness"]["problem"]) == (False, "no engine")
    # Its folder is known all the same.
    known = look_at_n8n(N8n(container="n8n", path=str(folder)), no_engine)
    assert known["executions"]["problem"] is None
    prefixed = look_at_n8n(N8n(path=str(folder), prefix="x_"), no_engine)["executions"]
    assert "no such table: x_execution_entity" in prefixed["problem"]


def test_a_url_is_asked_in_place_of_the_container() -> None:
    found = look_at_n8n(N8n(url="http://127.0.0.1:1/"), no_engine)["readiness"]
    assert (found["asked"], found["url"]) == (True, "http://127.0.0.1:1/healthz/readiness")
    assert "refused" in found["problem"]


@pytest.mark.parametrize(
    ("env", "url"),
    [
        ([], "http://172.18.0.3:5678/healthz/readiness"),
        (["N8N_PORT=80", "N8N_ENDPOINT_HEALTH=/ok/"], "http://172.18.0.3:80/ok/readiness"),
    ],
)
def test_where_it_says_whether_it_is_ready(env: list[str], url: str) -> None:
    assert readiness_url(read_container(container("n8n", env=env))) == url


def test_one_without_an_address_is_refused() -> None:
    document = container("n8n", NetworkSettings={"Networks": {"host": {"IPAddress": ""}}})
    with pytest.raises(RefusedError, match="no address"):
        readiness_url(read_container(document))


def test_a_postgresql_by_the_environment() -> None:
    env = [
        "DB_TYPE=postgresdb",
        "DB_POSTGRESDB_HOST=postgres",
        "DB_POSTGRESDB_USER=n8n",
        "DB_POSTGRESDB_PASSWORD=geheim",
    ]
    document = container("n8n", env=env)
    login = looking._postgres_login(read_container(document), engine(document, container("postgres")))
    assert login.parameters["host"] == "172.18.0.3"
    assert (login.parameters["user"], login.parameters["password"], login.dbname) == ("n8n", "geheim", "n8n")
    assert "geheim" not in repr(login)
    elsewhere = container("n8n", env=["DB_POSTGRESDB_HOST=db.example.org", "DB_POSTGRESDB_DATABASE=flows"])
    login = looking._postgres_login(read_container(elsewhere), engine(elsewhere))
    assert (login.parameters["host"], login.dbname) == ("db.example.org", "flows")
