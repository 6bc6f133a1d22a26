# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup being written to a repository of restic: a snapshot for each payload, and one for the manifest."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RepositoryError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Tap
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import (
    FILES,
    Manifest,
    StoredObject,
    write_manifest,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import MANIFEST, not_given_back
from ansible_collections.chatbot.ops.plugins.module_utils._repository.files import FilesUpload
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Label, Snapshot
from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic

_DAMAGE_ADVICE = "run restic check"
_SHOWN = 5
_SPECIAL = re.compile(r"([\\*?\[\]])")


class ResticUpload(FilesUpload):
    """A backup being written.

    :param label: the label of the backup, whose name is that of its manifest.
    :param content: whether payloads are read back whole; else the digest counts that restic names.
    """

    def __init__(self, restic: Restic, label: Label, warn: Callable[[str], object], *, content: bool) -> None:
        self._restic, self._label, self._warn, self._content = restic, label, warn, content
        self._latest: dict[str, Snapshot] = {}
        self._begun: set[str] = set()
        self._sizes: dict[str, int] = {}
        self._surplus = False
        self.committed = False

    @contextmanager
    def put(self, name: str) -> Iterator[Callable[[bytes], object]]:
        self._begin(name)
        with self._restic.keep_stream(self._named(name)) as write:
            yield write

    def put_files(self, name: str, folder: str, left_out: Sequence[str] = ()) -> list[str]:
        self._begin(name)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", errors="surrogateescape") as patterns:
            patterns.writelines(f"{_literal(os.path.join(folder, each))}\n" for each in left_out)
            patterns.flush()
            backed = self._restic.keep_folder(self._named(name), folder, patterns.name)
        vanished: list[str] = []
        unreadable: list[str] = []
        for each in backed.failed:
            path = each[len(folder) :] if each.startswith(f"{folder}/") else each
            path = path.lstrip("/")
            (unreadable if os.path.lexists(os.path.join(folder, path)) else vanished).append(path)
        if unreadable:
            raise ToolError(
                f"{len(unreadable)} files in {folder} cannot be read, such as {', '.join(unreadable[:_SHOWN])}. "
                "Run as their owner, or with become."
            )
        self._sizes[name] = backed.content_bytes
        return vanished

    def payload(self, name: str) -> StoredObject:
        tree, size = self._snapshot(name).tree, self._sizes[name]
        return StoredObject(name, size, tree, size, tree, FILES)

    def nodes(self, name: str) -> Iterator[Node]:
        return self._restic.nodes(self._snapshot(name))

    def commit(self, manifest: Manifest) -> None:
        for each in manifest.objects:
            if not self._is_as_written(each):
                raise not_given_back(self._restic.title, each.name, _DAMAGE_ADVICE)
        content = write_manifest(manifest)
        with self.put(MANIFEST) as write:
            write(content)
        if b"".join(self._restic.dump(self._snapshot(MANIFEST))) != content:
            raise not_given_back(self._restic.title, MANIFEST, _DAMAGE_ADVICE)
        self.committed = True

    def end(self) -> None:
        """Forget what earlier attempts wrote, and all of it if there was no commit. What cannot be stays, as an orphan."""
        if self.committed and not self._surplus:
            return
        try:
            ours = self._all()
            keep = {each.identifier for each in self._newest(ours).values()} if self.committed else set()
            # The manifest first: whoever is killed here leaves an orphan.
            surplus = [each for each in ours if each.identifier not in keep]
            self._restic.forget([each for each in surplus if each.label.name == MANIFEST])
            self._restic.forget([each for each in surplus if each.label.name != MANIFEST])
        except OpsError as error:
            self._warn(f"What a failed attempt wrote stays until a prune: {error.message}")

    def _begin(self, name: str) -> None:
        self._latest.pop(name, None)
        self._surplus = self._surplus or name in self._begun
        self._begun.add(name)

    def _named(self, name: str) -> Label:
        return replace(self._label, name=name)

    def _all(self) -> list[Snapshot]:
        """Return all that was written under our id, oldest first."""
        found = self._restic.snapshots(self._label.stack)
        return [each for each in found if each.label == replace(self._label, name=each.label.name)]

    def _newest(self, snapshots: Sequence[Snapshot]) -> dict[str, Snapshot]:
        return {each.label.name: each for each in snapshots}

    def _snapshot(self, name: str) -> Snapshot:
        """Return the snapshot of what was written last as ``name``."""
        if name not in self._latest:
            self._latest = self._newest(self._all())
        if name not in self._latest:
            raise RepositoryError(f"The {self._restic.title} lists no snapshot of what was just written as {name}.")
        return self._latest[name]

    def _is_as_written(self, stored: StoredObject) -> bool:
        snapshot = self._snapshot(stored.name)
        if snapshot.files:
            if snapshot.tree != stored.stored_sha256:
                return False
            if self._content:
                for _chunk in self._restic.archive(snapshot):
                    pass
            return True
        if not self._content:
            return True
        tap = Tap()
        for chunk in self._restic.dump(snapshot):
            tap.see(chunk)
        return (tap.size, tap.sha256) == (stored.stored_bytes, stored.stored_sha256)


def _literal(path: str) -> str:
    """Return the line of a file of patterns that means ``path`` alone."""
    return _SPECIAL.sub(r"\\\1", path).replace("$", "$$")
