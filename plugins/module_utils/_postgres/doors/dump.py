# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what dumps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import jobs_from, server_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.source import DatabaseSource, DumpOptions


def dump_source(params: Mapping[str, Any]) -> DatabaseSource:
    """Return the source that ``pg_dump`` is asked for.

    :raises RefusedError: if the parameters name no database.
    """
    server = server_from(params)
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
