# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small real backups for the tests of what all sources share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Request, Source, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import (
    Encoding,
    Fetcher,
    Packer,
    encoding_for,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import id_time, new_backup_id, new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
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


@dataclass
class TextTarget(Target):
    """A target that holds one text."""

    text: str = ""
    claims: Mapping[str, Any] = field(default_factory=dict)
    tidied: bool = False

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        return {"before": {"characters": len(self.text)}, "after": dict(manifest.proof)}

    def holds(self, manifest: Manifest) -> Compared | None:
        found = {"characters": len(self.text)}
        return Compared(manifest.proof, found, ()) if found == manifest.proof else None

    def tidy_up(self) -> None:
        self.tidied = True

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        out = bytearray()
        fetcher.decode("text", sink=out.extend)
        before, self.text = self.text, out.decode()
        return Restored(Compared(manifest.proof, {"characters": len(self.text)}, ()), before or None, {"extra": 1})


@dataclass
class TextVerifier(Verifier):
    """A verifier whose findings are set."""

    finds: Exception | None = None
    differs: tuple[str, ...] = ()

    def structure(self, _manifest: Manifest, fetcher: Fetcher) -> None:
        fetcher.decode("text")
        if self.finds is not None:
            raise self.finds

    def restore(self, manifest: Manifest, _fetcher: Fetcher) -> Compared:
        return Compared(manifest.proof, manifest.proof, self.differs)


def no_warning(text: str) -> None:
    """Be told nothing."""
    raise AssertionError(text)


def request(*, max_age: float | None = None, check_mode: bool = False, recipients: Sequence[str] = ()) -> Request:
    return Request(PLACE, max_age, None, check_mode, encoding=Encoding(recipients=tuple(recipients)))


def backed_up(repository: Repository, text: str = "hola", recipients: Sequence[str] = (), **more: Any) -> str:
    """Take a backup of ``text`` and return its id."""
    return str(
        take_backup(repository, TextSource(text, **more), request(recipients=recipients), no_warning)["backup_id"]
    )


def put_backup(
    repository: Repository,
    instant: datetime,
    *,
    source: str = PLACE.source,
    set_id: str | None = None,
    text: str = "hola",
) -> str:
    """Put a backup that was begun at ``instant`` into the repository, and return its id."""
    place, backup_id = Place(PLACE.stack, source), new_backup_id(source, instant)
    with repository.upload(place, backup_id) as upload:
        copied = TextSource(text).copy(Packer(upload, encoding_for(repository, Encoding())))
        upload.commit(made_manifest(copied, backup_id, set_id))
    return backup_id


def made_manifest(copied: Copied, backup_id: str, set_id: str | None = None) -> Manifest:
    """Return the manifest of a backup whose source reported ``copied``."""
    instant, source = id_time(backup_id), backup_id.split("-")[1]
    return Manifest(
        backup_id=backup_id,
        set_id=set_id or new_set_id(instant),
        stack=PLACE.stack,
        source=source,
        host="production",
        started=to_iso(instant),
        taken=to_iso(instant),
        ended=to_iso(instant),
        objects=copied.objects,
        proof=copied.proof,
        versions=copied.versions,
        consistency=copied.consistency,
        recovery=copied.recovery,
    )


YEAR = timedelta(days=365).total_seconds()
