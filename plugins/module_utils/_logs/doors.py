# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what archives rows and brings them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.arguments import (
    IDENTITY_ARGUMENTS,
    WORK_ARGUMENTS,
    given_identities,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, encoding_for
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import (
    duration_seconds,
    optional_duration,
    optional_time,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.archive import (
    GOALS,
    REPOSITORY,
    TABLE,
    Wanted,
    archive_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import SOURCE
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits
from ansible_collections.chatbot.ops.plugins.module_utils._logs.restore import Wanted as RestoreWanted
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import FORMATS
from ansible_collections.chatbot.ops.plugins.module_utils._logs.store import Keeping
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import split_name
from ansible_collections.chatbot.ops.plugins.module_utils._logs.verify import RowsVerifier
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Timeouts
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors import MAINTENANCE_DB, login_for
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import (
    REPOSITORY_ARGUMENTS,
    open_repository,
    place_of,
)

_COMMON: dict[str, Any] = {
    **CONNECTION_ARGUMENTS,
    "table": {"type": "str", "required": True},
    "timestamp_column": {"type": "str", "default": "created_at"},
    "archive_table": {"type": "str"},
    "batch_size": {"type": "int", "default": 10_000},
    "time_budget": {"type": "str"},
    "row_budget": {"type": "int"},
    "lock_timeout": {"type": "str", "default": "0.5s"},
    "statement_timeout": {"type": "str", "default": "30s"},
    "max_lag_bytes": {"type": "int", "default": 64 << 20},
    "vacuum": {"type": "bool", "default": True},
}
_REPOSITORY: dict[str, Any] = {name: {**spec, "required": False} for name, spec in REPOSITORY_ARGUMENTS.items()}

ARCHIVE_ARGUMENTS: dict[str, Any] = {
    **_REPOSITORY,
    **_COMMON,
    "older_than": {"type": "str", "default": "30d"},
    "to": {"type": "str", "choices": list(GOALS), "default": TABLE},
    "partition": {"type": "str", "choices": ["none", "month"], "default": "none"},
    "format": {"type": "str", "choices": list(FORMATS), "default": FORMATS[0]},
    "object_rows": {"type": "int", "default": 500_000},
    "compression_level": {"type": "int", "default": 3},
    "recipients": {"type": "list", "elements": "str", "default": []},
}
RESTORE_ARGUMENTS: dict[str, Any] = {
    **_REPOSITORY,
    **_COMMON,
    **IDENTITY_ARGUMENTS,
    **WORK_ARGUMENTS,
    "source": {"type": "str", "choices": [REPOSITORY, TABLE], "default": REPOSITORY},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "to_table": {"type": "str"},
}
REQUIRED_IF = (("to", REPOSITORY, ("stack", "repository")),)
RESTORE_REQUIRED_IF = (("source", REPOSITORY, ("stack", "repository")),)


def archive_request(params: Mapping[str, Any], warn: Callable[[str], object], *, check_mode: bool) -> Wanted:
    """Return what ``log_archive`` is asked for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    table = split_name(params["table"])
    to_table = params["to"] == TABLE
    if params["partition"] != "none" and not to_table:
        raise RefusedError("Parameter partition: it is for the archive table, so for to: table alone.")
    return Wanted(
        table=table,
        timestamp=params["timestamp_column"],
        older_than=duration_seconds("older_than", params["older_than"]),
        goal=params["to"],
        archive=archive_name(table, params["archive_table"], split_name) if to_table else None,
        partitioned=params["partition"] == "month",
        keeping=_keeping(params, warn) if params["to"] == REPOSITORY else None,
        limits=_limits(params),
        timeouts=_timeouts(params),
        vacuum=params["vacuum"],
        check_mode=check_mode,
    )


def restore_request(params: Mapping[str, Any], warn: Callable[[str], object], *, check_mode: bool) -> RestoreWanted:
    """Return what ``log_restore`` is asked for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    table = split_name(params["table"])
    since, until = (optional_time(name, params[name]) for name in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise RefusedError("Parameters since and until: the time range is empty.")
    from_table = params["source"] == TABLE
    return RestoreWanted(
        table=table,
        timestamp=params["timestamp_column"],
        target=split_name(params["to_table"], "to_table") if params["to_table"] else table,
        archive=archive_name(table, params["archive_table"], split_name) if from_table else None,
        repository=None if from_table else open_repository(params["repository"], warn),
        place=None if from_table else place_of(params["stack"], SOURCE),
        since=since,
        until=until,
        identities=given_identities(params),
        work_dir=params["work_dir"],
        limits=_limits(params),
        timeouts=_timeouts(params),
        vacuum=params["vacuum"],
        check_mode=check_mode,
    )


def rows_verifier(params: Mapping[str, Any]) -> RowsVerifier:
    """Return the verifier that ``backup_verify`` is asked for."""
    login = login_for(params)
    return RowsVerifier(login.at(login.dbname or MAINTENANCE_DB), params["work_dir"])


def _keeping(params: Mapping[str, Any], warn: Callable[[str], object]) -> Keeping:
    if not 1 <= params["compression_level"] <= 19:
        raise RefusedError(f"Parameter compression_level: {params['compression_level']} is not between 1 and 19.")
    if params["object_rows"] < 1:
        raise RefusedError(f"Parameter object_rows: {params['object_rows']} is less than 1.")
    repository = open_repository(params["repository"], warn)
    wanted = Encoding(params["compression_level"], tuple(dict.fromkeys(each.strip() for each in params["recipients"])))
    place = place_of(params["stack"], SOURCE)
    return Keeping(repository, place, encoding_for(repository, wanted), params["format"], params["object_rows"])


def _limits(params: Mapping[str, Any]) -> Limits:
    for name in ("batch_size", "row_budget", "max_lag_bytes"):
        if params[name] is not None and params[name] < 1:
            raise RefusedError(f"Parameter {name}: {params[name]} is less than 1.")
    return Limits(
        params["batch_size"],
        optional_duration("time_budget", params["time_budget"]),
        params["row_budget"],
        params["max_lag_bytes"],
    )


def _timeouts(params: Mapping[str, Any]) -> Timeouts:
    lock, statement = (
        round(1000 * duration_seconds(name, params[name])) for name in ("lock_timeout", "statement_timeout")
    )
    if not (lock and statement):
        raise RefusedError("Parameters lock_timeout and statement_timeout: 0 would be no limit. Give a duration.")
    return Timeouts(lock, statement)
