# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the module's parameters to what is looked at on the host, all of it at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health.clock import look_at_clock
from ansible_collections.chatbot.ops.plugins.module_utils._health.containers import look_at_containers
from ansible_collections.chatbot.ops.plugins.module_utils._health.database import look_at_database
from ansible_collections.chatbot.ops.plugins.module_utils._health.disks import look_at_disks
from ansible_collections.chatbot.ops.plugins.module_utils._health.endpoint import (
    Endpoint,
    endpoint_from,
    look_at_endpoints,
)
from ansible_collections.chatbot.ops.plugins.module_utils._health.history import with_past
from ansible_collections.chatbot.ops.plugins.module_utils._health.memory import Past, recall, remember
from ansible_collections.chatbot.ops.plugins.module_utils._health.n8n import N8n, look_at_n8n
from ansible_collections.chatbot.ops.plugins.module_utils._health.sections import run_sections
from ansible_collections.chatbot.ops.plugins.module_utils._health.server import look_at_server
from ansible_collections.chatbot.ops.plugins.module_utils._health.updates import look_at_updates
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import (
    CONNECTION_ARGUMENTS,
    Login,
    login_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server

STATE_FILE = "/var/lib/chatbot-ops/health/looks.json"
SECTIONS = ("endpoints", "n8n", "database", "containers", "server", "disks", "time", "updates")

_ENDPOINT: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "url": {"type": "str", "required": True},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "keyword": {"type": "str", "no_log": False},
    "timeout": {"type": "str", "default": "5s"},
    "ca": {"type": "path"},
    "connect_to": {"type": "str"},
}
_N8N: dict[str, Any] = {
    "container": {"type": "str"},
    "url": {"type": "str"},
    "volume": {"type": "str"},
    "path": {"type": "path"},
    "table_prefix": {"type": "str"},
    "since": {"type": "str", "default": "24h"},
}
#: What the module takes.
HEALTH_ARGUMENTS: dict[str, Any] = {
    **CONNECTION_ARGUMENTS,
    "endpoints": {"type": "list", "elements": "dict", "default": [], "options": _ENDPOINT},
    "n8n": {"type": "dict", "options": _N8N},
    "services": {"type": "list", "elements": "str", "default": []},
    "mounts": {"type": "list", "elements": "path", "default": []},
    "sections": {"type": "list", "elements": "str", "choices": list(SECTIONS), "default": list(SECTIONS)},
    "timeout": {"type": "str", "default": "15s"},
    "state_file": {"type": "path", "default": STATE_FILE},
}


@dataclass(frozen=True)
class Request:
    """What to look at, given what past looks saw, and for how long at most, in seconds."""

    sections: Mapping[str, Callable[[Past], Mapping[str, Any]]]
    limit: float
    state_file: str
    check_mode: bool


def request_from(params: Mapping[str, Any], *, check_mode: bool) -> Request:
    """Return what the module is asked for: of the sections, those that there is something to look at.

    :raises RefusedError: if a parameter is none such.
    """
    limit = duration_seconds("timeout", params["timeout"])
    if not 1 <= limit <= 600:
        raise RefusedError("Parameter timeout: give from 1 second to 10 minutes.")
    endpoints = [endpoint_from(each) for each in params["endpoints"]]
    _require_names(endpoints)
    sections: dict[str, Callable[[Past], Mapping[str, Any]]] = {
        "endpoints": lambda _past: look_at_endpoints(endpoints),
        "server": lambda _past: look_at_server(),
        "disks": lambda _past: look_at_disks(tuple(params["mounts"])),
        "time": lambda _past: look_at_clock(),
        "updates": lambda past: look_at_updates(past.updates),
    }
    if any(params[each] is not None for each in ("dsn", "host", "container", "dbname")):
        # Found out in its own section: a container that does not run is no reason to look at nothing.
        sections["database"] = lambda _past: look_at_database(lambda: _login(params))
    if params["project"]:
        sections["containers"] = lambda _past: _containers(params["project"], tuple(params["services"]))
    if params["n8n"]:
        n8n = _n8n(params)
        sections["n8n"] = lambda _past: look_at_n8n(n8n, open_engine)
    if not endpoints:
        del sections["endpoints"]
    return Request(
        sections={name: sections[name] for name in SECTIONS if name in sections and name in params["sections"]},
        limit=limit,
        state_file=params["state_file"],
        check_mode=check_mode,
    )


def gather(request: Request) -> dict[str, Any]:
    """Look at all of it, and return the facts as the module's result; what was seen is remembered for the next look."""
    begun, at = now(), time.time()
    past, problem = Past(), None
    try:
        past = recall(request.state_file)
    except OpsError as error:
        problem = error.message
    facts = run_sections({name: partial(look, past) for name, look in request.sections.items()}, request.limit)
    told, past = with_past(facts, past, at)
    if problem is None and not request.check_mode:
        try:
            remember(request.state_file, past, at)
        except OpsError as error:
            problem = error.message
    return {
        "looked": to_iso(begun),
        "duration_seconds": round(time.time() - at, 3),
        "memory_problem": problem,
        "sections": told,
    }


def _login(params: Mapping[str, Any]) -> Login:
    known: Mapping[str, str] = {}
    if params["container"] is not None:
        known = container_server(open_engine(), params["container"], params["project"]).parameters
    return login_from(params, known).require_dbname()


def _containers(project: str, services: tuple[str, ...]) -> dict[str, Any]:
    return look_at_containers(open_engine(), project, services)


def _n8n(params: Mapping[str, Any]) -> N8n:
    given = params["n8n"]
    return N8n(
        container=given.get("container") or "",
        project=params["project"],
        url=given.get("url") or "",
        volume=given.get("volume") or "",
        path=given.get("path") or "",
        prefix=given.get("table_prefix") or "",
        span=duration_seconds("n8n.since", given.get("since") or "24h"),
    )


def _require_names(endpoints: list[Endpoint]) -> None:
    names = [each.name for each in endpoints]
    if len(set(names)) < len(names):
        raise RefusedError(
            f"Parameter endpoints: two have the same name: {', '.join(sorted(names))}. Name each by its own."
        )
