# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers and volumes as `docker inspect` describes them (Docker Engine 26.1), cut to what counts."""

from __future__ import annotations

from typing import Any


def container(service: str, *, project: str = "lottery-chatbot", needs: str = "", **more: Any) -> dict[str, Any]:
    """Return the document of a running container of a Docker Compose project."""
    labels = {
        "com.docker.compose.config-hash": "0c4a",
        "com.docker.compose.container-number": "1",
        "com.docker.compose.depends_on": needs,
        "com.docker.compose.project": project,
        "com.docker.compose.project.config_files": f"/opt/{project}/compose.yml",
        "com.docker.compose.project.working_dir": f"/opt/{project}",
        "com.docker.compose.service": service,
    }
    state = {"Status": "running", "Running": True, "Paused": False, "Pid": 4711, "Health": {"Status": "healthy"}}
    return {
        "Id": (service.encode().hex() + "0" * 64)[:64],
        "Name": f"/{project}-{service}-1",
        "Image": "sha256:" + "9f" * 32,
        "RestartCount": 0,
        "State": {**state, **more.pop("state", {})},
        "Config": {
            "Image": f"bed/{service}:1",
            "Labels": {**labels, **more.pop("labels", {})},
            "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", *more.pop("env", ())],
            **more.pop("config", {}),
        },
        "Mounts": more.pop("mounts", []),
        "NetworkSettings": {"Networks": {f"{project}_default": {"IPAddress": "172.18.0.3"}}},
        **more,
    }


def volume_mount(name: str, destination: str) -> dict[str, Any]:
    """Return the part of a container's document that says that a volume is mounted."""
    source = f"/var/lib/docker/volumes/{name}/_data"
    return {"Type": "volume", "Name": name, "Source": source, "Destination": destination, "Driver": "local", "RW": True}


def bind_mount(source: str, destination: str, *, writable: bool = False) -> dict[str, Any]:
    """Return the part of a container's document that says that a folder or file of the host is mounted."""
    mode = "rw" if writable else "ro"
    return {"Type": "bind", "Source": source, "Destination": destination, "Mode": mode, "RW": writable}


def volume(name: str, project: str = "lottery-chatbot", folder: str | None = None) -> dict[str, Any]:
    """Return the document of a volume that Docker Compose made."""
    full = f"{project}_{name}"
    return {
        "Name": full,
        "Driver": "local",
        "Mountpoint": folder or f"/var/lib/docker/volumes/{full}/_data",
        "CreatedAt": "2026-11-24T03:15:00Z",
        "Labels": {"com.docker.compose.project": project, "com.docker.compose.volume": name},
        "Scope": "local",
    }
