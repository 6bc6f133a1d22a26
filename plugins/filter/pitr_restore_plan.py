# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.pitr_restore_plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def pitr_restore_plan(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a cluster gets to a point in time; see :func:`plan_restore`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.plan import plan_restore

    try:
        return plan_restore(findings)
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"pitr_restore_plan": pitr_restore_plan}
