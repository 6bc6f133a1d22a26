# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback chatbot.ops.fleet_summary."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_summary
type: aggregate
short_description: Tell at the end of a run over many hosts which of them want somebody, and why
version_added: 1.0.0
author:
  - chatbot.ops contributors (@chatbot-ops)
description:
  - After a run over a hundred hosts, nobody finds the three that failed. This lists them at the very end, each with the task
    that failed last and its message, and counts the others.
  - A failure that a playbook rescued is none.
requirements:
  - To be enabled, C(ANSIBLE_CALLBACKS_ENABLED=chatbot.ops.fleet_summary) or C(callbacks_enabled) in C(ansible.cfg).
options: {}
"""

from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible_collections.chatbot.ops.plugins.module_utils._report.run_summary import Trouble, summary


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible has no types
    """Keeps the last trouble of each host, and lists them when all is over."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "chatbot.ops.fleet_summary"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._troubles: dict[str, Trouble] = {}

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Note the failure of a task; whether it was rescued, the statistics tell."""
        if not ignore_errors:
            self._note(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Note that a host could not be reached."""
        self._note(result)

    def _note(self, result: Any) -> None:
        told = result.result if hasattr(result, "result") else result._result
        host = result.host if hasattr(result, "host") else result._host
        task = result.task if hasattr(result, "task") else result._task
        self._troubles[host.get_name()] = Trouble(task.get_name(), str(told.get("msg") or "no word"))

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Tell which hosts want somebody."""
        unreachable, failed = set(stats.dark), {name for name, count in stats.failures.items() if count}
        for line in summary(sorted(stats.processed), failed, unreachable, self._troubles):
            self._display.display(line)
