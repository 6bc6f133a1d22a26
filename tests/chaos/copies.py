# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module that copies backups from one repository to another; it is the other one that is struck."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.chaos.job import Job
from tests.chaos.scene import Ran


class Copy(Job):
    """backup_copy, from a folder that nothing happens to."""

    module, source = "backup_copy", "config"

    @classmethod
    def repositories(cls, kinds: Sequence[str]) -> Sequence[str]:
        return [each for each in kinds if each != "restic"]  # nothing is copied to it byte for byte

    def set_up(self) -> None:
        self._elsewhere = self.scene.outside / "elsewhere"
        self._elsewhere.mkdir()
        self.reset()
        ran = self.start_and_wait()
        assert ran.succeeded, ran.message
        self.good = self._newest

    def reset(self) -> None:
        """Take a backup that is to be copied."""
        ran = self.scene.run("config_backup", {**self.scene.parameters("config_backup"), "repository": self._from})
        assert ran.succeeded, ran.message
        assert ran.result is not None
        self._newest = ran.result["backup_id"]

    def params(self) -> dict[str, Any]:
        stack = self.scene.parameters("backup_info")["stack"]
        return {
            "stack": stack,
            "repository": self._from,
            "to": self.scene.repository,
            "source": self.source,
            "backup_id": self._newest,
        }

    def judge(self, ran: Ran) -> Iterator[str]:
        assert ran.result is not None
        if self._newest not in self.scene.store.backups(self.source):
            yield f"false success: {self._newest} is not in the repository"
            return
        for problem in self.scene.store.damage(self.source, self._newest, again=True):
            yield f"false success: {problem}"

    @property
    def _from(self) -> dict[str, Any]:
        return {"type": "local", "path": str(self._elsewhere)}
