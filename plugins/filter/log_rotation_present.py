# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.log_rotation_present."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError


def log_rotation_present(documents: Any, file: str, services: Any) -> str:
    """Return what :func:`as_made` does."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._compose.logging import as_made

    try:
        return as_made(documents, file, services)
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"These are no containers as docker inspect describes them: {error!r}.") from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"log_rotation_present": log_rotation_present}
