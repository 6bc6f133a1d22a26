# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.runbook_page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError


def runbook_page(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the runbook page about a stack; see :func:`runbook_values`. ``markdown`` is the page as one text."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook_markdown import runbook_markdown
    from ansible_collections.chatbot.ops.plugins.module_utils._report.runbook_page import runbook_values

    try:
        page = runbook_values(findings)
    except OpsError as error:
        raise AnsibleFilterError(error.message) from error
    return {**page, "markdown": runbook_markdown(page)}


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"runbook_page": runbook_page}
