# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of containers as Docker Compose is told of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container

_HASH = "com.docker.compose.config-hash"


def present_logging(documents: Iterable[Mapping[str, Any]], file: str) -> dict[str, Any]:
    """Return what compose file ``file`` said of the services' logs when their containers were made.

    :param documents: the containers as ``docker inspect`` describes them; those that were made without it are left out.
    """
    said = {}
    for each in documents:
        container = read_container(each)
        if file in container.config_files:
            log = each["HostConfig"]["LogConfig"]
            said[container.service] = {"logging": {"driver": log["Type"], "options": log["Config"] or {}}}
    return said


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
