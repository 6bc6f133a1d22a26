# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.schedule_plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def schedule_plan(jobs: Any, settings: Any, overrides: Any = None) -> list[dict[str, Any]]:
    """Return what is to be installed for a table of jobs; see :func:`plan`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._schedule.plan import plan, settings_from

    try:
        return plan(jobs, overrides or {}, settings_from(settings))
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"schedule_plan": schedule_plan}
