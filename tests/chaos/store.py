# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a repository, seen without the collection: by the file system, or by boto3."""

from __future__ import annotations

import hashlib
import json
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.s3_server import BUCKET, S3Server, objects
from tests.support.stack import STACK


class Store(ABC):
    """A repository of the sample stack."""

    def __init__(self) -> None:
        self._whole: set[str] = set()

    @abstractmethod
    def names(self, source: str) -> Iterator[tuple[str, str]]:
        """Yield (backup id, name) of all that lies below ``source``."""

    @abstractmethod
    def read(self, source: str, backup_id: str, name: str) -> bytes:
        """Return the stored bytes."""

    @abstractmethod
    def unfinished(self) -> list[str]:
        """Return the multipart uploads that are neither completed nor aborted."""

    def backups(self, source: str) -> list[str]:
        """Return the ids of the backups that have a manifest."""
        return sorted(backup_id for backup_id, name in self.names(source) if name == "manifest.json")

    def orphans(self, source: str) -> set[str]:
        """Return the ids under which something lies, but no manifest."""
        return {backup_id for backup_id, _name in self.names(source)} - set(self.backups(source))

    def manifest(self, source: str, backup_id: str) -> dict[str, Any]:
        """Return a backup's manifest."""
        document: dict[str, Any] = json.loads(self.read(source, backup_id, "manifest.json"))
        return document

    def content(self, source: str, backup_id: str, name: str) -> bytes:
        """Return what the payload ``name`` (without what the encoding adds) holds."""
        stored = self.read(source, backup_id, f"{name}.zst")
        return subprocess.run(["zstd", "-dc"], input=stored, capture_output=True, check=True).stdout

    def unpack(self, source: str, backup_id: str, name: str, folder: Path) -> None:
        """Unpack the archive ``name`` into ``folder``."""
        content = self.content(source, backup_id, name)
        command = ["tar", "--extract", "--ignore-zeros", f"--directory={folder}"]
        subprocess.run(command, input=content, check=True, capture_output=True)

    def digest(self, stored: bytes) -> str:
        """Return the digest of what was read, as a manifest holds it."""
        return hashlib.sha256(stored).hexdigest()

    def damage(self, source: str, backup_id: str, *, again: bool = False) -> Iterator[str]:
        """Yield what is wrong with a backup; of one that was looked at before only if ``again``."""
        if backup_id in self._whole and not again:
            return
        found = False
        for each in self.manifest(source, backup_id)["objects"]:
            try:
                stored = self.read(source, backup_id, each["name"])
            except Exception as error:  # whichever way it fails, it is what we are after
                yield f"{backup_id}: {each['name']} cannot be read: {error}"
                found = True
                continue
            if self.digest(stored) != each["stored_sha256"]:
                yield f"{backup_id}: {each['name']} is not what was stored"
                found = True
        if not found:
            self._whole.add(backup_id)


class FolderStore(Store):
    """A repository of the type ``local``."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder / STACK

    def names(self, source: str) -> Iterator[tuple[str, str]]:
        for path in (self._folder / source).glob("*/*"):
            yield path.parent.name, path.name

    def read(self, source: str, backup_id: str, name: str) -> bytes:
        return (self._folder / source / backup_id / name).read_bytes()

    def unfinished(self) -> list[str]:
        return []  # what a killed run leaves in a folder is an orphan, for backup_prune to remove


class BucketStore(Store):
    """A repository of the type ``s3``."""

    def __init__(self, server: S3Server, prefix: str) -> None:
        super().__init__()
        self._server, self._prefix = server, prefix
        self._client = server.client()

    def names(self, source: str) -> Iterator[tuple[str, str]]:
        for key in objects(self._server, f"{self._prefix}/{STACK}/{source}/"):
            *_folders, backup_id, name = key.split("/")
            if backup_id != source:
                yield backup_id, name

    def read(self, source: str, backup_id: str, name: str) -> bytes:
        key = f"{self._prefix}/{STACK}/{source}/{backup_id}/{name}"
        content: bytes = self._client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def unfinished(self) -> list[str]:
        answer = self._client.list_multipart_uploads(Bucket=BUCKET, Prefix=f"{self._prefix}/")
        return [each["Key"] for each in answer.get("Uploads", [])]
