# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters that the doors of this package share, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Timeouts
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import CONNECTION_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import REPOSITORY_ARGUMENTS

COMMON_ARGUMENTS: dict[str, Any] = {
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
OPTIONAL_REPOSITORY_ARGUMENTS: dict[str, Any] = {
    name: {**spec, "required": False} for name, spec in REPOSITORY_ARGUMENTS.items()
}


def limits_from(params: Mapping[str, Any]) -> Limits:
    """Return how much a run may do at once and in all.

    :raises RefusedError: naming the limit that makes no sense.
    """
    for name in ("batch_size", "row_budget", "max_lag_bytes"):
        if params[name] is not None and params[name] < 1:
            raise RefusedError(f"Parameter {name}: {params[name]} is less than 1.")
    return Limits(
        params["batch_size"],
        optional_duration("time_budget", params["time_budget"]),
        params["row_budget"],
        params["max_lag_bytes"],
    )


def timeouts_from(params: Mapping[str, Any]) -> Timeouts:
    """Return for how long a statement waits, and runs, in milliseconds.

    :raises RefusedError: if one of them would be no limit.
    """
    lock, statement = (
        round(1000 * duration_seconds(name, params[name])) for name in ("lock_timeout", "statement_timeout")
    )
    if not (lock and statement):
        raise RefusedError("Parameters lock_timeout and statement_timeout: 0 would be no limit. Give a duration.")
    return Timeouts(lock, statement)
