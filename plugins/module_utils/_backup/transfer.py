# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Payloads on their way: ``producer → zstd → repository`` and back, digests taken and checked as they pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, Tap, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import zstd_compress, zstd_decompress
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository, Upload


def store(
    upload: Upload, name: str, producer: Command | Iterable[bytes], level: int, taps: Sequence[Tap] = ()
) -> StoredObject:
    """Compress what ``producer`` writes, or yields, and keep it as payload ``name``, in one pass.

    :param taps: they see what ``producer`` writes.
    :raises OpsError: if any process failed or the repository cannot take it.
    """
    content, stored = Tap(), Tap()
    made, source = ([producer], None) if isinstance(producer, Command) else ([], producer)
    with upload.put(name) as write:
        run_pipeline([*made, content, *taps, zstd_compress(level), stored], source=source, sink=write)
    return StoredObject(name, stored.size, stored.sha256, content.size, content.sha256)


class Fetcher:
    """Reads the payloads of one backup, and lets none pass that differs from its manifest."""

    def __init__(self, repository: Repository, manifest: Manifest) -> None:
        self._repository, self._manifest = repository, manifest
        self._place = Place(manifest.stack, manifest.source)

    def check(self, name: str) -> None:
        """Compare the stored bytes of payload ``name`` with their digest.

        :raises DamagedError: if they differ.
        """
        stored = Tap()
        for chunk in self._stored(name):
            stored.see(chunk)
        self._compare(name, stored, None)

    def decode(self, name: str, stages: Sequence[Command] = (), sink: Callable[[bytes], object] | None = None) -> None:
        """Decode payload ``name`` through ``stages`` into ``sink``; both digests are compared at the end.

        Nothing may rely on what came out before this returned.

        :raises DamagedError: if stored bytes or content differ from the manifest.
        :raises ToolError: if one of ``stages`` failed on intact content.
        """
        stored, content = Tap(), Tap()
        try:
            run_pipeline([stored, zstd_decompress(), content, *stages], source=self._stored(name), sink=sink)
        except ToolError as error:
            # A process that chokes on damaged bytes must be told from one that fails on good ones.
            self.check(name)
            raise error
        self._compare(name, stored, content)

    def _stored(self, name: str) -> Iterator[bytes]:
        return self._repository.read(self._place, self._manifest.backup_id, name)

    def _compare(self, name: str, stored: Tap, content: Tap | None) -> None:
        claimed = self._manifest.object(name)
        if (stored.size, stored.sha256) != (claimed.stored_bytes, claimed.stored_sha256):
            raise DamagedError(
                f"Backup {self._manifest.backup_id} is damaged: its payload {name} is not what was stored "
                f"({stored.size} bytes read, {claimed.stored_bytes} written). Use another backup."
            )
        if content is not None and (content.size, content.sha256) != (claimed.content_bytes, claimed.content_sha256):
            raise DamagedError(
                f"Backup {self._manifest.backup_id} is damaged: its payload {name} does not decode to what was copied. "
                "Use another backup."
            )
