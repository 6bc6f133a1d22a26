# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one cell of the matrix plays: a stack and a repository of its own, on servers that all cells share."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.chaos.restic_view import ResticView
from tests.chaos.store import BucketStore, FolderStore, Store
from tests.support.fault_proxy import FaultProxy
from tests.support.postgres_server import PostgresServer
from tests.support.restic_store import PASSWORD
from tests.support.s3_server import SeaweedServer
from tests.support.sample_database import fill
from tests.support.stack import STACK, SampleStack
from tests.support.zygote import Run, Zygote

#: A run that takes longer (seconds) hangs.
LIMIT = 240.0
_TEMPLATE = "chaos_template"
# More than one part of an upload each, however well the rest is compressed.
_N8N_BALLAST, _CONFIG_BALLAST, _DATABASE_BALLAST = 18 << 20, 10 << 20, 10
_DISK = "300m"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Servers:
    """What all cells share."""

    postgres: PostgresServer
    s3: SeaweedServer
    zygote: Zygote


@dataclass(frozen=True)
class Ran:
    """How a run ended: with a result, or killed, or (neither) without a word. ``problem``: what went wrong beside it."""

    result: dict[str, Any] | None
    killed: bool = False
    problem: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether it says that it did what it was to do."""
        return self.result is not None and not self.result.get("failed", False)

    @property
    def message(self) -> str:
        """What it says went wrong."""
        return str(self.result.get("msg", "")) if self.result is not None else ""


@contextmanager
def servers(modules: tuple[str, ...]) -> Iterator[Servers]:
    """Run what all cells share."""
    with tempfile.TemporaryDirectory(prefix="chatbot-ops-chaos-cache-") as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        yield from _servers(modules)


def _servers(modules: tuple[str, ...]) -> Iterator[Servers]:
    with PostgresServer(fsync=False) as postgres, SeaweedServer() as s3, Zygote(*modules) as zygote:
        postgres.create_database(_TEMPLATE)
        connection = psycopg2.connect(postgres.dsn(_TEMPLATE))
        fill(connection, log_rows=500)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE ballast (id int PRIMARY KEY, content bytea NOT NULL)")
            for number in range(_DATABASE_BALLAST):
                cursor.execute("INSERT INTO ballast VALUES (%s, %s)", (number, os.urandom(1 << 20)))
        connection.close()
        yield Servers(postgres, s3, zygote)


class Scene:
    """The place of one cell; use :func:`scene`.

    ``folder`` holds all that belongs to the stack, ``outside`` what belongs to nobody but the harness.
    """

    def __init__(self, shared: Servers, folder: Path, outside: Path, repository: str, proxy: FaultProxy | None) -> None:
        self.servers, self.folder, self.outside, self.proxy = shared, folder, outside, proxy
        self.zygote = shared.zygote
        self.database = f"chaos{next(_NUMBERS):05}"
        self.stack = SampleStack(folder, shared.postgres, self.database)
        (self.stack.n8n / "ballast").write_bytes(os.urandom(_N8N_BALLAST))
        self.project = folder / "project"
        self._make_project()
        self.store: Store
        if repository == "s3":
            assert proxy is not None
            self.repository = shared.s3.repository(self.database, endpoint_url=proxy.url)
            self.store = BucketStore(shared.s3, self.database)
        elif repository == "restic":
            self.store = view = ResticView(self.stack.backups)
            self.repository = view.parameters
        else:
            self.repository = {"type": "local", "path": str(self.stack.backups)}
            self.store = FolderStore(self.stack.backups)
        shared.postgres.psql(f"CREATE DATABASE {self.database} TEMPLATE {_TEMPLATE}")

    @property
    def postgres(self) -> PostgresServer:
        """The database server."""
        return self.servers.postgres

    @property
    def kept_database(self) -> str:
        """The name for a copy of the database, to be brought back later."""
        return f"kept_{self.database}"

    @property
    def secrets(self) -> list[str]:
        """What no message may tell."""
        login = self.postgres.connection()
        return [str(login["password"]), self.servers.s3.secret_key, self.stack.sample.encryption_key, PASSWORD]

    def parameters(self, key: str) -> dict[str, Any]:
        """Return the parameters of a module (``verify <source>`` for backup_verify), with this repository."""
        files = {"paths": [str(self.project)], "stack": STACK}
        known: dict[str, dict[str, Any]] = {
            **self.stack.parameters(),
            "config_backup": files,
            "config_restore": {"stack": STACK, "replace": True, "keep_previous": False},
            "verify config": {"stack": STACK, "source": "config"},
        }
        return {**known[key], "repository": self.repository}

    def start(self, module: str, params: Mapping[str, Any]) -> Run:
        """Start a module."""
        return self.zygote.start(module, params)

    def ended(self, run: Run) -> Ran:
        """Wait for the end of ``run``."""
        if not run.ended(LIMIT):
            run.kill()
            return Ran(None, problem=f"it hangs: no end within {LIMIT:.0f} s")
        try:
            return Ran(run.result())
        except AssertionError as error:
            return Ran(None, problem=str(error))

    def run(self, module: str, params: Mapping[str, Any]) -> Ran:
        """Run a module to its end."""
        return self.ended(self.start(module, params))

    def listed(self, source: str) -> list[dict[str, Any]]:
        """Return what backup_info lists.

        :raises AssertionError: if it fails.
        """
        ran = self.run("backup_info", {**self.parameters("backup_info"), "source": source})
        assert ran.succeeded, f"backup_info fails: {ran.message}"
        assert ran.result is not None
        backups: list[dict[str, Any]] = ran.result["backups"]
        return backups

    def databases(self) -> list[str]:
        """Return the names of this cell's databases, scratch ones too."""
        return self.postgres.psql(f"SELECT datname FROM pg_database WHERE datname LIKE '{self.database}%'").split()

    def sessions(self) -> int:
        """Return how many sessions of modules there are in this cell's databases."""
        return int(
            self.postgres.psql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name IN ('chatbot.ops', 'pg_dump', 'pg_restore') "
                f"AND datname LIKE '{self.database}%'"
            )
        )

    def drop_databases(self) -> None:
        """Remove this cell's databases."""
        for name in self.databases():
            self.postgres.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Remove all that this cell has on the database server."""
        self.drop_databases()
        self.postgres.psql(f'DROP DATABASE IF EXISTS "{self.kept_database}"')

    def _make_project(self) -> None:
        (self.project / "nginx").mkdir(parents=True)
        (self.project / "docker-compose.yml").write_text("services: {}\n", encoding="utf-8")
        (self.project / ".env").write_text(f"POSTGRES_PASSWORD={'x' * 24}\n", encoding="utf-8")
        (self.project / ".env").chmod(0o600)
        (self.project / "nginx" / "site.conf").write_text("server {}\n", encoding="utf-8")
        (self.project / "site.tar").write_bytes(os.urandom(_CONFIG_BALLAST))


@contextmanager
def scene(shared: Servers, repository: str, *, small_disk: bool = False) -> Iterator[Scene]:
    """Set a scene, and clear it away.

    :param small_disk: whether all that belongs to the stack lies on a small file system of its own (which needs root).
    """
    with ExitStack() as stack:
        outside = Path(tempfile.mkdtemp(prefix="chatbot-ops-chaos-"))
        stack.callback(shutil.rmtree, outside)
        folder = outside / "stack"
        folder.mkdir()
        if small_disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "chaos", str(folder)], check=True)
            stack.callback(subprocess.run, ["umount", str(folder)], check=True)
        proxy = stack.enter_context(FaultProxy(shared.s3)) if repository == "s3" else None
        play = Scene(shared, folder, outside, repository, proxy)
        stack.callback(play.close)
        yield play
