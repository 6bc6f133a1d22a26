# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restores that take place in a maintenance window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import window
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed import Halt
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DisturbedError, OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest


class WindowedTarget(Target):
    """A target that is replaced while the containers that use it are stopped."""

    def __init__(self, target: Target, halt: Halt) -> None:
        self._target, self._halt = target, halt

    def read_ahead(self, manifest: Manifest, fetcher: Fetcher) -> None:
        self._target.read_ahead(manifest, fetcher)

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        return self._target.preflight(manifest)

    def holds(self, manifest: Manifest) -> Compared | None:
        return self._target.holds(manifest)

    def tidy_up(self) -> None:
        self._target.tidy_up()

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        restored = None
        try:
            with window(self._halt.containers(), self._halt.action, limit=self._halt.limit) as downtime:
                restored = self._target.restore(manifest, fetcher)
        except DisturbedError as error:
            if restored is None:
                raise
            raise DisturbedError(
                f"{error.message} Backup {manifest.backup_id} was put in place all the same, and something may have "
                f"written to it since: restore it again. What was there before is kept as {restored.previous}.",
                previous=restored.previous,
            ) from error
        if downtime.healthy is False:
            raise OpsError(
                f"Backup {manifest.backup_id} was restored and proven, but what uses it did not become healthy. See its "
                f"log. What was there before is kept as {restored.previous}.",
                previous=restored.previous,
            )
        return replace(restored, more={**restored.more, "downtime_seconds": downtime.seconds})
