# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An action that runs its module as ever, and tells how far it is while that goes on.

The module itself runs the ordinary way, in the foreground of its connection: nothing of how it is ended or killed changes.
It keeps a small file on its host up to date; beside it, this looks at that file by the same connection from time to time,
and says so in a line, which Ansible's output, ansible-runner and AWX all show. A look that fails is let go.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.progress import VARIABLE, progress_from, said

#: How often a line is said; 0 for never.
SETTING = "chatbot_ops_progress"
_DEFAULT = "15s"
# Each command on these is a process of its own, so that a look disturbs nothing.
_CONNECTIONS = ("ssh", "local")
_PATIENCE = 10.0


class ProgressAction(NormalAction):  # type: ignore[misc]  # Ansible has no types
    """Runs the module of its own name, and tells its progress."""

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the result of the module."""
        interval = self._interval(task_vars or {})
        if not interval or self._task.async_val or self._task.check_mode or not self._can_look():
            result: dict[str, Any] = super().run(tmp, task_vars)
            return result
        # Nobody can guess the name, so that nobody has made it before.
        path = f"/tmp/chatbot-ops-progress-{secrets.token_hex(16)}"
        given = {VARIABLE: path}
        self._task.environment = [*(self._task.environment or []), given]
        over = threading.Event()
        host = (task_vars or {}).get("inventory_hostname", "")
        watch = threading.Thread(target=_watch, args=(lambda: self._look(path), host, interval, over), daemon=True)
        watch.start()
        try:
            result = super().run(tmp, task_vars)
        finally:
            over.set()
            watch.join(_PATIENCE)  # a look that hangs on a lost network is no reason to wait for
            self._task.environment = [each for each in self._task.environment if each is not given]
        return result

    def _can_look(self) -> bool:
        return str(self._connection.transport).rpartition(".")[2] in _CONNECTIONS

    def _interval(self, variables: Mapping[str, Any]) -> float:
        try:
            return duration_seconds(SETTING, self._templar.template(variables.get(SETTING, _DEFAULT)))
        except OpsError as error:
            raise AnsibleActionFail(error.message) from error

    def _look(self, path: str) -> str:
        _status, output, _errors = self._connection.exec_command(f"cat {path}", sudoable=False)
        return bytes(output).decode("utf-8", "replace")


def _watch(look: Callable[[], str], host: str, interval: float, over: threading.Event) -> None:
    display, before = Display(), None
    while not over.wait(interval):
        try:
            progress = progress_from(look())
        except Exception:  # whatever it is, it is no reason to disturb the work
            continue
        if progress is not None and progress != before:
            before = progress
            display.display(f"[{host}] {said(progress)}")
