# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.whatsapp_guard_decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def whatsapp_guard_decision(document: Any, at: str) -> dict[str, Any]:
    """Return how much may be sent through a number; see :func:`guard`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.guard import guard

    try:
        return guard(document, at)
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"whatsapp_guard_decision": whatsapp_guard_decision}
