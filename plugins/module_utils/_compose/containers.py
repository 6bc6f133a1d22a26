# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers and volumes as Docker describes them, and what follows from that. Pure.

The documents are those of ``docker inspect`` (Engine API, ContainerInspect and VolumeInspect).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
VOLUME_LABEL = "com.docker.compose.volume"
#: What a copy in quarantine carries, with the stack's name: it is never meant by the name of a service or a volume alone.
QUARANTINE_LABEL = "chatbot.ops.quarantine"
#: What a volume carries that a restore made: a random word, by which that run knows it for its own.
RESTORE_LABEL = "chatbot.ops.restore"
_DEPENDS_ON = "com.docker.compose.depends_on"
_CONFIG_FILES = "com.docker.compose.project.config_files"
_WORKING_DIR = "com.docker.compose.project.working_dir"
_VERSION_LABEL = "org.opencontainers.image.version"

#: What Docker gives a container to stop by itself unless told otherwise, in seconds.
_GRACE = 10


@dataclass(frozen=True)
class Mount:
    """What is mounted at ``destination`` in a container: a volume by its name, or a folder of the host."""

    kind: str
    name: str | None
    source: str
    destination: str
    read_only: bool = False


@dataclass(frozen=True)
class Container:
    """One container; ``project`` and ``service`` are empty if Docker Compose did not make it, ``pid`` is 0 if it
    does not run."""

    id: str
    name: str
    project: str
    service: str
    image: str
    image_id: str
    status: str
    pid: int
    health: str | None
    restarts: int
    grace: int
    environment: Mapping[str, str] = field(repr=False)
    labels: Mapping[str, str] = field(repr=False)
    mounts: tuple[Mount, ...]
    addresses: tuple[str, ...]
    exit_code: int = 0
    restart_policy: str = ""

    @property
    def is_done(self) -> bool:
        """Whether it had one thing to do, and did it."""
        return self.status == "exited" and self.exit_code == 0 and self.restart_policy in ("", "no")

    @property
    def runs(self) -> bool:
        """Whether its processes exist, paused or not."""
        return self.status in ("running", "paused", "restarting")

    @property
    def title(self) -> str:
        """The service's name where there is one, for messages."""
        return self.service or self.name

    @property
    def needs(self) -> tuple[str, ...]:
        """The services that it depends on."""
        # postgres:service_healthy:false,redis:service_started:true
        return tuple(each.split(":")[0] for each in self.labels.get(_DEPENDS_ON, "").split(",") if each)

    @property
    def config_files(self) -> tuple[str, ...]:
        """The compose files that made it, by their paths on the host."""
        return tuple(each for each in self.labels.get(_CONFIG_FILES, "").split(",") if each)

    @property
    def working_dir(self) -> str | None:
        """The project's folder on the host."""
        return self.labels.get(_WORKING_DIR) or None

    @property
    def image_version(self) -> str | None:
        """The version that the image tells by its label, if it does."""
        return self.labels.get(_VERSION_LABEL) or None

    def mount_of(self, path: str) -> Mount | None:
        """Return what lies at ``path`` in the container, if something is mounted right there."""
        return next((each for each in self.mounts if each.destination.rstrip("/") == path.rstrip("/")), None)

    def uses(self, *, volume: str | None = None, folder: str | None = None) -> bool:
        """Tell whether it mounts the volume of that name, or that folder of the host, one within it, or one around it.

        What looks after other containers or the host mounts whole trees of it: all volumes, the root, or something to read
        only. That is no use of what lies in there.
        """
        for each in self.mounts:
            if volume is not None and each.name == volume:
                return True
            if folder is None or not each.source:
                continue
            around = volume is None and not each.read_only and each.source != "/"
            if _is_within(each.source, folder) or (around and _is_within(folder, each.source)):
                return True
        return False


@dataclass(frozen=True)
class Volume:
    """One volume; ``folder`` is where its content lies on the host."""

    name: str
    driver: str
    folder: str
    labels: Mapping[str, str]
    created: str


def read_container(document: Mapping[str, Any]) -> Container:
    """Return the container that ``docker inspect`` describes."""
    config, state = document["Config"], document["State"]
    labels = config.get("Labels") or {}
    return Container(
        id=document["Id"],
        name=document["Name"].lstrip("/"),
        project=labels.get(PROJECT_LABEL, ""),
        service=labels.get(SERVICE_LABEL, ""),
        image=config["Image"],
        image_id=document["Image"],
        status=state["Status"],
        pid=state.get("Pid", 0),
        health=(state.get("Health") or {}).get("Status"),
        restarts=document.get("RestartCount", 0),
        grace=config.get("StopTimeout") or _GRACE,
        environment=dict(each.split("=", 1) for each in config.get("Env") or () if "=" in each),
        labels=labels,
        mounts=tuple(
            Mount(
                kind=each["Type"],
                name=each.get("Name") or None,
                source=each.get("Source", ""),
                destination=each["Destination"],
                read_only=not each.get("RW", True),
            )
            for each in document.get("Mounts") or ()
        ),
        addresses=tuple(_addresses(document)),
        exit_code=state.get("ExitCode", 0),
        restart_policy=((document.get("HostConfig") or {}).get("RestartPolicy") or {}).get("Name", ""),
    )


def read_volume(document: Mapping[str, Any]) -> Volume:
    """Return the volume that ``docker volume inspect`` describes."""
    return Volume(
        name=document["Name"],
        driver=document["Driver"],
        folder=document["Mountpoint"],
        labels=document.get("Labels") or {},
        created=document.get("CreatedAt", ""),
    )


def stop_order(containers: Iterable[Container]) -> list[Container]:
    """Return ``containers`` with each before those that it depends on; started, they are in the opposite order.

    A circle, which Docker Compose refuses, ends where it began.
    """
    given = sorted(containers, key=lambda each: each.name)
    ordered: list[Container] = []
    seen: set[str] = set()

    def visit(container: Container) -> None:
        if container.id in seen:
            return
        seen.add(container.id)
        for each in given:
            if each.service in container.needs and each.project == container.project:
                visit(each)
        ordered.append(container)

    for each in given:
        visit(each)
    return ordered[::-1]


def _addresses(document: Mapping[str, Any]) -> Iterable[str]:
    settings = document.get("NetworkSettings") or {}
    for network in (settings.get("Networks") or {}).values():
        if network.get("IPAddress"):
            yield network["IPAddress"]


def _is_within(path: str, folder: str) -> bool:
    """Tell whether ``path`` is the folder, or lies in it."""
    inner, outer = (each.rstrip("/") + "/" for each in (path, folder))
    return inner.startswith(outer)
