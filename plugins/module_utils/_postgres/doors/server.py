# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to a server: what the doors of this package share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Programs
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, login_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import require_route

MAINTENANCE_DB = "postgres"

#: How many connections dump, restore and prove (documented in the fragment ``postgres``).
JOBS_ARGUMENTS: dict[str, Any] = {"jobs": {"type": "int"}}


@dataclass(frozen=True)
class Server:
    """How to reach the server; ``work_dir`` is set where the programs can only read files in a place of their own."""

    login: Login
    programs: Programs
    work_dir: str | None


def server_from(params: Mapping[str, Any]) -> Server:
    """Return the server that the module parameters name: by its address, or by the container that it runs in.

    :raises RefusedError: if there is no such server, or no way to it.
    """
    folders = (params["bin_dir"],) if params["bin_dir"] is not None else ()
    if params["container"] is None:
        login = login_from(params, {})
        require_route(login)
        return Server(login, Programs(folders), None)
    found = container_server(open_engine(), params["container"], params["project"])
    programs = Programs(folders or found.folders, found.root)
    return Server(login_from(params, found.parameters), programs, found.work_dir)


def login_for(params: Mapping[str, Any]) -> Login:
    """Return how to reach the database that the module parameters name; ``dbname`` may be empty."""
    return server_from(params).login


def jobs_from(params: Mapping[str, Any]) -> int:
    """Return the number of connections; by default that of the cores that we may use.

    :raises RefusedError: if it is none.
    """
    jobs = params["jobs"]
    if jobs is None:
        return len(os.sched_getaffinity(0))
    if jobs < 1:
        raise RefusedError(f"Parameter jobs: {jobs} is less than 1.")
    return int(jobs)
