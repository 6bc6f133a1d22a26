# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of containers as Docker Compose is told of them. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container

_HASH = "com.docker.compose.config-hash"
_DEPENDS_ON = "com.docker.compose.depends_on"
_RESET = "!reset"


def as_made(documents: Iterable[Mapping[str, Any]], file: str, services: Collection[str]) -> str:
    """Return a compose file that says of services what their containers were made with, and the other files do not say.

    That is what ``file`` said of their logs; and that they depend on nothing, where Docker Compose was told to leave that
    alone (``--no-deps``): some releases, 2.26 among them, count that as a change.

    :param documents: the containers as ``docker inspect`` describes them.
    """
    said: dict[str, dict[str, Any]] = {}
    for each in documents:
        container = read_container(each)
        if container.service not in services:
            continue
        if file in container.config_files:
            log = each["HostConfig"]["LogConfig"]
            logging = {"driver": log["Type"], "options": log["Config"] or {}}
            said.setdefault(container.service, {})["logging"] = logging
        if container.labels.get(_DEPENDS_ON) == "":
            said.setdefault(container.service, {})["depends_on"] = _RESET
    # JSON is YAML, but for the tag.
    return json.dumps({"services": said}).replace(json.dumps(_RESET), f"{_RESET} null")


def otherwise_changed(documents: Iterable[Mapping[str, Any]], hashes: str) -> list[str]:
    """Return the services whose containers are not those that Docker Compose would make.

    :param hashes: what ``docker compose config --hash`` writes: a service and its hash on each line. Others don't count.
    """
    wanted = dict(line.split() for line in hashes.splitlines() if len(line.split()) == 2)
    containers = [read_container(each) for each in documents]
    return sorted(
        {
            each.service
            for each in containers
            if each.labels.get(_HASH) != wanted.get(each.service, each.labels.get(_HASH))
        }
    )
