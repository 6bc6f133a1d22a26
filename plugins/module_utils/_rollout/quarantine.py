# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compose file of a copy that reaches nobody: no way out, nothing published, volumes of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The only network that it has.
NETWORK = "quarantine"
#: What is behind the name of n8n's service in that of the one that runs its old image.
BEFORE = "-before"

# What would lead out, be met by others (labels of proxies and updaters), or not be there twice.
_DROPPED = (
    *("ports", "expose", "container_name", "network_mode", "networks", "links", "external_links", "extra_hosts"),
    *("build", "deploy", "scale", "labels", "restart", "pid", "ipc", "devices", "privileged", "profiles", "hostname"),
)


def quarantine_project(project: str) -> str:
    """Return the name of the copy's project."""
    return f"{project}-rehearsal"


def quarantined(document: Mapping[str, Any], images: Mapping[str, str], n8n: str, n8n_before: str) -> dict[str, Any]:
    """Return the compose file of the copy.

    Folders of the host can only be read there.

    :param document: as ``docker compose config --format json`` describes the project.
    :param images: the images to run, by service; the others are left out.
    :param n8n: which of the services is n8n; ``n8n_before`` is the image that runs now.
    """
    project = quarantine_project(str(document["name"]))
    services = {
        name: _service(each, images, images[name])
        for name, each in (document.get("services") or {}).items()
        if name in images
    }
    if n8n in services:
        before = {key: each for key, each in services[n8n].items() if key not in ("healthcheck", "depends_on")}
        services[f"{n8n}{BEFORE}"] = {**before, "image": n8n_before, "profiles": ["before"]}
    kept = {key: document[key] for key in ("secrets", "configs") if key in document}
    volumes = {key: {"name": name} for key, name in volumes_of(document, project).items()}
    networks = {NETWORK: {"internal": True}}
    return {"name": project, "services": services, "networks": networks, "volumes": volumes, **kept}


def volumes_of(document: Mapping[str, Any], project: str) -> dict[str, str]:
    """Return what each of the compose file's volumes is called in the copy."""
    return {key: f"{project}_{key}" for key in document.get("volumes") or {}}


def copies_by_any_name(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what each volume is called in the copy, by the name that the compose file and that Docker gives it."""
    project = quarantine_project(str(document["name"]))
    found = volumes_of(document, project)
    named = {
        str((each or {}).get("name") or f"{document['name']}_{key}"): found[key]
        for key, each in (document.get("volumes") or {}).items()
    }
    return {**named, **found}


def _service(service: Mapping[str, Any], images: Mapping[str, str], image: str) -> dict[str, Any]:
    kept = {key: each for key, each in service.items() if key not in _DROPPED}
    needs = {name: each for name, each in (service.get("depends_on") or {}).items() if name in images}
    mounts = [_mount(each) for each in service.get("volumes") or ()]
    return {**kept, "image": image, "restart": "no", "networks": [NETWORK], "depends_on": needs, "volumes": mounts}


def _mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    return {**mount, "read_only": True} if mount.get("type") == "bind" else dict(mount)
