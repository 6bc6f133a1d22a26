# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compose file of the copy that new images are tried on: in quarantine, with n8n's old image beside its new one."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.derive import quarantine
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.rules import Rules

#: What is behind the name of n8n's service in that of the one that runs its old image.
BEFORE = "-before"


def quarantine_project(project: str) -> str:
    """Return the name of the copy's project."""
    return f"{project}-rehearsal"


def locate(path: str) -> str | None:
    """Return the file or folder of the host itself; None for what is missing, and for sockets: they would lead out."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    return path if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else None


def rehearsal_copy(
    document: Mapping[str, Any],
    images: Mapping[str, str],
    n8n: str,
    n8n_before: str,
    where: Callable[[str], str | None] = locate,
) -> dict[str, Any]:
    """Return the compose file of the copy.

    Files and folders are those of the stack itself, so they can only be read there.

    :param document: as ``docker compose config --format json`` describes the project.
    :param images: the images to run, by service; the others are left out.
    :param n8n: which of the services is n8n; ``n8n_before`` is the image that runs now.
    :param where: returns what may be mounted of the host in the place of a path.
    """
    project = str(document["name"])
    rules = Rules(
        stack=project,
        locate=where,
        images=images,
        never_start=frozenset(document.get("services") or {}) - frozenset(images),
        # What a secret could be used for is out of reach; with another value, n8n would not read its data.
        blank=(),
        blank_file=os.devnull,
    )
    copy = quarantine(document, quarantine_project(project), rules).document
    for service in copy["services"].values():
        for mount in service.get("volumes") or ():
            if mount["type"] == "bind":
                mount["read_only"] = True
    if n8n in copy["services"]:
        before = {key: each for key, each in copy["services"][n8n].items() if key not in ("healthcheck", "depends_on")}
        copy["services"][f"{n8n}{BEFORE}"] = {**before, "image": n8n_before, "profiles": ["before"]}
    return copy


def copies_by_any_name(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what each volume is called in the copy, by the name that the compose file and that Docker gives it."""
    project = str(document["name"])
    volumes = document.get("volumes") or {}
    found = {key: f"{quarantine_project(project)}_{key}" for key in volumes}
    named = {str((each or {}).get("name") or f"{project}_{key}"): found[key] for key, each in volumes.items()}
    return {**named, **found}
