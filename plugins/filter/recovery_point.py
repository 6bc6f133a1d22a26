# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.recovery_point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def recovery_point(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the set that a lost server is rebuilt from; see :func:`choose_point`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._recovery.point import choose_point

    try:
        return choose_point(findings)
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"recovery_point": recovery_point}
