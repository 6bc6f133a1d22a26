# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action recovery_journal: it runs on the controller, where the journal outlives the server."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.keep import ARGUMENTS, JournalOptions, keep


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible has no types
    """Reads and writes the journal of a recovery."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the task."""
        super().run(tmp, task_vars)
        _validation, arguments = self.validate_argument_spec(argument_spec=ARGUMENTS)
        options = JournalOptions(**arguments)
        try:
            # A worker runs this; its parent conducts the whole play.
            return keep(options, pid=os.getppid(), check_mode=bool(self._task.check_mode))
        except OpsError as error:
            raise AnsibleActionFail(error.message) from error
