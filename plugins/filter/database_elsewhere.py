# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.database_elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def database_elsewhere(database: Mapping[str, Any]) -> str:
    """Return what a database that is not on the stack's server is called by; see the function of this name."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._recovery.elsewhere import database_elsewhere as called_by

    return called_by(database)


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"database_elsewhere": database_elsewhere}
