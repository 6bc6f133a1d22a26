# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database on a real server, and what can be done with it."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.dump import dump_source
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.restore import restore_target
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.postgres_server import PostgresServer
from tests.support.sample_database import fill
from tests.unit.plugins.module_utils.made import no_warning

PLACE = Place("lottery-chatbot", "database")
NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    with PostgresServer(fsync=False) as running:
        yield running


class Database:
    """One database, and the repository that its backups go to."""

    def __init__(self, server: PostgresServer, name: str, folder: pathlib.Path) -> None:
        self.server, self.name, self.work = server, name, folder / "work"
        for each in ("work", "repository"):
            (folder / each).mkdir()
        self.repository = LocalRepository(str(folder / "repository"))

    def params(self, **more: Any) -> dict[str, Any]:
        login = self.server.connection(self.name)
        return {
            **dict.fromkeys(
                (
                    "dsn",
                    "sslmode",
                    "container",
                    "project",
                    "jobs",
                    "target_dbname",
                    "schemas",
                    "exclude_schemas",
                    "exclude_table_data",
                )
            ),
            **{key: login[key] for key in ("host", "port", "user", "password", "dbname")},
            "bin_dir": str(self.server.bin_dir),
            "globals": True,
            "compression_level": 1,
            "work_dir": str(self.work),
            "maintenance_db": "postgres",
            "method": "swap",
            "replace": True,
            "keep_previous": True,
            "create_roles": False,
            "provider": "postgres",
            **more,
        }

    def back_up(self, **more: Any) -> dict[str, Any]:
        request = Request(PLACE, None, None, check_mode=False)
        return take_backup(self.repository, dump_source(self.params(**more)), request, no_warning)

    def restore(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        target = restore_target(self.params(**more), self.repository, PLACE, no_warning)
        return restore_backup(self.repository, PLACE, Choice(), target, check_mode=check_mode)

    def sql(self, statement: str, dbname: str | None = None) -> str:
        return self.server.psql(statement, dbname or self.name).strip()


@pytest.fixture
def database(server: PostgresServer, tmp_path: pathlib.Path) -> Iterator[Database]:
    name = f"lottery{next(NUMBERS)}"
    server.create_database(name)
    connection = psycopg2.connect(server.dsn(name))
    fill(connection, log_rows=500)
    connection.close()
    yield Database(server, name, tmp_path)
    for each in server.psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}%'").split():
        server.psql(f'DROP DATABASE "{each}" WITH (FORCE)')
