# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a container: how to reach it, and the client programs that came with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

# What the official image, and Supabase's, call them; each may be in a file instead.
# https://github.com/docker-library/docs/blob/master/postgres/README.md
_VARIABLES = {"user": "POSTGRES_USER", "password": "POSTGRES_PASSWORD", "dbname": "POSTGRES_DB"}
_WORK_FOLDERS = ("/var/tmp", "/tmp")


@dataclass(frozen=True)
class ContainerServer:
    """``parameters`` are libpq's; ``root`` is the container's root folder on the host, ``folders`` its PATH.

    ``work_dir`` is a folder below ``root``, where the programs find what we write.
    """

    parameters: Mapping[str, str] = field(repr=False)
    root: str
    folders: tuple[str, ...]
    work_dir: str


def container_server(engine: Engine, name: str, project: str | None) -> ContainerServer:
    """Return the server that runs in the container, or of the service, ``name``.

    :raises RefusedError: if it does not run, or this user may not look into it.
    """
    container = engine.container(name, project)
    if container.status != "running":
        raise RefusedError(f"The container {container.name} does not run; it is {container.status}. Start it first.")
    root = f"/proc/{container.pid}/root"
    if not os.access(f"{root}/", os.X_OK):
        raise RefusedError(f"This user may not look into the container {container.name}. Use become.")
    work_dir = next((root + each for each in _WORK_FOLDERS if os.path.isdir(root + each)), root)
    folders = tuple(each for each in container.environment.get("PATH", "").split(":") if each)
    return ContainerServer(parameters_of(container, lambda path: _read(root + path)), root, folders, work_dir)


def parameters_of(container: Container, read: Callable[[str], str | None]) -> dict[str, str]:
    """Return libpq's parameters for the server in ``container``, as far as its environment tells.

    :param read: returns the content of a file in the container, or None.
    """
    # Without an address of its own, it shares those of the host.
    found = {"host": next(iter(container.addresses), "127.0.0.1"), "user": "postgres"}
    for key, variable in _VARIABLES.items():
        value = container.environment.get(variable)
        path = container.environment.get(f"{variable}_FILE")
        if not value and path:
            value = (read(path) or "").strip()
        if value:
            found[key] = value
    found.setdefault("dbname", found["user"])
    port = container.environment.get("PGPORT")
    return {**found, "port": port} if port else found


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except OSError:
        return None
