# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module that removes backups, of which the newest must never be one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.chaos.job import Job
from tests.chaos.scene import Ran


class Prune(Job):
    """backup_prune, with three backups of which two are to go."""

    module, source = "backup_prune", "config"

    def set_up(self) -> None:
        # As each run leaves one: all of them have the same to do.
        self._back_up()

    def reset(self) -> None:
        """Take two backups, and verify the newer one: without that, no good one goes."""
        self._back_up()
        time.sleep(1.0)  # the second is in the id, and the newer one is to be the newest by it
        self.good = self._back_up()
        self._run("backup_verify", {**self.scene.parameters("verify config"), "level": "checksum"})

    def params(self) -> dict[str, Any]:
        return {**self.scene.parameters("backup_info"), "keep_last": 1, "keep_verified": 1}

    def judge(self, ran: Ran) -> Iterator[str]:  # noqa: ARG002 (what there is says it all)
        there = self.scene.store.backups(self.source)
        if there != [self.good]:
            yield f"false success: there are {there}, and {self.good} was to stay alone"

    def _back_up(self) -> str:
        return str(self._run("config_backup", self.scene.parameters("config_backup"))["backup_id"])

    def _run(self, module: str, params: dict[str, Any]) -> dict[str, Any]:
        ran = self.scene.run(module, params)
        assert ran.succeeded, ran.message or ran.problem
        assert ran.result is not None
        return ran.result
