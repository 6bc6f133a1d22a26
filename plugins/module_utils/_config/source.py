# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's own files as something that can be backed up."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import PROJECT_LABEL, Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._config.files import File, pack, prove, read_files
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import plain_command

PAYLOAD = "config.tar"
_UNPACK = "tar --extract --ignore-zeros --directory=/ --numeric-owner --same-permissions"


@dataclass(frozen=True)
class ConfigOptions:
    """What the user asked for; see the documentation of ``config_backup``. ``engine`` is needed for a project."""

    project: str | None
    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    engine: Engine | None


class ConfigSource(Source):
    """The files of one stack, and which images its services run."""

    def __init__(self, options: ConfigOptions) -> None:
        self._options = options

    def preflight(self) -> dict[str, Any]:
        find_program("zstd")
        return {"files": len(self._files(self._containers()))}

    def copy(self, packer: Packer) -> Copied:
        taken, containers = now(), self._containers()
        files = self._files(containers)
        archive = pack(files)
        payload = packer.store(PAYLOAD, [archive])
        return Copied(
            taken=taken,
            objects=(payload,),
            proof={"files": prove(files), "images": self._images(containers)},
            versions={"python": ".".join(str(part) for part in sys.version_info[:3])},
            consistency={"mode": "online", "downtime_seconds": 0.0, "reason": None},
            recovery=(f"{plain_command(payload)} | {_UNPACK}",),
        )

    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        return "file" if before["files"] and not after["files"] else None

    def _containers(self) -> list[Container]:
        if self._options.project is None or self._options.engine is None:
            return []
        found = self._options.engine.containers({PROJECT_LABEL: self._options.project})
        if not found:
            raise RefusedError(
                f"There is no container of the Docker Compose project {self._options.project!r} on this host. "
                "Bring the stack up, or name its files as paths."
            )
        return found

    def _files(self, containers: Iterable[Container]) -> list[File]:
        paths = [*self._options.paths, *paths_of(containers)]
        return read_files(map(os.path.normpath, paths), self._options.exclude)

    def _images(self, containers: Iterable[Container]) -> dict[str, Any]:
        engine = self._options.engine
        return {
            each.service: {
                "image": each.image,
                "id": each.image_id,
                "digests": list(engine.image_digests(each.image_id)) if engine is not None else [],
            }
            for each in containers
        }


def paths_of(containers: Iterable[Container]) -> list[str]:
    """Return what belongs to a project by what its containers tell: its compose files, what they mount from its folder,
    and its ``.env``, which it may do without. Of the others none may be missing unnoticed.
    """
    found: set[str] = set()
    for each in containers:
        found.update(each.config_files)
        if each.working_dir is None:
            continue
        env = os.path.join(each.working_dir, ".env")
        found.update([env] if os.path.exists(env) else [])
        inside = each.working_dir.rstrip("/") + "/"
        found.update(mount.source for mount in each.mounts if mount.kind == "bind" and mount.source.startswith(inside))
    return sorted(found)
