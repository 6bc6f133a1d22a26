# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules that restore and verify: the target has its old content or its new one, a verdict is the truth."""

from __future__ import annotations

import hashlib
import shutil
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from tests.chaos.job import Job
from tests.chaos.scene import Ran


class _Restore(Job):
    """Restores the newer of two backups over the content of the older one."""

    backup_module: ClassVar[str]

    def set_up(self) -> None:
        self._contents: dict[str, str] = {}
        self._safety_copies: list[str] = []
        for name in ("old", "new"):
            self.mark(name)
            ran = self.scene.run(self.backup_module, self.scene.parameters(self.backup_module))
            assert ran.succeeded, ran.message
            assert ran.result is not None
            self._contents[self.digest()] = name
            self.good = ran.result["backup_id"]
            if name == "old":
                self.keep()
        assert len(self._contents) == 2

    def params(self) -> dict[str, Any]:
        return {**self.scene.parameters(self.module), "backup_id": self.good}

    def reset(self) -> None:
        self._safety_copies.clear()
        if self._contents.get(self.digest()) != "old":
            self.bring_back()

    def state(self) -> Iterator[str]:
        if self._contents.get(self.digest()) is None:
            yield "the target has neither its old content nor its new one"
        # Of two runs one after the other, the second finds what the first has restored.
        if self._safety_copies and self._safety_copies.count("old") != 1:
            yield f"the safety copies hold {self._safety_copies}, and not once what was there"

    def judge(self, ran: Ran) -> Iterator[str]:
        assert ran.result is not None
        if self._contents.get(self.digest()) != "new":
            yield "false success: the target does not hold the backup"
        if not ran.result["proof"]["equal"]:
            yield "false success: the proof is not equal"
        if ran.result.get("previous") is not None:
            self._safety_copies.append(self.content_of(ran.result["previous"]))

    def content_of(self, previous: str) -> str:
        """Return which content a safety copy holds: "old" or "new"."""
        raise NotImplementedError(f"{self.module} keeps no copy, and names {previous}")

    @abstractmethod
    def mark(self, name: str) -> None:
        """Change the target so that it can be told from others."""

    @abstractmethod
    def digest(self) -> str:
        """Return a digest of all that the target holds."""

    @abstractmethod
    def keep(self) -> None:
        """Keep the target's content, to bring it back later."""

    @abstractmethod
    def bring_back(self) -> None:
        """Bring the kept content back, and remove what runs left beside it."""


class N8nRestore(_Restore):
    """n8n_volume_restore."""

    module, source, backup_module = "n8n_volume_restore", "n8n", "n8n_volume_backup"

    def mark(self, name: str) -> None:
        (self.scene.stack.n8n / "nodes" / "mark").write_text(name, encoding="utf-8")

    def digest(self) -> str:
        return self.scene.stack.folder_digest()

    def keep(self) -> None:
        shutil.copytree(self.scene.stack.n8n, self.scene.outside / "kept", symlinks=True)

    def bring_back(self) -> None:
        for path in [self.scene.stack.n8n, *self.scene.folder.glob("n8n_data.previous-*")]:
            shutil.rmtree(path)
        shutil.copytree(self.scene.outside / "kept", self.scene.stack.n8n, symlinks=True)

    def content_of(self, previous: str) -> str:
        return (Path(previous) / "nodes" / "mark").read_text(encoding="utf-8")

    def leftovers(self) -> Iterator[str]:
        yield from super().leftovers()
        for path in self.scene.folder.glob(".n8n_data.*"):
            yield f"left beside the target: {path.name}"


class DatabaseRestore(_Restore):
    """pg_restore, by a swap."""

    module, source, backup_module = "pg_restore", "database", "pg_dump"

    def mark(self, name: str) -> None:
        self.scene.postgres.psql(f'CREATE TABLE "{name}" (x int)', self.scene.database)

    def digest(self) -> str:
        return self.scene.stack.database_digest()

    def keep(self) -> None:
        self.scene.postgres.psql(f'CREATE DATABASE "{self.scene.kept_database}" TEMPLATE "{self.scene.database}"')

    def bring_back(self) -> None:
        self.scene.drop_databases()
        self.scene.postgres.psql(f'CREATE DATABASE "{self.scene.database}" TEMPLATE "{self.scene.kept_database}"')

    def content_of(self, previous: str) -> str:
        return "new" if self.scene.postgres.psql("SELECT to_regclass('new')", previous) else "old"


class ConfigRestore(_Restore):
    """config_restore. It replaces file by file, so that a kill may leave some old and some new, each whole."""

    module, source, backup_module = "config_restore", "config", "config_backup"
    _MARKED = ("docker-compose.yml", "nginx/site.conf", "site.tar")

    def mark(self, name: str) -> None:
        for each in self._MARKED:
            path = self.scene.project / each
            path.write_bytes(name.encode() + path.read_bytes())

    def digest(self) -> str:
        digest = hashlib.sha256()
        for path in self._files():
            digest.update(str(path).encode() + path.read_bytes())
        return digest.hexdigest()

    def keep(self) -> None:
        shutil.copytree(self.scene.project, self.scene.outside / "kept")

    def bring_back(self) -> None:
        shutil.rmtree(self.scene.project)
        shutil.copytree(self.scene.outside / "kept", self.scene.project)

    def state(self) -> Iterator[str]:
        for path in self._files():
            old = (self.scene.outside / "kept" / path.relative_to(self.scene.project)).read_bytes()
            marked = str(path.relative_to(self.scene.project)) in self._MARKED
            if path.read_bytes() not in (old, b"new" + old if marked else old):
                yield f"{path.name} is neither the old one nor the new one"

    def _files(self) -> list[Path]:
        files = sorted(path for path in self.scene.project.rglob("*") if path.is_file())
        return [path for path in files if not path.name.endswith(".partial")]

    def leftovers(self) -> Iterator[str]:
        yield from super().leftovers()
        for path in self.scene.project.rglob(".*.partial"):
            yield f"left: {path.name}"


class _Verify(Job):
    """Verifies by a restore to a scratch place."""

    module = "backup_verify"
    backup_module: ClassVar[str]

    def set_up(self) -> None:
        ran = self.scene.run(self.backup_module, self.scene.parameters(self.backup_module))
        assert ran.succeeded, ran.message
        assert ran.result is not None
        self.good = ran.result["backup_id"]

    def params(self) -> dict[str, Any]:
        return {**self.scene.parameters(f"verify {self.source}"), "level": "restore", "backup_id": self.good}

    def judge(self, ran: Ran) -> Iterator[str]:
        assert ran.result is not None
        for problem in self.scene.store.damage(self.source, self.good, again=True):
            yield f"false success: {problem}"
        names = {name for backup_id, name in self.scene.store.names(self.source) if backup_id == self.good}
        if "verdict.restore.json" not in names:
            yield "false success: no verdict was kept"
        if ran.result["verified"] is not True:
            yield f"it succeeds, and verified is {ran.result['verified']}"


class N8nVerify(_Verify):
    """backup_verify, of n8n."""

    source, backup_module = "n8n", "n8n_volume_backup"


class DatabaseVerify(_Verify):
    """backup_verify, of a database."""

    source, backup_module = "database", "pg_dump"


class ConfigVerify(_Verify):
    """backup_verify, of a stack's files."""

    source, backup_module = "config", "config_backup"
