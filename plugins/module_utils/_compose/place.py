# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a data folder lies, and who uses it: a volume of Docker, or a folder of the host."""

from __future__ import annotations

import difflib
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import (
    PROJECT_LABEL,
    RESTORE_LABEL,
    VOLUME_LABEL,
    Container,
    Volume,
)
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError


@dataclass(frozen=True)
class Place:
    """A data folder on the host: in ``volume``, which has ``labels``, or just at ``path``."""

    path: str
    volume: str | None
    engine: Engine | None
    labels: Mapping[str, str] = field(default_factory=dict)

    def users(self) -> list[Container]:
        """Return the containers that mount it, running or not."""
        if self.engine is None:
            return []
        folder = os.path.realpath(self.path)
        return [each for each in self.engine.containers() if each.uses(volume=self.volume, folder=folder)]


def existing_volume(engine: Engine, name: str, project: str | None) -> Place:
    """Return the place of a volume that is there and holds something.

    :raises RefusedError: if there is none, or it is empty: what Docker makes of a mistyped name must never pass for data.
    """
    volume = engine.volume(name, project)
    if volume is None:
        raise RefusedError(f"There is no Docker volume {name!r}{_of(project)} on this host. {_advice(engine, name)}")
    place = _place(engine, volume)
    if not os.path.isdir(place.path):
        raise RefusedError(f"The Docker volume {volume.name} has no folder {place.path} that we can read. Use become.")
    if not os.listdir(place.path):
        raise RefusedError(
            f"The Docker volume {volume.name} is empty. Docker makes an empty one for any name that it does not know: "
            f"see whether this is the right one. {_advice(engine, name, without=volume.name)}"
        )
    return place


def volume_to_fill(engine: Engine, name: str, project: str | None) -> Place | None:
    """Return the place of a volume that is to be restored to; None if there is none yet."""
    volume = engine.volume(name, project)
    return None if volume is None else _place(engine, volume)


def describe_volume(place: Place) -> dict[str, str | None] | None:
    """Return what a backup is to tell of the volume that it was taken of, so that it can be made again elsewhere.

    ``name`` is Docker's; ``project`` and ``key``, by which the compose file calls it, are None if Docker Compose did not
    make it. None if it is no volume.
    """
    if place.volume is None:
        return None
    return {
        "name": place.volume,
        "project": place.labels.get(PROJECT_LABEL),
        "key": place.labels.get(VOLUME_LABEL),
    }


def planned_volume(
    name: str, project: str | None, described: Mapping[str, str | None] | None
) -> tuple[str, dict[str, str]]:
    """Return the name and the labels of a volume that is to be made. Pure.

    With these labels, Docker Compose takes it for its own. It must have the very name that the compose file gives it:
    else Docker Compose makes an empty one beside, and n8n begins anew in that.

    :param described: what the backup tells of its volume (:func:`describe_volume`), if it does.
    """
    key: str | None = name
    if described and name in (described["name"], described["key"]) and project in (None, described["project"]):
        name, project, key = str(described["name"]), described["project"], described["key"]
    elif project:
        name = f"{project}_{name}"
    return name, ({PROJECT_LABEL: project, VOLUME_LABEL: key} if project and key else {})


def new_volume(engine: Engine, name: str, labels: Mapping[str, str]) -> tuple[Place, bool]:
    """Create a volume that is not there, and return its place, and whether it is of our making.

    If another run made one of that name meanwhile, Docker finds it without a word.
    """
    word = secrets.token_hex(8)
    volume = engine.create_volume(name, {**labels, RESTORE_LABEL: word})
    return _place(engine, volume), volume.labels.get(RESTORE_LABEL) == word


def _place(engine: Engine, volume: Volume) -> Place:
    if volume.driver != "local":
        raise RefusedError(
            f"The Docker volume {volume.name} belongs to the driver {volume.driver!r}; its content lies in no folder of this "
            "host. Name the folder as path, where there is one."
        )
    return Place(volume.folder, volume.name, engine, volume.labels)


def _of(project: str | None) -> str:
    return f" of project {project}" if project else ""


def _advice(engine: Engine, name: str, without: str | None = None) -> str:
    names = [each for each in engine.volume_names() if each != without]
    similar: Sequence[str] = [each for each in names if name in each] or difflib.get_close_matches(name, names)
    if similar:
        return f"Did you mean {' or '.join(similar)}?"
    return f"Those that exist: {', '.join(names) or 'none'}."
