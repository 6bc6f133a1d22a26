# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take a backup of one source into one repository: decide, then act."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import require_recipients
from ansible_collections.chatbot.ops.plugins.module_utils._backup.guide import write_pages
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, Packer, encoding_for
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import new_backup_id, new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository


@dataclass(frozen=True)
class Copied:
    """What a source reports of one copy; the fields are those of the manifest."""

    taken: datetime
    objects: tuple[StoredObject, ...]
    proof: dict[str, Any]
    versions: dict[str, str]
    consistency: dict[str, Any]
    recovery: tuple[str, ...]
    details: dict[str, Any] = field(default_factory=dict)
    tolerated: tuple[str, ...] = ()
    unrecoverable: str | None = None


class Source(ABC):
    """Something that can be copied."""

    @abstractmethod
    def preflight(self) -> dict[str, Any]:
        """Refuse what cannot work, touching nothing; return what a copy would hold, as far as known (for the diff)."""

    @abstractmethod
    def copy(self, packer: Packer) -> Copied:
        """Put the payloads into ``packer`` and report."""

    @abstractmethod
    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        """Compare the proofs of the last good backup and of a new copy; return what the new one has nothing of."""


@dataclass(frozen=True)
class Request:
    """What the user asked for: ``max_age`` in seconds, or None for a new backup in any case.

    ``accept_loss``: also one that holds nothing of what the last good one did. ``safety_copy_for``: see the manifest.
    """

    place: Place
    max_age: float | None
    set_id: str | None
    check_mode: bool
    accept_loss: bool = False
    encoding: Encoding = field(default_factory=Encoding)
    safety_copy_for: str | None = None


def fresh_enough(entries: Sequence[Entry], max_age: float | None, instant: datetime) -> Entry | None:
    """Return the newest good entry that is at most ``max_age`` seconds old at ``instant``, if any.

    An id from the future (a clock that was wrong) makes no backup fresh, and a safety copy is none that was asked for.
    """
    if max_age is None:
        return None
    for entry in entries:
        age = (instant - entry.time).total_seconds()
        if entry.good and not entry.is_safety_copy and -1.0 <= age <= max_age:
            return entry
    return None


def take_backup(
    repository: Repository, source: Source, request: Request, warn: Callable[[str], object]
) -> dict[str, Any]:
    """Make sure that a good backup exists, no older than asked for, and return the module's result.

    :param warn: is told what the user should know though it is no failure.

    :raises OpsError: and the repository then holds what it held before.
    """
    begun = time.monotonic()
    entries = repository.entries(request.place)
    found = fresh_enough(entries, request.max_age, now())
    if found is not None and found.manifest is not None:
        return _result(found.manifest, changed=False, begun=begun, before=found, after=found.backup_id)
    newest = next((each for each in entries if each.good and not each.is_safety_copy), None)
    encoding = encoding_for(repository, request.encoding)
    expected = source.preflight()
    require_recipients(encoding.recipients)
    repository.preflight()
    if request.check_mode:
        return {"changed": True, "diff": _diff(newest, f"a new backup in {repository.title}", expected)}
    with repository.lease(request.place):
        # Whoever held the lease before us may have made the backup that we are about to make.
        found = fresh_enough(repository.entries(request.place), request.max_age, now())
        if found is not None and found.manifest is not None:
            return _result(found.manifest, changed=False, begun=begun, before=found, after=found.backup_id)
        manifest = _write(repository, source, request, newest)
    write_pages(repository, manifest.stack, manifest.set_id, warn)
    return _result(manifest, changed=True, begun=begun, before=newest, after=manifest.backup_id)


def _write(repository: Repository, source: Source, request: Request, newest: Entry | None) -> Manifest:
    started = now()
    backup_id = new_backup_id(request.place.source, started)
    before = newest.manifest.objects if newest is not None and newest.manifest is not None else ()
    expected = {each.name: each.stored_bytes for each in before}
    with repository.upload(request.place, backup_id, expected) as upload:
        copied = source.copy(Packer(upload, encoding_for(repository, request.encoding)))
        if newest is not None and newest.manifest is not None and not request.accept_loss:
            _require_content(source, newest.manifest, copied)
        manifest = Manifest(
            backup_id=backup_id,
            set_id=request.set_id or new_set_id(started),
            stack=request.place.stack,
            source=request.place.source,
            host=socket.gethostname(),
            started=to_iso(started),
            taken=to_iso(copied.taken),
            ended=to_iso(now()),
            objects=copied.objects,
            proof=copied.proof,
            versions=copied.versions,
            consistency=copied.consistency,
            recovery=copied.recovery,
            details=copied.details,
            tolerated=copied.tolerated,
            unrecoverable=copied.unrecoverable,
            safety_copy_for=request.safety_copy_for,
        )
        upload.commit(manifest)
    return manifest


def _require_content(source: Source, before: Manifest, copied: Copied) -> None:
    """Refuse a copy of what was set up anew a moment ago, by accident: it would in time expire the good backups.

    :raises RefusedError: naming the backup that holds more.
    """
    lost = source.lost_everything(before.proof, copied.proof)
    if lost is not None:
        raise RefusedError(
            f"This copy holds no {lost}; backup {before.backup_id} of {before.taken} does. So looks a backup of the wrong "
            "place, or of one that was set up anew. Nothing was kept. If it is right, say accept_loss: true."
        )


def _result(manifest: Manifest, *, changed: bool, begun: float, before: Entry | None, after: str) -> dict[str, Any]:
    return {
        "changed": changed,
        "backup_id": manifest.backup_id,
        "manifest": manifest.to_document(),
        "downtime_seconds": manifest.consistency["downtime_seconds"] if changed else 0.0,
        "duration_seconds": round(time.monotonic() - begun, 3),
        "content_bytes": manifest.content_bytes,
        "stored_bytes": manifest.stored_bytes,
        "diff": _diff(before, after, {}),
    }


def _diff(before: Entry | None, after: str, expected: dict[str, Any]) -> dict[str, Any]:
    newest = before.backup_id if before is not None else None
    return {"before": {"newest_good_backup": newest}, "after": {"newest_good_backup": after, **expected}}
