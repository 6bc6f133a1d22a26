# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.awx_schedules_gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def awx_schedules_gone(present: Any, wanted: Any, others: Any, hostvars: Any) -> list[dict[str, str]]:
    """Return the schedules that are to go from AWX; see :func:`gone`. ``others`` are hosts whose stacks keep theirs."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._schedule.awx import gone, stack_of

    return gone(present, wanted, {stack_of(hostvars[host]) for host in others})


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"awx_schedules_gone": awx_schedules_gone}
