# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy backups from one repository to another, byte for byte: what is encrypted stays so, and no key is needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST, require_known
from ansible_collections.chatbot.ops.plugins.module_utils._backup.guide import write_pages
from ansible_collections.chatbot.ops.plugins.module_utils._backup.runbook import copy_runbook
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    OpsError,
    RefusedError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.progress import Meter
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository, Upload
from ansible_collections.chatbot.ops.plugins.module_utils._repository.files import FilesRepository


@dataclass(frozen=True)
class CopyRequest:
    """Which backups the user wants in the other repository: one by its id, or of each place the newest good one.

    With ``newer_than`` (seconds), each good one of no greater age.
    """

    places: tuple[Place, ...]
    backup_id: str
    newer_than: float | None
    check_mode: bool


@dataclass(frozen=True)
class Plan:
    """What is to be copied, and which of the wanted backups are there already."""

    missing: tuple[Manifest, ...]
    present: tuple[str, ...]


def plan_copies(wanted: Sequence[Entry], there: Sequence[Entry]) -> Plan:
    """Return what of ``wanted`` is missing among ``there``, oldest first.

    A backup that is there and damaged, or found bad by a verification, is missing. So is one that cannot be looked at just
    now: that fails in the end.
    """
    good = {each.backup_id for each in there if each.problem is None and each.unknown is None and not _condemned(each)}
    manifests = [each.manifest for each in wanted if each.manifest is not None]
    missing = [each for each in manifests if each.backup_id not in good]
    present = [each.backup_id for each in manifests if each.backup_id in good]
    return Plan(tuple(sorted(missing, key=lambda each: each.backup_id)), tuple(sorted(present)))


def wanted_entries(entries: Sequence[Entry], request: CopyRequest, instant: datetime) -> list[Entry]:
    """Return those of ``entries`` (newest first) that ``request`` asks for.

    Only good ones are worth a copy. Those that cannot be looked at just now, and may be good, are among them all the same.
    """
    if request.backup_id != LATEST:
        return [each for each in entries if each.backup_id == request.backup_id]
    worth = [each for each in entries if each.good or each.unknown is not None]
    if request.newer_than is None:
        latest = [each for each in worth if not each.is_safety_copy]
        newer = next((number for number, each in enumerate(latest) if each.good), len(latest))
        return latest[: newer + 1]
    return [each for each in worth if (instant - each.time).total_seconds() <= request.newer_than]


def copy_backups(
    origin: Repository, target: Repository, request: CopyRequest, warn: Callable[[str], object]
) -> dict[str, Any]:
    """Bring the wanted backups of ``origin`` into ``target``, and return the module's result.

    :raises OpsError: after all others were copied, if one could not be; its details tell of both.
    """
    begun = time.monotonic()
    _require_two(origin, target)
    target.preflight()
    plan = _plan(origin, target, request, warn)
    present = list(plan.present)
    copied: list[dict[str, Any]] = []
    failures: dict[str, str] = {}
    for manifest in plan.missing:
        try:
            if request.check_mode or _copy(origin, target, manifest, warn):
                copied.append(_told(manifest))
            else:
                present = sorted([*present, manifest.backup_id])
        except OpsError as error:
            failures[manifest.backup_id] = error.message
    if not request.check_mode:
        for stack, set_id in dict.fromkeys((each["stack"], each["set_id"]) for each in copied):
            write_pages(target, stack, set_id, warn)
            copy_runbook(origin, target, stack, set_id, warn)
    result = {
        "changed": bool(copied),
        "copied": copied,
        "present": present,
        "duration_seconds": round(time.monotonic() - begun, 3),
        "diff": {
            "before": {"backups": present},
            "after": {"backups": sorted([*present, *(each["backup_id"] for each in copied)])},
        },
    }
    if failures:
        told = "; ".join(f"{backup_id}: {message}" for backup_id, message in failures.items())
        raise RepositoryError(
            f"{len(failures)} of {len(plan.missing)} backups could not be copied to {target.title}. {told}",
            failed_copies=failures,
            **result,
        )
    return result


def _require_two(origin: Repository, target: Repository) -> None:
    for each in (origin, target):
        if isinstance(each, FilesRepository):
            raise RefusedError(
                f"The {each.title} keeps backups in a way of its own, not byte for byte. Use restic copy for a second one of "
                "restic, or take a backup into each."
            )
    if origin.title == target.title:
        raise RefusedError(
            f"Parameters repository and to are the same repository, {origin.title}. Name another one as to."
        )


