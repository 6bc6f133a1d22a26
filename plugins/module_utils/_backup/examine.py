# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find out what can be done to the backups of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of

_DAY = 86400


def examine_repository(repository: Repository, params: Mapping[str, Any], *, check_mode: bool) -> dict[str, Any]:
    """Return what ``repository_check`` returns.

    :param params: ``stack``, ``repository`` and ``keep_for`` of the module.
    :raises OpsError: if the repository does not work.
    """
    stack = place_of(params["stack"], SOURCES[0]).stack
    keep_for = optional_duration("keep_for", params["keep_for"])
    repository.preflight()
    result = repository.examine(stack, touch=not check_mode).to_result()
    days = params["repository"].get("object_lock_days")
    if keep_for is not None and days is not None and days * _DAY < keep_for:
        result["advice"].append(
            f"Backups are to be kept for {keep_for / _DAY:g} days and are locked for {days}. After that they can be "
            "destroyed before their time: raise object_lock_days."
        )
    return result
