# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Docker Engine of this host: asked and told through its API, by the library docker."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import (
    PROJECT_LABEL,
    QUARANTINE_LABEL,
    SERVICE_LABEL,
    VOLUME_LABEL,
    Container,
    Volume,
    read_container,
    read_volume,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError

_PATIENCE = 60  # seconds for an answer
_CONFLICT = 409
_SOCKET = "/var/run/docker.sock"


class Engine:
    """A Docker Engine, by the library's low-level client."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def container(self, name: str, project: str | None = None) -> Container:
        """Return the container ``name``: a name or id, or the service of a project.

        :param project: where to look for a service; without it, any project will do that is the only one.
        :raises RefusedError: if there is none, or more than one.
        """
        for each in self.containers():
            if each.name == name or (len(name) >= 12 and each.id.startswith(name)):
                return each
        labels = {SERVICE_LABEL: name, **({PROJECT_LABEL: project} if project else {})}
        found = [each for each in self.containers(labels) if project or QUARANTINE_LABEL not in each.labels]
        if len(found) == 1:
            return found[0]
        if not found:
            known = ", ".join(sorted(each.name for each in self.containers())) or "none"
            raise RefusedError(f"There is no container or service {name!r} on this host. Those that exist: {known}.")
        names = ", ".join(sorted(each.name for each in found))
        raise RefusedError(f"More than one container is of the service {name!r}: {names}. Name one of them.")

    def containers(self, labels: Mapping[str, str] | None = None) -> list[Container]:
        """Return all containers, running or not, that carry ``labels``."""
        return [read_container(each) for each in self.documents(labels)]

    def documents(self, labels: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return what ``docker inspect`` tells of all containers, running or not, that carry ``labels``."""
        wanted = [f"{key}={value}" for key, value in (labels or {}).items()]
        found = []
        with _told("list the containers"):
            for each in self._client.containers(all=True, filters={"label": wanted} if wanted else None):
                try:
                    found.append(self._client.inspect_container(each["Id"]))
                except _errors().NotFound:
                    continue  # it went meanwhile
        return found

    def volume(self, name: str, project: str | None = None) -> Volume | None:
        """Return the volume ``name``: as ``docker volume ls`` shows it, or as the compose file of a project calls it.

        Docker is only asked: it creates a volume for any name that a container mounts, a mistyped one included.

        :raises RefusedError: if more than one may be meant.
        """
        with _told("list the volumes"):
            volumes = [read_volume(each) for each in self._client.volumes()["Volumes"] or ()]
        for each in volumes:
            if each.name == name:
                return each
        meant = [
            each
            for each in volumes
            if each.labels.get(VOLUME_LABEL) == name
            and project in (None, each.labels.get(PROJECT_LABEL))
            and (project or QUARANTINE_LABEL not in each.labels)
        ]
        if len(meant) > 1:
            names = ", ".join(sorted(each.name for each in meant))
            raise RefusedError(f"More than one project has a volume {name!r}: {names}. Name one of them.")
        return meant[0] if meant else None

    def volume_names(self) -> list[str]:
        """Return the names of all volumes."""
        with _told("list the volumes"):
            return sorted(each["Name"] for each in self._client.volumes()["Volumes"] or ())

    def create_volume(self, name: str, labels: Mapping[str, str]) -> Volume:
        """Create the volume ``name``, or find it, and return it."""
        with _told(f"create the volume {name}"):
            return read_volume(self._client.create_volume(name, labels=dict(labels)))

    def remove_volume(self, name: str) -> None:
        """Remove the volume ``name``, which nobody uses, and its content."""
        with _told(f"remove the volume {name}"):
            self._client.remove_volume(name)

    def image_digests(self, image_id: str) -> tuple[str, ...]:
        """Return by which digests registries know the image; none for one that was built here, or is gone."""
        return tuple((self.image(image_id) or {}).get("RepoDigests") or ())

    def image(self, name: str) -> dict[str, Any] | None:
        """Return what ``docker image inspect`` tells of an image, by its name or id; None if it is not here."""
        with _told(f"look at image {name}"):
            try:
                found: dict[str, Any] = self._client.inspect_image(name)
                return found
            except _errors().ImageNotFound:
                return None

    def image_id(self, name: str) -> str | None:
        """Return the id of the image that this host has by that name, id or digest; None if it has none."""
        found = self.image(name)
        return str(found["Id"]) if found is not None else None

    def tag_image(self, image_id: str, name: str) -> None:
        """Give an image one more name; whichever image had it loses it."""
        repository, _colon, tag = name.rpartition(":")
        if not repository or "/" in tag:  # a colon of the registry's port, or none
            repository, tag = name, "latest"
        with _told(f"give image {image_id} the name {name}"):
            self._client.tag(image_id, repository, tag)

    def remove_image(self, name: str) -> bool:
        """Take the name from an image, which goes if it has no other; return whether there was one.

        One that a container uses stays.
        """
        with _told(f"remove image {name}"):
            try:
                self._client.remove_image(name)
            except _errors().ImageNotFound:
                return False
            except _errors().APIError as error:
                if error.status_code == _CONFLICT:
                    return False
                raise
        return True

    def stop(self, container: Container, grace: int) -> None:
        """Stop a container, which gets ``grace`` seconds to end by itself."""
        with _told(f"stop {container.name}"):
            self._client.stop(container.id, timeout=grace)

    def remove(self, container: Container) -> None:
        """Remove a container that does not run; its volumes stay."""
        with _told(f"remove {container.name}"):
            self._client.remove_container(container.id)

    def log_tail(self, container: Container, lines: int) -> str:
        """Return the last lines that a container wrote."""
        with _told(f"read the log of {container.name}"):
            content: bytes = self._client.logs(container.id, tail=lines)
            return content.decode("utf-8", "replace").strip()

    def data_folder(self) -> str:
        """Return the folder of the host that holds the engine's images and containers."""
        with _told("ask for its folder"):
            return str(self._client.info()["DockerRootDir"])

    def read_file(self, container: Container, path: str, limit: int = 1 << 20) -> bytes | None:
        """Return the file ``path`` of a container, which need not run; None if there is no such file of that size."""
        with _told(f"read {path} in {container.title}"):
            try:
                stream, status = self._client.get_archive(container.id, path)
            except _errors().NotFound:
                return None
            if status["size"] > limit:
                return None
            with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
                member = archive.next()
                content = archive.extractfile(member) if member is not None and member.isfile() else None
                return content.read() if content is not None else None


