# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of all modules that read backups, and what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST, Choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id

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


def given_identities(params: Mapping[str, Any]) -> Identities:
    """Return the private keys that the module parameters give, or the environment (``AGE_IDENTITY_FILE``)."""
    path = params["identity_file"]
    if path is None and params["identity"] is None:
        path = os.environ.get("AGE_IDENTITY_FILE") or None
    return Identities(params["identity"] or None, path)
