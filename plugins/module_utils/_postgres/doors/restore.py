# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what restores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import jobs_from, server_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.in_place import InPlaceTarget
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.project import ProjectTarget
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.source import DatabaseSource, DumpOptions
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import SUPABASE
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.target import RestoreOptions, SwapTarget
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository

METHODS = ("swap", "in_place", "scratch")


def restore_target(
    params: Mapping[str, Any], repository: Repository, place: Place, warn: Callable[[str], object]
) -> Target:
    """Return the target that ``pg_restore`` is asked for.

    :raises RefusedError: if the parameters contradict each other.
    """
    server = server_from(params)
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
