# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups of a stack, over all its sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of


def catalogue(repository: Repository, stack: str, sources: Sequence[str]) -> list[dict[str, Any]]:
    """Return the backups of ``sources``, newest first, as ``backup_info`` returns them.

    :raises OpsError: if the repository cannot be listed.
    """
    instant = now()
    entries = [entry for source in sources for entry in repository.entries(place_of(stack, source))]
    return [entry.to_result(instant) for entry in sorted(entries, key=lambda each: each.order, reverse=True)]
