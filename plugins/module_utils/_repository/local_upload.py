# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup being written to a folder, and read back while it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from ansible_collections.chatbot.ops.plugins.module_utils._core.files import fsync_folder, write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import CHUNK, Tap
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, write_manifest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Upload
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import MANIFEST, not_given_back
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_refusal import told

_WINDOW = 64 << 20  # how far the reading back stays behind the writing, in bytes


class LocalUpload(Upload):
    """A backup being written to its own folder."""

    def __init__(self, repository: str, folder: str) -> None:
        self._repository, self._folder = repository, folder
        self._read_backs: dict[str, _ReadBack] = {}
        self.committed = False

    @contextmanager
    def put(self, name: str) -> Iterator[Callable[[bytes], object]]:
        path = os.path.join(self._folder, name)
        temporary = os.path.join(self._folder, f".{name}.partial")
        with told(f"write {name}", self._repository):
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        read_back = self._read_backs[name] = _ReadBack(descriptor)

        def write(chunk: bytes) -> None:
            with told(f"write {name}", self._repository):
                view = memoryview(chunk)
                while view:
                    view = view[os.write(descriptor, view) :]
                read_back.follow(len(chunk))

        try:
            yield write
            with told(f"write {name}", self._repository):
                read_back.wait()
                _to_disk(descriptor)
                os.rename(temporary, path)
                fsync_folder(self._folder)
        finally:
            read_back.close()
            os.close(descriptor)

    def commit(self, manifest: Manifest) -> None:
        with told(f"complete {manifest.backup_id}", self._repository):
            for each in manifest.objects:
                tap = self._read_backs[each.name].finish(os.path.join(self._folder, each.name))
                if (tap.size, tap.sha256) != (each.stored_bytes, each.stored_sha256):
                    raise not_given_back(self._repository, each.name, "check the disk")
            write_file(os.path.join(self._folder, MANIFEST), write_manifest(manifest), replace=False)
            fsync_folder(os.path.dirname(self._folder))
        self.committed = True


class _ReadBack:
    """Reads a payload again while more of it is being written, each part once the disk has it.

    At the end little is left to wait for, and a large backup does not push the host's own files out of its memory.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._tap, self._written = Tap(), 0
        self._thread = ThreadPoolExecutor(max_workers=1)  # started with the first window, if there ever is one
        self._reading: Future[None] | None = None

    def follow(self, more: int) -> None:
        """Take it that ``more`` bytes were written; read a window of them unless the one before is still being read.

        :raises OSError: of the reading, late.
        """
        self._written += more
        if self._reading is None or self._reading.done():
            self.wait()
            if self._written - self._tap.size >= _WINDOW:
                self._reading = self._thread.submit(self._read, self._written - self._written % CHUNK)

    def wait(self) -> None:
        """Wait until nothing is being read.

        :raises OSError: of the reading.
        """
        if self._reading is not None:
            self._reading.result()

    def close(self) -> None:
        """Let the descriptor go."""
        self._thread.shutdown()

    def finish(self, path: str) -> Tap:
        """Read the rest under its final name, and return what was read in all."""
        for chunk in read_file(path, self._tap.size):
            self._tap.see(chunk)
        return self._tap

    def _read(self, end: int) -> None:
        _to_disk(self._descriptor)
        while chunk := os.pread(self._descriptor, min(CHUNK, end - self._tap.size), self._tap.size):
            self._tap.see(chunk)


def _to_disk(descriptor: int) -> None:
    """Make what was written durable, and forget it: what is read next comes from the disk."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def read_file(path: str, start: int = 0) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as stream:
        stream.seek(start)
        while chunk := stream.read(CHUNK):
            yield chunk
