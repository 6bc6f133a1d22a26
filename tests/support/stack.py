# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stack for tests: what the modules are to be told of it, and how to look at it by another way than theirs."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from tests.support.postgres_server import PostgresServer
from tests.support.sample_n8n import Plan, Sample, make
from tests.support.zygote import Zygote

STACK = "lottery-chatbot"


class SampleStack:
    """The folders ``n8n_data``, ``backups`` and ``work`` below ``folder``, and ``database`` on ``server``."""

    def __init__(self, folder: Path, server: PostgresServer, database: str, plan: Plan | None = None) -> None:
        self.server, self.database = server, database
        self.n8n, self.backups, self.work = (folder / name for name in ("n8n_data", "backups", "work"))
        for each in (self.backups, self.work):
            each.mkdir()
        self.sample: Sample = make(self.n8n, plan or Plan(executions=60, binary_files=10))

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Return the parameters of each module."""
        common = {"stack": STACK, "repository": {"type": "local", "path": str(self.backups)}}
        work = {**common, "work_dir": str(self.work)}
        login = {**self.server.connection(self.database), "bin_dir": str(self.server.bin_dir)}
        login = {key: value for key, value in login.items() if key != "options"}
        return {
            "backup_info": common,
            "n8n_volume_backup": {**work, "path": str(self.n8n)},
            "n8n_volume_restore": {**common, "path": str(self.n8n), "replace": True},
            "pg_dump": {**work, **login},
            "pg_restore": {**work, **login, "replace": True},
            "verify n8n": {**work, "source": "n8n"},
            "verify database": {**work, **login, "source": "database"},
        }

    def back_up(self, zygote: Zygote, set_id: str = "20261124T031500Z-set-1c9e", **more: Any) -> None:
        """Put a set of both sources into the repository, in a tenth of the time that the playbook takes to do so."""
        parameters = self.parameters()
        for name in ("pg_dump", "n8n_volume_backup"):
            zygote.run(name, {**parameters[name], "set_id": set_id, **more})

    def manifests(self, source: str) -> list[Path]:
        """Return the manifests of ``source`` that lie in the repository, oldest first."""
        return sorted((self.backups / STACK / source).glob("*/manifest.json"))

    def assert_backups_whole(self, source: str) -> int:
        """Look at each backup with zstd and sha256 alone, and return how many there are."""
        for manifest in self.manifests(source):
            for each in json.loads(manifest.read_text(encoding="utf-8"))["objects"]:
                stored = manifest.with_name(each["name"]).read_bytes()
                assert hashlib.sha256(stored).hexdigest() == each["stored_sha256"], manifest
                content = subprocess.run(["zstd", "-dc"], input=stored, capture_output=True, check=True).stdout
                assert hashlib.sha256(content).hexdigest() == each["content_sha256"], manifest
        return len(self.manifests(source))

    def folder_digest(self) -> str:
        """Return a digest of the n8n folder's files and names (its database by its rows: its pages may differ)."""
        digest = hashlib.sha256()
        for path in sorted(self.n8n.rglob("*")):
            if path.name.startswith("database.sqlite"):
                continue
            digest.update(str(path.relative_to(self.n8n)).encode())
            if path.is_file() and not path.is_symlink():
                digest.update(path.read_bytes())
        digest.update(self.sqlite_digest().encode())
        return digest.hexdigest()

    def sqlite_digest(self) -> str:
        """Return a digest of all rows of n8n's database."""
        digest = hashlib.sha256()
        with sqlite3.connect(self.n8n / "database.sqlite") as connection:
            for line in connection.iterdump():
                digest.update(line.encode())
        connection.close()
        return digest.hexdigest()

    def database_digest(self) -> str:
        """Return a digest of the database as pg_dump writes it, without what differs between two dumps."""
        text = subprocess.run(
            [str(self.server.bin_dir / "pg_dump"), "--no-comments"],
            env=self.server.environment(self.database),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        kept = [line for line in text.splitlines() if not line.startswith(("--", "\\restrict", "\\unrestrict"))]
        return hashlib.sha256("\n".join(sorted(kept)).encode()).hexdigest()
