# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a container: what the container tells of it, and its own client programs.

The container of these tests is the process that runs them: its root folder is that of the host.
"""

from __future__ import annotations

import os
import pathlib
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server, parameters_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors import server

from tests.unit.plugins.module_utils._compose.documents import container
from tests.unit.plugins.module_utils._compose.test_engine import Client
from tests.unit.plugins.module_utils._postgres.conftest import Database

CHROOT = """#!/bin/sh
# A chroot that needs no rights: it goes into the root folder that we are in anyway.
echo "$*" >> "$CHROOT_CALLS"
shift
exec "$@"
"""


def parameters(*env: str, **files: str) -> dict[str, str]:
    return parameters_of(read_container(container("postgres", env=env)), files.get)


def test_what_its_environment_tells() -> None:
    assert parameters() == {"host": "172.18.0.3", "user": "postgres", "dbname": "postgres"}
    assert parameters("POSTGRES_USER=app", "POSTGRES_PASSWORD=a=b", "PGPORT=5433") == {
        "host": "172.18.0.3",
        "user": "app",
        "password": "a=b",
        "dbname": "app",
        "port": "5433",
    }
    assert parameters("POSTGRES_DB=lottery", "POSTGRES_PASSWORD_FILE=secret", secret="x\n")["password"] == "x"
    assert "password" not in parameters("POSTGRES_PASSWORD_FILE=missing")


def test_one_that_does_not_run() -> None:
    stopped = Engine(Client([container("postgres", state={"Status": "exited"})], []))
    with pytest.raises(RefusedError, match="does not run; it is exited"):
        container_server(stopped, "postgres", None)
    gone = Engine(Client([container("postgres", state={"Pid": 4194305})], []))
    with pytest.raises(RefusedError, match="may not look into the container"):
        container_server(gone, "postgres", None)


def test_dumped_and_restored_with_its_own_programs(
    database: Database, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "chroot").write_text(CHROOT)
    (tmp_path / "bin" / "chroot").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("CHROOT_CALLS", str(tmp_path / "calls"))
    monkeypatch.setattr(server, "open_engine", lambda: Engine(Client([document(database)], [])))
    alone: dict[str, Any] = dict.fromkeys(("host", "port", "user", "password", "dbname", "bin_dir"))
    rows = database.sql("SELECT count(*) FROM system_logs")
    database.back_up(**alone, container="postgres")
    database.sql("DELETE FROM system_logs")
    assert database.restore(**alone, container="postgres")["proof"]["equal"] is True
    assert database.sql("SELECT count(*) FROM system_logs") == rows
    database.sql("DELETE FROM system_logs")
    assert database.restore(**alone, container="postgres", method="in_place")["proof"]["equal"] is True
    calls = (tmp_path / "calls").read_text().splitlines()
    root = f"/proc/{os.getpid()}/root"
    for program in ("pg_dump", "pg_dumpall", "pg_restore", "psql"):
        assert any(each.startswith(f"{root} {database.server.bin_dir}/{program}") for each in calls)
    assert not any(root in each[len(root) :] for each in calls), "the programs know files by their own names"
    password = database.server.connection(database.name)["password"]
    assert not any(str(password) in each for each in calls)


def document(database: Database) -> dict[str, Any]:
    """Return the document of a container that holds the test's server."""
    login = database.server.connection(database.name)
    env = [
        f"POSTGRES_USER={login['user']}",
        f"POSTGRES_PASSWORD={login['password']}",
        f"POSTGRES_DB={database.name}",
        f"PGPORT={login['port']}",
        f"PATH={database.server.bin_dir}:/usr/bin",
    ]
    return container("postgres", env=env, state={"Pid": os.getpid()}, NetworkSettings={"Networks": {}})
