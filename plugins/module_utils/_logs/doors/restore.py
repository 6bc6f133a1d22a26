# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what brings archived rows back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import (
    IDENTITY_ARGUMENTS,
    given_identities,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import WORK_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._logs.archive import REPOSITORY, TABLE, archive_name
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import SOURCE
from ansible_collections.chatbot.ops.plugins.module_utils._logs.doors.common import (
    COMMON_ARGUMENTS,
    OPTIONAL_REPOSITORY_ARGUMENTS,
    limits_from,
    timeouts_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.restore import Wanted
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import split_name
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository, place_of

RESTORE_ARGUMENTS: dict[str, Any] = {
    **OPTIONAL_REPOSITORY_ARGUMENTS,
    **COMMON_ARGUMENTS,
    **IDENTITY_ARGUMENTS,
    **WORK_ARGUMENTS,
    "source": {"type": "str", "choices": [REPOSITORY, TABLE], "default": REPOSITORY},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "to_table": {"type": "str"},
}
REQUIRED_IF = (("source", REPOSITORY, ("stack", "repository")),)


def restore_request(params: Mapping[str, Any], warn: Callable[[str], object], *, check_mode: bool) -> Wanted:
    """Return what ``log_restore`` is asked for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    table = split_name(params["table"])
    since, until = (optional_time(name, params[name]) for name in ("since", "until"))
    if since is not None and until is not None and since >= until:
        raise RefusedError("Parameters since and until: the time range is empty.")
    from_table = params["source"] == TABLE
    return Wanted(
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
        limits=limits_from(params),
        timeouts=timeouts_from(params),
        vacuum=params["vacuum"],
        check_mode=check_mode,
    )
