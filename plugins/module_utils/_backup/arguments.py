# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of all modules that take a backup, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import WORK_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of

#: What every module that takes a backup takes (documented in the fragment ``backup``).
BACKUP_ARGUMENTS: dict[str, Any] = {
    **WORK_ARGUMENTS,
    "max_age": {"type": "str"},
    "set_id": {"type": "str"},
    "compression_level": {"type": "int", "default": 1},
    "recipients": {"type": "list", "elements": "str", "default": []},
    "accept_loss": {"type": "bool", "default": False},
}

_LEVELS = range(1, 20)


def backup_request(params: Mapping[str, Any], source: str, *, check_mode: bool) -> Request:
    """Return what the module parameters ask for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    if params["compression_level"] not in _LEVELS:
        raise RefusedError(f"Parameter compression_level: {params['compression_level']} is not between 1 and 19.")
    if params["set_id"] and not is_backup_id(params["set_id"]):
        raise RefusedError(f"Parameter set_id: {params['set_id']!r} is no set, such as 20261124T031500Z-set-1c9e.")
    return Request(
        place=place_of(params["stack"], source),
        max_age=optional_duration("max_age", params["max_age"]),
        set_id=params["set_id"] or None,
        check_mode=check_mode,
        accept_loss=params["accept_loss"],
        encoding=Encoding(
            params["compression_level"], tuple(dict.fromkeys(each.strip() for each in params["recipients"]))
        ),
    )
