# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action health_report: it runs on the controller, where the reports, their history and Jinja are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.report import ARGUMENTS, ReportOptions, report
from ansible_collections.chatbot.ops.plugins.plugin_utils.render import render


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible has no types
    """Writes the health report of a stack."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task."""
        super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            return report(ReportOptions.from_params(arguments), render, check_mode=bool(self._task.check_mode))
        except OpsError as error:
            raise AnsibleActionFail(error.message) from error
