# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Payloads on their way: ``producer → zstd → age → repository`` and back, digests taken and checked as they pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities, encrypt
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, Tap, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import zstd_compress, zstd_decompress
from ansible_collections.chatbot.ops.plugins.module_utils._core.progress import Meter
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import (
    FILES,
    PLAIN,
    ZSTD,
    Manifest,
    StoredObject,
    suffix,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository, Upload
from ansible_collections.chatbot.ops.plugins.module_utils._repository.files import FilesRepository, FilesUpload


@dataclass(frozen=True)
class Encoding:
    """How payloads are stored: zstd's level (None: as they are), and who can read them (public keys; none: anybody)."""

    level: int | None = 1
    recipients: tuple[str, ...] = ()

    @property
    def compression(self) -> str:
        """The manifest's word for it."""
        return PLAIN if self.level is None else ZSTD

    def stages(self) -> list[Command]:
        """Return the commands that encode."""
        compress = [] if self.level is None else [zstd_compress(self.level)]
        return [*compress, *([encrypt(self.recipients)] if self.recipients else [])]


def decoders(stored: StoredObject, identities: Identities) -> list[Command]:
    """Return the commands that undo how ``stored`` was encoded.

    :raises RefusedError: if it is encrypted, and there is no identity.
    """
    decrypt = [identities.decrypt()] if stored.recipients else []
    return [*decrypt, *([zstd_decompress()] if stored.compression == ZSTD else [])]


class Packer:
    """Where a source puts its content: encodes it, and stores it as payloads of one backup.

    ``files`` takes files as files, where the repository does.
    """

    def __init__(self, upload: Upload, encoding: Encoding) -> None:
        self._upload, self._encoding = upload, encoding
        self.files = upload if isinstance(upload, FilesUpload) else None

    def store(
        self, content: str, producer: Command | Iterable[bytes], taps: Sequence[Tap | Command] = ()
    ) -> StoredObject:
        """Keep what ``producer`` writes, or yields, in one pass; ``content`` is its name, such as ``data.tar``.

        :param taps: what it meets on its way before it is encoded.
        :raises OpsError: if any process failed or the repository cannot take it.
        """
        encoding = self._encoding
        name = content + suffix(encoding.compression, encoding.recipients)
        plain, stored = Meter(name), Tap()
        made, source = ([producer], None) if isinstance(producer, Command) else ([], producer)
        with self._upload.put(name) as write:
            run_pipeline([*made, plain, *taps, *encoding.stages(), stored], source=source, sink=write)
        return StoredObject(
            name, stored.size, stored.sha256, plain.size, plain.sha256, encoding.compression, encoding.recipients
        )


def encoding_for(repository: Repository, wanted: Encoding) -> Encoding:
    """Return how payloads go to ``repository``, if the user wants them as ``wanted``.

    :raises RefusedError: if it encrypts by itself, and they want another encryption inside.
    """
    if not isinstance(repository, FilesRepository):
        return wanted
    if wanted.recipients:
        raise RefusedError(
            f"The {repository.title} encrypts everything by its own password; encrypted before, nothing could be stored "
            "once. Leave recipients out for it."
        )
    return Encoding(level=None)


class _OpenedError(Exception):
    """The first decrypted bytes came out: the rest need not."""


class Fetcher:
    """Reads the payloads of one backup, and lets none pass that differs from its manifest."""

    def __init__(self, repository: Repository, manifest: Manifest, identities: Identities | None = None) -> None:
        self._repository, self._manifest = repository, manifest
        self._identities = identities or Identities()
        self._place = Place(manifest.stack, manifest.source)

    def require_readable(self) -> None:
        """Decrypt the beginning of each encrypted payload.

        :raises RefusedError: if there is no identity, or not the right one.
        """
        for each in self._manifest.objects:
            if each.recipients:
                self._require_identity(each)

    def check(self, content: str) -> None:
        """Compare the stored bytes of the payload that holds ``content`` with their digest.

        :raises DamagedError: if they differ.
        """
        claimed = self._manifest.object(content)
        stored = Meter(claimed.name, claimed.stored_bytes)
        if claimed.compression == FILES:
            self._keeper().check_files(self._place, self._manifest.backup_id, claimed.name)
            return
        for chunk in self._stored(claimed):
            stored.see(chunk)
        self._compare(claimed, stored, None)

    def decode(
        self, content: str, stages: Sequence[Command | Tap] = (), sink: Callable[[bytes], object] | None = None
    ) -> None:
        """Decode the payload that holds ``content`` through ``stages`` into ``sink``; both digests are compared.

        Nothing may rely on what came out before this returned. No more comes out than the manifest claims.

        :raises DamagedError: if stored bytes or content differ from the manifest, or one of ``stages`` refused the content.
        :raises ToolError: if one of ``stages`` failed on intact content.
        """
        claimed = self._manifest.object(content)
        stored, plain = Meter(claimed.name, claimed.stored_bytes), _Measured(claimed, self._damaged)
        chain = [stored, *decoders(claimed, self._identities), plain, *stages]
        try:
            run_pipeline(chain, source=self._stored(claimed), sink=sink)
        except (ToolError, DamagedError):
            # What chokes on damaged bytes must be told from what fails on, or refuses, just what was stored.
            self.check(content)
            raise
        self._compare(claimed, stored, plain)

    def nodes(self, content: str) -> Iterator[Node]:
        """Yield what the payload ``content`` holds, which is kept as files."""
        return self._keeper().nodes(self._place, self._manifest.backup_id, content)

    def restore_files(self, content: str, folder: str) -> None:
        """Write what the payload ``content`` holds, which is kept as files, into ``folder``.

        :raises DamagedError: if anything is missing, or is not what was stored.
        """
        self._keeper().restore_files(self._place, self._manifest.backup_id, content, folder)

    def _keeper(self) -> FilesRepository:
        if not isinstance(self._repository, FilesRepository):
            raise self._damaged(f"it is one of files, and the repository {self._repository.title} keeps none")
        return self._repository

    def _require_identity(self, claimed: StoredObject) -> None:
        def opened(_chunk: bytes) -> None:
            raise _OpenedError

        try:
            run_pipeline([self._identities.decrypt()], source=self._stored(claimed), sink=opened)
        except _OpenedError:
            return
        except ToolError as error:
            self.check(claimed.content)
            raise RefusedError(
                f"The identity given does not open backup {self._manifest.backup_id}, which is encrypted to "
                f"{', '.join(claimed.recipients)}. Give the identity of one of these. ({error.message})"
            ) from error

    def _stored(self, claimed: StoredObject) -> Iterator[bytes]:
        return self._repository.read(self._place, self._manifest.backup_id, claimed.name)

    def _compare(self, claimed: StoredObject, stored: Tap, plain: Tap | None) -> None:
        if (stored.size, stored.sha256) != (claimed.stored_bytes, claimed.stored_sha256):
            raise self._damaged(
                f"its payload {claimed.name} is not what was stored "
                f"({stored.size} bytes read, {claimed.stored_bytes} written)"
            )
        if plain is not None and (plain.size, plain.sha256) != (claimed.content_bytes, claimed.content_sha256):
            raise self._damaged(f"its payload {claimed.name} does not decode to what was copied")

    def _damaged(self, problem: str) -> DamagedError:
        return DamagedError(f"Backup {self._manifest.backup_id} is damaged: {problem}. Use another backup.")


class _Measured(Tap):
    """Lets no more pass than the manifest claims: what inflates beyond is none of ours, and could fill a disk."""

    def __init__(self, claimed: StoredObject, damaged: Callable[[str], DamagedError]) -> None:
        super().__init__()
        self._claimed, self._damaged = claimed, damaged

    def see(self, chunk: bytes) -> None:
        super().see(chunk)
        if self.size > self._claimed.content_bytes:
            raise self._damaged(
                f"its payload {self._claimed.name} decodes to more than the {self._claimed.content_bytes} bytes copied"
            )
