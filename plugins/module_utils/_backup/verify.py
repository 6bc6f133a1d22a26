# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify a backup to a level, and keep the verdict beside it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import (
    Choice,
    find,
    require_known,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ProofError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS, Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository


class Verifier(ABC):
    """How the backups of one source are looked into.

    Both methods raise DamagedError or ProofError for what is wrong with the backup; any other OpsError means that it
    could not be verified here and now, which says nothing about it.
    """

    @abstractmethod
    def structure(self, manifest: Manifest, fetcher: Fetcher) -> None:
        """Decode every payload completely, writing nothing."""

    @abstractmethod
    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Compared:
        """Restore to a scratch place, compare the proof, and remove it, also on failure."""


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; ``max_age`` (seconds) accepts a verdict that was given before, no older than that.

    ``identities`` open encrypted backups.
    """

    choice: Choice
    level: str
    max_age: float | None
    check_mode: bool
    identities: Identities = field(default_factory=Identities)


def verify_backup(repository: Repository, place: Place, wanted: Wanted, verifier: Verifier) -> dict[str, Any]:
    """Verify the chosen backup and return the module's result.

    :raises ProofError: if the verification failed; the verdict was kept all the same.
    :raises OpsError: if it could not be done; no verdict was kept.
    """
    title = f"{place} in {repository.title}"
    entry = find(repository.entries(place), wanted.choice, title)
    require_known(entry, title)
    limitation = _limitation(entry, wanted)
    if limitation is not None:
        wanted = replace(wanted, level=LEVELS[0])
    result: dict[str, Any] = {
        "backup_id": entry.backup_id,
        "level": wanted.level,
        "limitation": limitation,
        "problems": [],
    }
    before = entry.verdict
    diff = {"before": {"verified": before.level if before else None}, "after": {"verified": wanted.level}}
    if entry.good and _still_valid(before, wanted):
        return {**result, "changed": False, "verified": True, "duration_seconds": 0.0}
    if wanted.check_mode:
        return {**result, "changed": True, "verified": None, "diff": diff}
    verdict, compared = _judge(repository, entry, wanted, verifier)
    if entry.manifest is not None:
        repository.write_verdict(place, verdict)
    if verdict.problems:
        raise ProofError(
            f"Backup {entry.backup_id} of {place} failed verification to {wanted.level}: {'; '.join(verdict.problems)}",
            backup_id=entry.backup_id,
            level=wanted.level,
            verified=False,
            problems=list(verdict.problems),
        )
    proof = {"proof": compared.to_result()} if compared is not None else {}
    duration = verdict.duration_seconds
    return {**result, **proof, "changed": True, "verified": True, "duration_seconds": duration, "diff": diff}


def _still_valid(verdict: Verdict | None, wanted: Wanted) -> bool:
    if verdict is None or verdict.problems or wanted.max_age is None:
        return False
    return LEVELS.index(verdict.level) >= LEVELS.index(wanted.level) and verdict.age_seconds(now()) <= wanted.max_age


def _limitation(entry: Entry, wanted: Wanted) -> str | None:
    """Return why ``entry`` can only be verified by its checksums here, if so."""
    encrypted = entry.manifest is not None and entry.manifest.recipients
    if not encrypted or wanted.identities.any or wanted.level == LEVELS[0]:
        return None
    return (
        f"Backup {entry.backup_id} is encrypted, and no identity was given: only its checksums could be verified, which "
        f"says that the bytes are those that were written. To verify it to {wanted.level}, give an identity, on a host "
        "that may have it."
    )


def _judge(repository: Repository, entry: Entry, wanted: Wanted, verifier: Verifier) -> tuple[Verdict, Compared | None]:
    begun = time.monotonic()
    problems: tuple[str, ...] = ()
    compared = None
    try:
        compared = _examine(repository, entry, wanted, verifier)
    except ProofError as error:
        problems = tuple(error.details.get("differences", ())) or (error.message,)
    except DamagedError as error:
        problems = (error.message,)
    return Verdict(entry.backup_id, wanted.level, to_iso(now()), problems, round(time.monotonic() - begun, 3)), compared


def _examine(repository: Repository, entry: Entry, wanted: Wanted, verifier: Verifier) -> Compared | None:
    """Return the comparison, if the level has one."""
    if entry.manifest is None or entry.problem is not None:
        raise DamagedError(entry.problem or "It has no manifest.")
    fetcher = Fetcher(repository, entry.manifest, wanted.identities)
    if wanted.level == "checksum":
        for each in entry.manifest.objects:
            fetcher.check(each.content)
        return None
    fetcher.require_readable()
    if wanted.level == "structure":
        verifier.structure(entry.manifest, fetcher)
    else:
        compared = verifier.restore(entry.manifest, fetcher)
        compared.require(f"Backup {entry.backup_id}")
        return compared
    return None
