# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to which backups are copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import backup_choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import CopyRequest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of


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
