# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that take backups; what they claim is unpacked with tar, zstd and pg_restore, and looked at."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.chaos.job import Job
from tests.chaos.scene import Ran
from tests.support.n8n_reader import credentials, rows
from tests.support.sample_database import DatabaseWriter
from tests.support.sample_n8n import N8nWriter, Pace
from tests.support.writer import Writer

# It removes nothing: n8n itself lets an hour go by before it removes a file that its database names no more.
_PACE = Pace(shortest=0.05, longest=0.3, keep=1_000_000)


class _Backup(Job):
    def set_up(self) -> None:
        ran = self.start_and_wait()
        assert ran.succeeded, ran.message
        assert ran.result is not None
        self.good = ran.result["backup_id"]
        self._acknowledged = 0

    def params(self) -> dict[str, Any]:
        return self.scene.parameters(self.module)

    def reset(self) -> None:
        self._acknowledged = self.writer.state.acknowledged if self.writer is not None else 0

    def judge(self, ran: Ran) -> Iterator[str]:
        assert ran.result is not None
        backup_id = ran.result["backup_id"]
        if backup_id not in self.scene.store.backups(self.source):
            yield f"false success: {backup_id} is not in the repository"
            return
        for problem in self.scene.store.damage(self.source, backup_id):
            yield f"false success: {problem}"
            return
        for problem in self.content(backup_id):
            yield f"false success: {backup_id}: {problem}"

    def content(self, backup_id: str) -> Iterator[str]:
        """Yield what is wrong with what a backup holds."""
        raise NotImplementedError

    def _unpacked(self, backup_id: str, name: str) -> Path:
        folder = self.scene.outside / "unpacked"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.scene.store.unpack(self.source, backup_id, name, folder)
        return folder


class N8nBackup(_Backup):
    """n8n_volume_backup, of an n8n that works."""

    module, source = "n8n_volume_backup", "n8n"

    def service(self) -> AbstractContextManager[Writer]:
        return N8nWriter(self.scene.stack.n8n, self.scene.outside / "n8n.json", _PACE)

    def set_up(self) -> None:
        self.mark(self.scene.stack.n8n)
        super().set_up()

    @staticmethod
    def mark(folder: Path) -> None:
        """Have a file of the folder tell which configuration belongs to it."""
        (folder / "nodes" / "mark").write_text(_digest(folder / "config"), encoding="utf-8")

    def content(self, backup_id: str) -> Iterator[str]:
        folder = self._unpacked(backup_id, "data.tar")
        yield from n8n_problems(folder)
        if (folder / "nodes" / "mark").read_text(encoding="utf-8") != _digest(folder / "config"):
            yield "its files are those of two folders"
        (newest,) = rows(folder, "SELECT count(*) FROM execution_entity WHERE deletedAt IS NULL")
        if int(str(newest[0])) < min(60, self._acknowledged):
            yield "executions are missing that were there before"
        if _digest(folder / "ballast") != _digest(self.scene.stack.n8n / "ballast"):
            yield "its ballast is another one"


def n8n_problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with an unpacked data folder: its database, or that its own key does not open its secrets."""
    (sound,) = rows(folder, "PRAGMA integrity_check")
    if sound != ("ok",):
        yield f"its database is damaged: {sound}"
    key = json.loads((folder / "config").read_text(encoding="utf-8"))["encryptionKey"]
    try:
        if len(credentials(folder, key)) != len(rows(folder, "SELECT id FROM credentials_entity")):
            yield "credentials are missing"
    except ValueError as error:
        yield f"its key does not open its credentials: {error}"
    if not rows(folder, "SELECT id FROM workflow_entity"):
        yield "it has no workflow"


class DatabaseBackup(_Backup):
    """pg_dump, of a database that is written to."""

    module, source = "pg_dump", "database"

    def service(self) -> AbstractContextManager[Writer]:
        scene = self.scene
        return DatabaseWriter(scene.postgres.environment(scene.database), scene.outside / "database.json", 10.0)

    def content(self, backup_id: str) -> Iterator[str]:
        scene = self.scene
        dump = scene.store.content(self.source, backup_id, "dump.pgdump")
        name = f"{scene.database}_looked_at"
        scene.postgres.psql(f'DROP DATABASE IF EXISTS "{name}"')
        scene.postgres.psql(f'CREATE DATABASE "{name}" TEMPLATE template0')
        restored = subprocess.run(
            [str(scene.postgres.bin_dir / "pg_restore"), "--exit-on-error", "--no-owner", f"--dbname={name}"],
            input=dump,
            env=scene.postgres.environment(name),
            capture_output=True,
            check=False,
        )
        if restored.returncode != 0:
            yield f"pg_restore does not take it: {restored.stderr.decode()[-300:]}"
            return
        ballast = "SELECT count(*), md5(string_agg(md5(content), '' ORDER BY id)) FROM ballast"
        if scene.postgres.psql(ballast, name) != scene.postgres.psql(ballast, scene.database):
            yield "its ballast is another one"
        visits = int(scene.postgres.psql("SELECT count(*) FROM system_logs WHERE context ? 'visit'", name))
        if visits < self._acknowledged:
            yield f"it has {visits} visits, and {self._acknowledged} were acknowledged before"
        scene.postgres.psql(f'DROP DATABASE "{name}" WITH (FORCE)')


class ConfigBackup(_Backup):
    """config_backup, of a project's folder."""

    module, source = "config_backup", "config"

    def content(self, backup_id: str) -> Iterator[str]:
        folder = self._unpacked(backup_id, "config.tar")
        project = self.scene.project
        for path in filter(Path.is_file, project.rglob("*")):
            found = folder / path.relative_to("/")
            if not found.is_file() or _digest(found) != _digest(path):
                yield f"{path.name} is missing, or another one"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
