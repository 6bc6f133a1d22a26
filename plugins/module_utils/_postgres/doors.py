# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what dumps, restores and verifies."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Programs
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, login_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.in_place import InPlaceTarget
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.project import ProjectTarget
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.source import DatabaseSource, DumpOptions
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import SUPABASE, require_route
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.target import RestoreOptions, SwapTarget
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.verify import DatabaseVerifier
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository

MAINTENANCE_DB = "postgres"
METHODS = ("swap", "in_place", "scratch")

#: How many connections dump, restore and prove (documented in the fragment ``postgres``).
JOBS_ARGUMENTS: dict[str, Any] = {"jobs": {"type": "int"}}


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


def dump_source(params: Mapping[str, Any]) -> DatabaseSource:
    """Return the source that ``pg_dump`` is asked for.

    :raises RefusedError: if the parameters name no database.
    """
    server = _server(params)
    scope = Scope(*(tuple(params[each] or ()) for each in ("schemas", "exclude_schemas", "exclude_table_data")))
    return DatabaseSource(
        DumpOptions(
            login=server.login.require_dbname(),
            programs=server.programs,
            scope=scope,
            globals=params["globals"],
            jobs=jobs_from(params),
            provider=params["provider"],
        )
    )


def restore_target(
    params: Mapping[str, Any], repository: Repository, place: Place, warn: Callable[[str], object]
) -> Target:
    """Return the target that ``pg_restore`` is asked for.

    :raises RefusedError: if the parameters contradict each other.
    """
    server = _server(params)
    options = RestoreOptions(
        login=server.login.require_dbname(),
        programs=server.programs,
        maintenance_db=params["maintenance_db"],
        replace=params["replace"],
        keep_previous=params["keep_previous"],
        create_roles=params["create_roles"],
        jobs=jobs_from(params),
        work_dir=server.work_dir or params["work_dir"],
        provider=params["provider"],
    )
    if options.provider == SUPABASE and params["method"] != "in_place":
        raise RefusedError(
            "Parameter method: a Supabase project has one database, which cannot be renamed. Use method: in_place."
        )
    scratch = params["target_dbname"]
    if (params["method"] == "scratch") is not bool(scratch):
        raise RefusedError("Parameter target_dbname: it names the database that method: scratch makes, and none else.")
    if params["method"] == "scratch":
        return SwapTarget(replace(options, login=options.login.at(scratch)))
    if params["method"] == "swap":
        return SwapTarget(options)

    def safety_copy(manifest: Manifest) -> str:
        source = DatabaseSource(
            DumpOptions(options.login, options.programs, Scope(), True, options.jobs, options.provider)
        )
        encoding = Encoding(recipients=manifest.recipients)
        # Whatever is there is what is to be kept; that all rows are gone may be why it is replaced.
        request = Request(
            *(place, None, None),
            check_mode=False,
            encoding=encoding,
            accept_loss=True,
            safety_copy_for=manifest.backup_id,
        )
        return str(take_backup(repository, source, request, warn)["backup_id"])

    kind = ProjectTarget if options.provider == SUPABASE else InPlaceTarget
    return kind(options, safety_copy)


def verifier_from(params: Mapping[str, Any]) -> DatabaseVerifier:
    """Return the verifier that ``backup_verify`` is asked for."""
    server = _server(params)
    login = server.login.at(server.login.dbname or MAINTENANCE_DB)
    return DatabaseVerifier(login, server.programs, jobs_from(params), server.work_dir or params["work_dir"])


def login_for(params: Mapping[str, Any]) -> Login:
    """Return how to reach the database that the module parameters name; ``dbname`` may be empty."""
    return _server(params).login


@dataclass(frozen=True)
class _Server:
    """How to reach the server; ``work_dir`` is set where the programs can only read files in a place of their own."""

    login: Login
    programs: Programs
    work_dir: str | None


def _server(params: Mapping[str, Any]) -> _Server:
    folders = (params["bin_dir"],) if params["bin_dir"] is not None else ()
    if params["container"] is None:
        login = login_from(params, {})
        require_route(login)
        return _Server(login, Programs(folders), None)
    found = container_server(open_engine(), params["container"], params["project"])
    programs = Programs(folders or found.folders, found.root)
    return _Server(login_from(params, found.parameters), programs, found.work_dir)
