# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the integration tests stand on: a PostgreSQL of their own, sample data, and a place for backups."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.integration.logs import Logs
from tests.support.postgres_server import PostgresServer
from tests.support.sample_database import fill
from tests.support.stack import SampleStack
from tests.support.zygote import Zygote

MODULES = (
    "backup_info",
    "backup_verify",
    "backup_prune",
    "config_backup",
    "log_archive",
    "log_restore",
    "n8n_volume_backup",
    "n8n_volume_restore",
    "pg_dump",
    "pg_restore",
    "repository_check",
)
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole run."""
    with PostgresServer(fsync=False) as running:
        yield running


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Runs modules without the second that their imports take."""
    with Zygote(*MODULES) as running:
        yield running


@pytest.fixture
def stack(tmp_path: pathlib.Path, server: PostgresServer) -> Iterator[SampleStack]:
    """A small stack: a database with the sample schema, an n8n folder, an empty repository."""
    database = f"lottery{next(_NUMBERS)}"
    server.create_database(database)
    connection = psycopg2.connect(server.dsn(database))
    fill(connection, log_rows=2_000)
    connection.close()
    yield SampleStack(tmp_path, server, database)
    for name in server.psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{database}%'").split():
        server.psql(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def parameters(stack: SampleStack) -> dict[str, dict[str, Any]]:
    """The parameters of each module for the sample stack."""
    return stack.parameters()


@pytest.fixture
def logs(tmp_path: pathlib.Path, server: PostgresServer) -> Iterator[Logs]:
    """An empty database for a log table, and an empty repository."""
    database = f"logs{next(_NUMBERS)}"
    server.create_database(database)
    (tmp_path / "backups").mkdir()
    yield Logs(server, database, tmp_path / "backups")
    server.psql(f'DROP DATABASE "{database}" WITH (FORCE)')
