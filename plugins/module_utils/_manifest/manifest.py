# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest of one backup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.document import seal, unseal
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import id_time, is_backup_id

FORMAT = 1


#: How a payload's content may be stored.
ZSTD, PLAIN, FILES = "zstd", "none", "files"


@dataclass(frozen=True)
class StoredObject:
    """One payload: what is stored, and what it holds once decoded. Sizes in bytes, digests in hexadecimal.

    ``compression`` is ``zstd``, ``none``, or ``files`` for what is no stream of bytes: its digests are those of the tree of
    files then, as the repository takes them. ``recipients`` are the public keys of age that it is encrypted to, if any.
    """

    name: str
    stored_bytes: int
    stored_sha256: str
    content_bytes: int
    content_sha256: str
    compression: str = ZSTD
    recipients: tuple[str, ...] = ()

    @property
    def content(self) -> str:
        """The name of what it holds once decoded, such as ``data.tar`` of ``data.tar.zst.age``."""
        return self.name[: -len(suffix(self.compression, self.recipients)) or None]


def suffix(compression: str, recipients: Sequence[str]) -> str:
    """Return what the name of a payload that is stored so ends with."""
    return (".zst" if compression == ZSTD else "") + (".age" if recipients else "")


@dataclass(frozen=True)
class Manifest:
    """All that is known of one backup; no secret in it.

    ``started`` and ``ended`` frame the copy, ``taken`` is the instant whose content it holds (ISO 8601, UTC).
    ``versions`` names tools and servers, ``consistency`` is ``{mode, downtime_seconds, reason}``, ``proof`` is what the
    content amounts to, ``details`` is what a restore needs beside it. ``tolerated`` lists files that changed harmlessly
    while they were read. ``unrecoverable`` says why the backup cannot serve alone, and is None for a good one.
    ``recovery`` holds the shell commands that open it without this collection. ``safety_copy_for`` is the id of the backup
    whose restore replaced what this one holds; it is None, as in manifests from before there was the field, for a backup
    that was taken for its own sake.
    """

    backup_id: str
    set_id: str
    stack: str
    source: str
    host: str
    started: str
    taken: str
    ended: str
    objects: tuple[StoredObject, ...]
    proof: dict[str, Any]
    versions: dict[str, str]
    consistency: dict[str, Any]
    recovery: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict)
    tolerated: tuple[str, ...] = ()
    unrecoverable: str | None = None
    safety_copy_for: str | None = None
    format: int = FORMAT

    @property
    def time(self) -> datetime:
        """The instant that the backup's age counts from."""
        return id_time(self.backup_id)

    @property
    def content_bytes(self) -> int:
        """The bytes of all payloads, decoded."""
        return sum(each.content_bytes for each in self.objects)

    @property
    def stored_bytes(self) -> int:
        """The bytes of all payloads, as stored."""
        return sum(each.stored_bytes for each in self.objects)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The public keys of age that its payloads are encrypted to; none, if anybody can read them."""
        return tuple(dict.fromkeys(key for each in self.objects for key in each.recipients))

    def object(self, content: str) -> StoredObject:
        """Return the payload that holds ``content``, such as ``data.tar``.

        :raises DamagedError: if the manifest names none such.
        """
        for each in self.objects:
            if each.content == content:
                return each
        raise DamagedError(f"The manifest of {self.backup_id} names no object {content}.")

    def to_document(self) -> dict[str, Any]:
        """Return the manifest as JSON values."""
        document = asdict(self)
        document["objects"] = [{**each, "recipients": list(each["recipients"])} for each in document["objects"]]
        return {**document, "recovery": list(self.recovery), "tolerated": list(self.tolerated)}


def write_manifest(manifest: Manifest) -> bytes:
    """Return the bytes to store."""
    return seal(manifest.to_document())


def read_manifest(content: bytes, title: str) -> Manifest:
    """Return the manifest in ``content``.

    :raises DamagedError: if any byte changed since it was written, or a newer format than ours wrote it.
    """
    document = unseal(content, title)
    if document.get("format") != FORMAT:
        raise DamagedError(
            f"{title} has format {document.get('format')!r}; this version of chatbot.ops reads {FORMAT}."
        )
    try:
        objects = tuple(
            StoredObject(**{**each, "recipients": tuple(each["recipients"])}) for each in document.pop("objects")
        )
        known = {each.name for each in fields(Manifest)}
        values = {**document, "recovery": tuple(document["recovery"]), "tolerated": tuple(document["tolerated"])}
        manifest = Manifest(objects=objects, **{key: value for key, value in values.items() if key in known})
        from_iso(manifest.taken)
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"{title} lacks a field that every manifest has: {error}.") from error
    if not is_backup_id(manifest.backup_id):
        raise DamagedError(f"{title} names no backup: {manifest.backup_id!r}.")
    return manifest
