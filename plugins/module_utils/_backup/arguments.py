# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters that the doors of all sources share, and what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST, Choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import CopyRequest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration, optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import DEFAULT_WORK_DIR
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES, is_backup_id
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of

WORK_ARGUMENTS: dict[str, Any] = {"work_dir": {"type": "path", "default": DEFAULT_WORK_DIR}}

#: What every module that takes a backup takes (documented in the fragment ``backup``).
BACKUP_ARGUMENTS: dict[str, Any] = {
    **WORK_ARGUMENTS,
    "max_age": {"type": "str"},
    "set_id": {"type": "str"},
    "compression_level": {"type": "int", "default": 1},
    "recipients": {"type": "list", "elements": "str", "default": []},
    "accept_loss": {"type": "bool", "default": False},
}

#: What every module that reads one backup takes (documented in the fragment ``choice``).
CHOICE_ARGUMENTS: dict[str, Any] = {
    "backup_id": {"type": "str", "default": LATEST},
    "before": {"type": "str"},
}

#: What every module that reads what is in a backup takes (documented in the fragment ``identity``).
IDENTITY_ARGUMENTS: dict[str, Any] = {
    "identity": {"type": "str", "no_log": True},
    "identity_file": {"type": "path"},
}
IDENTITY_EXCLUSIVE = ("identity", "identity_file")

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


def backup_choice(params: Mapping[str, Any]) -> Choice:
    """Return which backup the module parameters mean.

    :raises RefusedError: if they name one by its id and by a time at once, or neither makes sense.
    """
    backup_id, before = params["backup_id"], optional_time("before", params["before"])
    if backup_id != LATEST and before is not None:
        raise RefusedError("Parameters backup_id and before: name a backup by its id, or by a time, not by both.")
    if backup_id != LATEST and not is_backup_id(backup_id):
        raise RefusedError(f"Parameter backup_id: {backup_id!r} is no backup id, such as 20261124T031500Z-n8n-7f3a.")
    return Choice(backup_id, before)


def copy_request(params: Mapping[str, Any], *, check_mode: bool) -> CopyRequest:
    """Return which copies the module parameters ask for.

    :raises RefusedError: if they name one by its id and by its age at once, or neither makes sense.
    """
    backup_id = backup_choice({"backup_id": params["backup_id"], "before": None}).backup_id
    newer_than = optional_duration("newer_than", params["newer_than"])
    if backup_id != LATEST and newer_than is not None:
        raise RefusedError("Parameters backup_id and newer_than: name one backup, or an age, not both.")
    sources = [params["source"]] if params["source"] else SOURCES
    places = tuple(place_of(params["stack"], source) for source in sources)
    return CopyRequest(places, backup_id, newer_than, check_mode)


def given_identities(params: Mapping[str, Any]) -> Identities:
    """Return the private keys that the module parameters give, or the environment (``AGE_IDENTITY_FILE``)."""
    path = params["identity_file"]
    if path is None and params["identity"] is None:
        path = os.environ.get("AGE_IDENTITY_FILE") or None
    return Identities(params["identity"] or None, path)
