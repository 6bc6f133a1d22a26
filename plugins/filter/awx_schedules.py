# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.awx_schedules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def awx_schedules(hosts: Any, hostvars: Any, jobs: Any, playbooks: Any) -> list[dict[str, Any]]:
    """Return the schedules of AWX that the tables of ``hosts`` ask for; see :func:`schedules`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._schedule.awx import check_hosts, schedules, table_of

    try:
        check_hosts(hosts)
        return schedules([table_of(host, hostvars[host], jobs, playbooks) for host in hosts])
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"awx_schedules": awx_schedules}
