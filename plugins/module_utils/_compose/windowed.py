# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies that take place in a maintenance window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import window


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
