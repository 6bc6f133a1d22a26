# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small real backups for the tests of what all sources share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Request, Source, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository

PLACE = Place("lottery-chatbot", "n8n")


@dataclass
class TextSource(Source):
    """A source that holds one text."""

    text: str = "hola"
    unrecoverable: str | None = None
    during: Callable[[], object] = lambda: None
    command: str = 'printf %s "$TEXT"'

    def preflight(self) -> dict[str, Any]:
        return {"characters": len(self.text)}

    def copy(self, packer: Packer) -> Copied:
        self.during()
        payload = packer.store("text", Command(("sh", "-c", self.command), env={"TEXT": self.text}))
        return Copied(
            taken=now(),
            objects=(payload,),
            proof={"characters": len(self.text)},
            versions={},
            consistency={"mode": "online", "downtime_seconds": 0.0, "reason": None},
            recovery=("zstd -d text.zst",),
            unrecoverable=self.unrecoverable,
        )

    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        return "character" if before["characters"] and not after["characters"] else None


def request(*, max_age: float | None = None, check_mode: bool = False) -> Request:
    return Request(PLACE, max_age, None, check_mode)


def backed_up(repository: Repository, text: str = "hola", **more: Any) -> str:
    """Take a backup of ``text`` and return its id."""
    return str(take_backup(repository, TextSource(text, **more), request())["backup_id"])


YEAR = timedelta(days=365).total_seconds()
