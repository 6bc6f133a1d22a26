# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.dns_plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def dns_plan(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return which DNS records to change; see :func:`plan`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._dns.plan import plan

    try:
        return plan(findings)
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"dns_plan": dns_plan}
