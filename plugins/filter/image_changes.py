# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.image_changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def image_changes(update: Mapping[str, Mapping[str, str]], n8n_service: str = "n8n") -> list[str]:
    """Return what an update changes; see :func:`change_lines`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._rollout.tell import change_lines

    return change_lines(update, n8n_service)


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"image_changes": image_changes}
