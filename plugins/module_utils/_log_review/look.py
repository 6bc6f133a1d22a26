# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at the logs of all containers of a stack."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.cgroup import memory_of
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import PROJECT_LABEL
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.container import (
    JSON_FILE,
    NONE,
    Logged,
    began_before,
    is_complete,
    read_logged,
)
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.json_file import read_files
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.memory import Memory, recall, remember
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import Tally, time_key
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.through_docker import (
    first_time,
    read_through_docker,
)

STATE_FOLDER = "/var/lib/chatbot-ops/log_review"
READERS = ("auto", "files", "docker")


@dataclass(frozen=True)
class Look:
    """What to look at: the ``services`` (none: all) of ``project``, from the time ``since`` on.

    ``limit`` is how many signatures of a container are told, ``reader`` one of READERS.
    """

    project: str
    services: tuple[str, ...]
    since: str
    state_file: str
    limit: int
    reader: str
    check_mode: bool


@dataclass(frozen=True)
class Reading:
    """What could be read of one log: ``problem`` tells why nothing could; ``complete`` is None if nobody knows."""

    tally: Tally
    problem: str | None = None
    bytes: int | None = None
    oldest: str | None = None
    complete: bool | None = None


def look_from(params: Mapping[str, Any], *, check_mode: bool) -> Look:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    if params["limit"] < 1:
        raise RefusedError(f"Parameter limit: {params['limit']} is less than 1.")
    if not params["project"]:
        raise RefusedError("Parameter project: name the Docker Compose project; `docker compose ls` tells it.")
    since = str(params["since"])
    if len(since) >= 10 and since[4:5] == "-":
        begin = optional_time("since", since)
        if begin is None:
            raise AssertionError
    else:
        begin = now() - timedelta(seconds=duration_seconds("since", since))
    state_file = params["state_file"] or os.path.join(STATE_FOLDER, f"{params['project'].replace('/', '_')}.json")
    return Look(
        project=params["project"],
        services=tuple(params["services"] or ()),
        since=to_iso(begin),
        state_file=state_file,
        limit=params["limit"],
        reader=params["reader"],
        check_mode=check_mode,
    )


def look_at_logs(engine: Engine, look: Look) -> dict[str, Any]:
    """Read the logs, and return what they tell as the module's result.

    :raises RefusedError: if the project has no container, or not those of the services.
    """
    containers = _chosen(engine, look)
    memory = recall(look.state_file)
    begun = now()
    documents: list[dict[str, Any]] = []
    seen: set[str] = set()
    for each in containers:
        reading = read_log(each, look)
        documents.append(_document(each, reading, memory, look.limit))
        seen.update(group.id for group in reading.tally.groups())
    if not look.check_mode:
        restarts = {each.id: each.restarts for each in containers}
        remember(
            look.state_file,
            memory.after(to_iso(begun), seen, {**memory.restarts, **restarts} if look.services else restarts),
        )
    return {
        "project": look.project,
        "since": look.since,
        "until": to_iso(begun),
        "previous_look": memory.looked,
        "duration_seconds": round((now() - begun).total_seconds(), 3),
        "containers": documents,
    }


def read_log(container: Logged, look: Look) -> Reading:
    """Read one log; what prevents that is told, never raised: the others are read all the same."""
    tally = Tally(container.service)
    if container.driver == NONE:
        return Reading(tally, "Its log driver is none: whatever it writes is thrown away.")
    try:
        if _by_file(container, look.reader):
            coverage = read_files(container.path, look.since, tally)
            oldest = coverage.oldest
            complete = is_complete(
                container, time_key(look.since), time_key(oldest) if oldest else None, coverage.files
            )
            return Reading(tally, None, coverage.bytes, oldest, complete)
        program = find_program("docker")
        oldest = first_time(program, container.id)
        read_through_docker(program, container.id, look.since, tally)
        return Reading(tally, None, None, oldest, began_before(container, look.since, oldest))
    except OpsError as error:
        return Reading(Tally(container.service), error.message)


def _by_file(container: Logged, reader: str) -> bool:
    if container.driver != JSON_FILE or not container.path or reader == "docker":
        return False
    return reader == "files" or os.access(container.path, os.R_OK)


def _chosen(engine: Engine, look: Look) -> list[Logged]:
    found = [read_logged(each) for each in engine.documents({PROJECT_LABEL: look.project})]
    if not found:
        raise RefusedError(
            f"There is no container of the project {look.project!r} on this host. `docker compose ls --all` tells which "
            "projects there are."
        )
    there = sorted({each.service for each in found})
    missing = sorted(set(look.services) - set(there))
    if missing:
        raise RefusedError(
            f"The project {look.project} has no container of {', '.join(missing)}. Those that it has: {', '.join(there)}."
        )
    chosen = [each for each in found if not look.services or each.service in look.services]
    return sorted(chosen, key=lambda each: (each.service, each.name))


def _document(container: Logged, reading: Reading, memory: Memory, limit: int) -> dict[str, Any]:
    groups = reading.tally.groups()
    told = _told(groups, memory, limit)
    return {
        "service": container.service,
        "name": container.name,
        "id": container.id[:12],
        "driver": container.driver,
        "options": dict(container.options),
        "status": container.status,
        "health": container.health,
        "created": container.created,
        "started": container.started,
        "restarts": container.restarts,
        "new_restarts": max(container.restarts - memory.restarts.get(container.id, 0), 0),
        "oom_killed": container.oom_killed,
        "oom_kills": memory_of(container.pid)[1],
        "exit_code": container.exit_code,
        "readable": reading.problem is None,
        "problem": reading.problem,
        "bytes": reading.bytes,
        "oldest": reading.oldest,
        "complete": reading.complete if reading.problem is None else False,
        "error_count": reading.tally.errors,
        "warning_count": reading.tally.warnings,
        "new_signatures": sum(each.id not in memory.signatures for each in groups),
        "signatures": told,
        "more_signatures": len(groups) - len(told),
        "ungrouped": reading.tally.untold,
    }


def _told(groups: Sequence[Any], memory: Memory, limit: int) -> list[dict[str, Any]]:
    """Return the new groups first: they are what nobody has looked at yet."""
    known = memory.signatures
    ordered = sorted(groups, key=lambda each: each.id in known)  # stable: else as they were
    return [each.to_document(known) for each in ordered[:limit]]
