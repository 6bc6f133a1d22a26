# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore a backup to a target: prepare beside, prove, swap. The target's own packages know how."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository


@dataclass(frozen=True)
class Restored:
    """What a target reports: the proof, and the name of the safety copy of what was there (None: nothing was)."""

    proof: Compared
    previous: str | None
    more: Mapping[str, Any]


class Target(ABC):
    """Something that a backup can be restored to."""

    def read_ahead(self, manifest: Manifest, fetcher: Fetcher) -> None:  # noqa: B027 - most have nothing to do here
        """Read the backup before all else, where its manifest does not tell enough for what follows."""

    @abstractmethod
    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        """Refuse what cannot work, touching nothing; return ``{"before": …, "after": …}`` for the diff."""

    @abstractmethod
    def holds(self, manifest: Manifest) -> Compared | None:
        """Return the comparison if the target already holds exactly this backup, else None."""

    @abstractmethod
    def tidy_up(self) -> None:
        """Finish what a run left undone that was killed after its swap; another one would have nothing to do."""

    @abstractmethod
    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        """Check, decode, build beside, prove, swap."""


def restore_backup(
    repository: Repository,
    place: Place,
    choice: Choice,
    target: Target,
    *,
    identities: Identities | None = None,
    check_mode: bool,
) -> dict[str, Any]:
    """Bring the chosen backup to ``target`` and return the module's result.

    :raises OpsError: and the target then holds what it held before.
    """
    begun = time.monotonic()
    manifest = choose(repository.entries(place), choice, f"{place} in {repository.title}")
    fetcher = Fetcher(repository, manifest, identities)
    target.read_ahead(manifest, fetcher)
    diff = target.preflight(manifest)
    held = target.holds(manifest)
    result: dict[str, Any] = {"backup_id": manifest.backup_id, "taken": manifest.taken}
    if held is not None:
        if not check_mode:
            target.tidy_up()
        return {
            **result,
            "changed": False,
            "proof": held.to_result(),
            "previous": None,
            "duration_seconds": _since(begun),
        }
    fetcher.require_readable()
    if check_mode:
        return {**result, "changed": True, "diff": diff}
    restored = target.restore(manifest, fetcher)
    return {
        **result,
        **restored.more,
        "changed": True,
        "proof": restored.proof.to_result(),
        "previous": restored.previous,
        "duration_seconds": _since(begun),
        "diff": diff,
    }


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