def _plan(origin: Repository, target: Repository, request: CopyRequest, warn: Callable[[str], object]) -> Plan:
    """Compare what both hold.

    :raises RefusedError: if the backup meant is not there, or not good.
    :raises RepositoryError: if it cannot be looked at just now.
    """
    wanted = [each for place in request.places for each in wanted_entries(origin.entries(place), request, now())]
    if request.backup_id != LATEST:
        if not wanted:
            raise RefusedError(
                f"There is no backup {request.backup_id} in {origin.title}. Choose one that backup_info lists, or see what "
                "was removed there."
            )
        require_known(wanted[0], origin.title)
        if not wanted[0].good:
            raise RefusedError(f"Backup {request.backup_id} in {origin.title} is not good: a copy would be no better.")
    for each in wanted:
        if each.unknown is not None:
            warn(f"{each.backup_id} in {origin.title} cannot be looked at just now, and is not copied: {each.unknown}")
    wanted = [each for each in wanted if each.unknown is None]
    oldest = min((each.time for each in wanted), default=None)
    there = [each for place in request.places for each in target.entries(place, oldest)] if wanted else []
    return plan_copies(wanted, there)


def _copy(origin: Repository, target: Repository, manifest: Manifest, warn: Callable[[str], object]) -> bool:
    """Bring one backup into ``target``, and return whether that had to be done."""
    place = Place(manifest.stack, manifest.source)
    expected = {each.name: each.stored_bytes for each in manifest.objects}
    with target.lease(place):
        there = next(
            (each for each in target.entries(place, manifest.time) if each.backup_id == manifest.backup_id), None
        )
        if there is not None:
            require_known(there, target.title)
            if there.problem is None and not _condemned(there):
                return False  # whoever held the lease before us copied it
            if there.problem is None and _is_as_stored(target, place, manifest):
                warn(
                    f"A verification found {manifest.backup_id} in {target.title} bad ({_fault(there)}), and its bytes are "
                    f"those that were stored: another copy would be no better. Verify it in {origin.title}, too."
                )
                return False
            _make_room(origin, target, there, manifest)
        with target.upload(place, manifest.backup_id, expected) as upload:
            for stored in manifest.objects:
                _copy_payload(origin, place, manifest.backup_id, stored, upload)
            upload.commit(manifest)
    return True


def _condemned(entry: Entry) -> bool:
    return entry.verdict is not None and bool(entry.verdict.problems)


def _fault(entry: Entry) -> str:
    return entry.problem or "; ".join(entry.verdict.problems if entry.verdict else ())


def _is_as_stored(repository: Repository, place: Place, manifest: Manifest) -> bool:
    try:
        _read_through(repository, place, manifest)
    except DamagedError:
        return False
    return True


def _make_room(origin: Repository, target: Repository, there: Entry, manifest: Manifest) -> None:
    """Remove the damaged copy ``there``, once all of the origin was read: some of a backup is better than none.

    :raises DamagedError: if the origin is no better.
    :raises RepositoryError: if the copy has to stay.
    """
    _read_through(origin, there.place, manifest)
    removal = target.remove(there.place, manifest.backup_id)
    if not removal.gone:
        raise RepositoryError(
            f"{manifest.backup_id} in {target.title} is damaged ({_fault(there)}) and cannot be removed: {removal.reason}."
        )


def _copy_payload(origin: Repository, place: Place, backup_id: str, stored: StoredObject, upload: Upload) -> None:
    with upload.put(stored.name) as write:
        for chunk in _read(origin, place, backup_id, stored):
            write(chunk)


def _read_through(repository: Repository, place: Place, manifest: Manifest) -> None:
    for stored in manifest.objects:
        for _chunk in _read(repository, place, manifest.backup_id, stored):
            pass


def _read(repository: Repository, place: Place, backup_id: str, stored: StoredObject) -> Iterator[bytes]:
    """Yield the bytes of ``stored``.

    :raises DamagedError: in the end, if they are not those that were stored.
    """
    tap = Meter(stored.name, stored.stored_bytes)
    for chunk in repository.read(place, backup_id, stored.name):
        tap.see(chunk)
        yield chunk
    if (tap.size, tap.sha256) != (stored.stored_bytes, stored.stored_sha256):
        raise DamagedError(
            f"{stored.name} in {repository.title} is not what was stored ({tap.size} bytes read, {stored.stored_bytes} "
            "written). Copy it from another repository."
        )


def _told(manifest: Manifest) -> dict[str, Any]:
    names = ("backup_id", "set_id", "stack", "source", "stored_bytes")
    return {name: getattr(manifest, name) for name in names}
