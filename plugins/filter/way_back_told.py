# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.way_back_told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def way_back_told(outcome: Mapping[str, Any]) -> list[str]:
    """Return what a way back brought; see :func:`back_lines`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._rollout.tell import back_lines

    return back_lines(outcome)


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"way_back_told": way_back_told}
