# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what archives rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, encoding_for
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._logs.archive import (
    GOALS,
    REPOSITORY,
    TABLE,
    Wanted,
    archive_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import SOURCE
from ansible_collections.chatbot.ops.plugins.module_utils._logs.doors.common import (
    COMMON_ARGUMENTS,
    OPTIONAL_REPOSITORY_ARGUMENTS,
    limits_from,
    timeouts_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import FORMATS
from ansible_collections.chatbot.ops.plugins.module_utils._logs.store import Keeping
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import split_name
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository, place_of

ARCHIVE_ARGUMENTS: dict[str, Any] = {
    **OPTIONAL_REPOSITORY_ARGUMENTS,
    **COMMON_ARGUMENTS,
    "older_than": {"type": "str", "default": "30d"},
    "to": {"type": "str", "choices": list(GOALS), "default": TABLE},
    "partition": {"type": "str", "choices": ["none", "month"], "default": "none"},
    "format": {"type": "str", "choices": list(FORMATS), "default": FORMATS[0]},
    "object_rows": {"type": "int", "default": 500_000},
    "compression_level": {"type": "int", "default": 3},
    "recipients": {"type": "list", "elements": "str", "default": []},
}
REQUIRED_IF = (("to", REPOSITORY, ("stack", "repository")),)


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
        limits=limits_from(params),
        timeouts=timeouts_from(params),
        vacuum=params["vacuum"],
        check_mode=check_mode,
    )


def _keeping(params: Mapping[str, Any], warn: Callable[[str], object]) -> Keeping:
    if not 1 <= params["compression_level"] <= 19:
        raise RefusedError(f"Parameter compression_level: {params['compression_level']} is not between 1 and 19.")
    if params["object_rows"] < 1:
        raise RefusedError(f"Parameter object_rows: {params['object_rows']} is less than 1.")
    repository = open_repository(params["repository"], warn)
    wanted = Encoding(params["compression_level"], tuple(dict.fromkeys(each.strip() for each in params["recipients"])))
    place = place_of(params["stack"], SOURCE)
    return Keeping(repository, place, encoding_for(repository, wanted), params["format"], params["object_rows"])
