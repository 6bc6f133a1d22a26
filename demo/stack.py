# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo's stack: a PostgreSQL of its own, an n8n data folder, and two processes that keep writing to them."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg2

from demo.control import Control
from tests.support.n8n_writer import N8nWriter, Pace
from tests.support.postgres_server import PostgresServer
from tests.support.sample_database import DatabaseWriter, fill
from tests.support.sample_n8n import Plan, make
from tests.tools.link import CHECKOUT

DATABASE = "lottery"
LOG_ROWS = 200_000


class DemoStack(contextlib.ExitStack):
    """Runs while the body does, and leaves nothing behind.

    :param language: the report's language, ``en`` or ``es``.
    :param reports: the folder for the report.
    """

    def __init__(self, language: str, reports: Path) -> None:
        super().__init__()
        self._language, self._reports = language, reports

    def __enter__(self) -> DemoStack:
        super().__enter__()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def _start(self) -> None:
        # A path that is longer than 107 bytes cannot name a socket, and TMPDIR may be anywhere.
        self.folder = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="chatbot-demo-", dir="/tmp")))
        for name in ("backups", "work"):
            (self.folder / name).mkdir()
        self.server = self.enter_context(PostgresServer())
        self._fill_database()
        make(self.folder / "n8n_data", Plan(executions=1_500, binary_files=120))
        self.writers = [
            DatabaseWriter(self.server.environment(DATABASE), self.folder / "api.json", rate=25),
            N8nWriter(self.folder / "n8n_data", self.folder / "n8n.json", Pace(shortest=0.1, longest=0.5, keep=5_000)),
        ]
        for writer in self.writers:
            self.enter_context(writer)
        verbs = {"stop-n8n": lambda: None, "start-n8n": self.start_writers, "disaster": self.disaster}
        self.enter_context(Control(self._socket, verbs))
        self._describe()

    @property
    def _socket(self) -> Path:
        return self.folder / "control"

    def _fill_database(self) -> None:
        self.server.create_database(DATABASE)
        connection = psycopg2.connect(self.server.dsn(DATABASE))
        try:
            fill(connection, LOG_ROWS)
        finally:
            connection.close()

    def _describe(self) -> None:
        description = {
            "folder": str(self.folder),
            "language": self._language,
            "reports": str(self._reports),
            "command": [sys.executable, str(CHECKOUT / "demo" / "control.py"), str(self._socket)],
            "port": self.server.port,
            "database": DATABASE,
            "bin_dir": str(self.server.bin_dir),
            "user": "postgres",
            "password": self.server.connection()["password"],
        }
        path = self.folder / "stack.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(description), encoding="utf-8")

    def disaster(self) -> None:
        """The server dies in the middle of its work: both processes killed, the database dropped, the folder wiped."""
        for writer in self.writers:
            writer.kill()
        self.server.psql(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        for each in (self.folder / "n8n_data").iterdir():
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()

    def start_writers(self) -> None:
        """The stack goes on: both processes write again to what was restored."""
        for writer in self.writers:
            writer.start()
