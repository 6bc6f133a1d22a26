# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a repository of restic, seen by restic itself."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.chaos.store import Store
from tests.support.restic_store import ResticStore
from tests.support.stack import STACK


class ResticView(Store):
    """A repository of the type ``restic``, in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._store = ResticStore.made(folder)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameter ``repository``."""
        return self._store.parameters()

    def names(self, source: str) -> Iterator[tuple[str, str]]:
        for tags in self._snapshots(source):
            yield tags["id"], tags["name"]

    def read(self, source: str, backup_id: str, name: str) -> bytes:
        """Return the stored bytes; of files, the digest of their tree, once all of them could be read."""
        found = [each for each in self._snapshots(source) if (each["id"], each["name"]) == (backup_id, name)][-1]
        if "files" in found["tags"]:
            self._dump("--archive", "tar", found["snapshot"], "/")
            return str(found["tree"]).encode()
        return self._dump(found["snapshot"], name)

    def digest(self, stored: bytes) -> str:
        is_digest = len(stored) == 2 * hashlib.sha256().digest_size and stored.isalnum()
        return stored.decode() if is_digest else super().digest(stored)

    def content(self, source: str, backup_id: str, name: str) -> bytes:
        return self.read(source, backup_id, name)

    def unpack(self, source: str, backup_id: str, name: str, folder: Path) -> None:
        kept = [each for each in self._snapshots(source) if each["id"] == backup_id and "files" in each["tags"]]
        if not kept:
            super().unpack(source, backup_id, name, folder)
        for each in sorted(kept, key=lambda one: str(one["name"]), reverse=True):
            self._store.run("restore", each["snapshot"], "--target", str(folder))

    def unfinished(self) -> list[str]:
        return []  # what a killed run began is no snapshot; its packs go with the next prune

    def _snapshots(self, source: str) -> list[dict[str, Any]]:
        found = []
        for each in sorted(self._store.snapshots(), key=lambda one: str(one["time"])):
            words = dict(tag.partition("=")[::2] for tag in each["tags"])
            if (words["stack"], words["source"]) == (STACK, source):
                found.append({**words, "tags": each["tags"], "snapshot": each["id"], "tree": each["tree"]})
        return found

    def _dump(self, *words: str) -> bytes:
        return subprocess.run(
            [self._store.program, "--quiet", "dump", *words],
            env=self._store.environment,
            capture_output=True,
            check=True,
        ).stdout
