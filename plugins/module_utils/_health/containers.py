# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The containers of the stack: whether they run and are well, how often they were restarted, and what they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.cgroup import memory_of
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import PROJECT_LABEL, read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import mask
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, now

_ONE_OFF = "com.docker.compose.oneoff"
_SHOWN = 200


def look_at_containers(engine: Engine, project: str, services: Sequence[str]) -> dict[str, Any]:
    """Return the containers of the project, and which of the ``services`` have none.

    :raises RefusedError: if the project has none at all, and no services are named.
    """
    documents = engine.documents({PROJECT_LABEL: project})
    if not documents and not services:
        raise RefusedError(
            f"There is no container of the project {project!r} on this host. `docker compose ls --all` tells which projects "
            "there are."
        )
    at = now()
    found = [_container(engine, each, at) for each in documents if not _is_one_off(each)]
    there = {each["service"] for each in found}
    return {
        "project": project,
        "containers": sorted(found, key=lambda each: (each["service"], each["name"])),
        "missing": [each for each in services if each not in there],
    }


def describe(document: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return what ``docker inspect`` tells of a container at the time ``at``. Pure."""
    container, state = read_container(document), document["State"]
    log = (state.get("Health") or {}).get("Log") or ()
    said = str(log[-1].get("Output", "")) if log and container.health != "healthy" else ""
    return {
        "service": container.service,
        "name": container.name,
        "id": container.id[:12],
        "image": container.image,
        "image_id": container.image_id,
        "status": container.status,
        "exit_code": state.get("ExitCode") or 0,
        "error": state.get("Error") or "",
        "health": container.health,
        "health_says": mask(" ".join(said.split()))[:_SHOWN],
        "restarts": container.restarts,
        "age_seconds": round((at - _time(document["Created"])).total_seconds()),
        "started": state.get("StartedAt"),
        "oom_killed": bool(state.get("OOMKilled")),
        "memory_limit_bytes": (document.get("HostConfig") or {}).get("Memory") or None,
    }


def _container(engine: Engine, document: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    container = read_container(document)
    used, kills = memory_of(container.pid)
    return {
        **describe(document, at),
        "memory_bytes": used,
        "oom_kills_now": kills,
        # None if the tag is gone, or names no image here.
        "tag_image_id": engine.image_id(container.image),
    }


def _is_one_off(document: Mapping[str, Any]) -> bool:
    """Tell whether ``docker compose run`` made it: it is a person's, and not of the stack."""
    return str((document["Config"].get("Labels") or {}).get(_ONE_OFF, "")).lower() == "true"


def _time(text: str) -> datetime:
    # Docker writes nanoseconds, and Python 3.9 reads no more than six digits of them.
    return from_iso(text.rstrip("Z")[:26].rstrip(".") + "Z")
