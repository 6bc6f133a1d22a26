# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories to prune, and another way to look into each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import Wanted, prune_backups
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules

from tests.support.s3_server import BUCKET, S3Server, objects
from tests.unit.plugins.module_utils.made import PLACE, put_backup

LAST = Rules(keep_last=1)
DATABASE = Place(PLACE.stack, "database")


class Store(ABC):
    """A repository, and another way to look into it."""

    params: dict[str, Any]
    repository: Repository

    @abstractmethod
    def names(self) -> list[str]:
        """What is there, below the stack's name, without what is hidden."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> None:
        """Put something there."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Take something away."""

    def ids(self) -> list[str]:
        """The backups that are there, by their manifests."""
        return sorted(each.split("/")[1] for each in self.names() if each.endswith("/manifest.json"))

    def prune(self, rules: Rules = LAST, *, check: bool = False, max_shrinkage: int | None = 50) -> dict[str, Any]:
        """Prune, with what was warned of as ``warnings``."""
        warnings: list[str] = []
        wanted = Wanted(rules, UTC, max_shrinkage, check)
        return {**prune_backups(self.repository, PLACE.stack, wanted, warnings.append), "warnings": warnings}

    def verify(self, backup_id: str, place: Place = PLACE) -> None:
        """Keep a verdict that it passed."""
        self.repository.write_verdict(place, Verdict(backup_id, "structure", to_iso(now()), (), 0.1))


class Folder(Store):
    def __init__(self, path: Path) -> None:
        path.mkdir()
        self._path = path / PLACE.stack
        self.params = {"type": "local", "path": str(path)}
        self.repository = open_repository(self.params, pytest.fail)

    def names(self) -> list[str]:
        paths = [each.relative_to(self._path) for each in self._path.rglob("*") if not each.is_dir()]
        return sorted(str(each) for each in paths if not each.name.startswith("."))

    def put(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def drop(self, name: str) -> None:
        (self._path / name).unlink()


class InBucket(Store):
    def __init__(self, server: S3Server, prefix: str) -> None:
        self._server, self._prefix = server, f"{prefix}/{PLACE.stack}/"
        self.params = server.repository(prefix)
        self.repository = open_repository(self.params, pytest.fail)

    def names(self) -> list[str]:
        keys = [key for key in objects(self._server, self._prefix) if "/." not in key]
        return sorted(key.removeprefix(self._prefix) for key in keys)

    def put(self, name: str, content: bytes) -> None:
        self._server.client().put_object(Bucket=BUCKET, Key=self._prefix + name, Body=content)

    def drop(self, name: str) -> None:
        self._server.client().delete_object(Bucket=BUCKET, Key=self._prefix + name)


def ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def ids_of(result: dict[str, Any], name: str) -> list[str]:
    return [each["backup_id"] for each in result[name]]


def filled(store: Store, days: int = 4) -> list[str]:
    """Put a set of two sources a day, with pages, the newest verified; return n8n's ids, newest first."""
    ids = []
    for number in range(days):
        set_id = new_set_id(ago(number))
        ids.append(put_backup(store.repository, ago(number), set_id=set_id))
        other = put_backup(store.repository, ago(number), source="database", set_id=set_id)
        store.repository.write_page(PLACE.stack, set_id, "RECOVERY.md", b"how to")
        if number == 0:
            store.verify(ids[0])
            store.verify(other, DATABASE)
    return ids
