# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies and restores that take place in a maintenance window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Compared, Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher, Packer
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import window
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DisturbedError, OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest


@dataclass(frozen=True)
class Halt:
    """What is halted for how long at most (seconds), how (``stop`` or ``pause``), and why if the user did not say so.

    ``containers`` are looked up when the time has come.
    """

    containers: Callable[[], Sequence[Container]]
    action: str
    limit: float
    reason: str | None = None


class WindowedSource(Source):
    """A source that is copied while the containers that use it are halted."""

    def __init__(self, source: Source, halt: Halt) -> None:
        self._source, self._halt = source, halt

    def preflight(self) -> dict[str, Any]:
        names = sorted(each.title for each in self._halt.containers() if each.runs)
        return {**self._source.preflight(), "consistency": self._halt.action, "halted": names}

    def copy(self, packer: Packer) -> Copied:
        halt = self._halt
        with window(halt.containers(), halt.action, limit=halt.limit) as downtime:
            copied = self._source.copy(packer)
        consistency = {"mode": halt.action, "downtime_seconds": downtime.seconds, "reason": halt.reason}
        return replace(copied, consistency=consistency)

    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        return self._source.lost_everything(before, after)


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