def open_engine() -> Engine:
    """Return the engine that DOCKER_HOST names, or the local one.

    :raises ToolError: if the library is missing, or no engine answers.
    """
    try:
        import docker
    except ImportError as error:
        raise ToolError(
            f"The Python library docker is missing on this host ({error}). Apply the role chatbot.ops.toolchain "
            "to it and run this module under the Python that it sets up (ansible_python_interpreter)."
        ) from error
    with _told("connect"):
        client = docker.from_env(timeout=_PATIENCE).api
        client.ping()
    return Engine(client)


def engine_if_any() -> Engine | None:
    """Return the engine as :func:`open_engine` does; None where this user has none to ask."""
    if "DOCKER_HOST" not in os.environ and not os.path.exists(_SOCKET):
        return None
    try:
        return open_engine()
    except ToolError:
        return None


def _errors() -> Any:
    """Return the library's errors. It is imported where an engine is used: it takes as long as all else of a module."""
    from docker import errors

    return errors


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Raise what goes wrong as an error of ours."""
    try:
        yield
    except (_errors().DockerException, OSError) as error:
        raise ToolError(
            f"Failed to {what} through the Docker Engine: {_words(error)}. Is it running, and may this user talk to it "
            "(root, or the group docker)?"
        ) from error


def _words(error: Any) -> str:
    return str(getattr(error, "explanation", None) or error).strip().rstrip(".")
