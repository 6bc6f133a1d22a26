# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the collection's playbooks against a sample stack, as a user does: ansible-playbook, an inventory, variables."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.stack import SampleStack
from tests.tools.link import CHECKOUT, COLLECTIONS

_RECAP = re.compile(r"^demo +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Play:
    """The end of a playbook's run."""

    exit_status: int
    output: str

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        return int(self._recap.group(2))

    @property
    def failed(self) -> int:
        """How many tasks failed and were not rescued."""
        return int(self._recap.group(4))

    @property
    def _recap(self) -> re.Match[str]:
        match = _RECAP.search(self.output)
        assert match is not None, self.output
        return match


class Playbooks:
    """The inventory ``inventories/demo``, led to a sample stack; ``folder`` gets the reports."""

    def __init__(self, stack: SampleStack, folder: Path) -> None:
        self.reports = folder / "reports"
        self._folder = folder
        login = stack.server.connection()
        description = {
            "folder": str(stack.n8n.parent),
            "language": "es",
            "reports": str(self.reports),
            "command": ["true"],
            "port": stack.server.port,
            "database": stack.database,
            "bin_dir": str(stack.server.bin_dir),
            "user": login["user"],
            "password": login["password"],
        }
        path = folder / "stack.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(description), encoding="utf-8")

    def command(self, name: str, *arguments: str) -> list[str]:
        """Return the command line that runs playbook ``name``."""
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        return [program, "-i", str(CHECKOUT / "inventories/demo"), f"chatbot.ops.{name}", *arguments]

    def environment(self) -> dict[str, str]:
        """Return the environment for it."""
        return {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(self._folder / "ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self._folder / "ansible"),
            "CHATBOT_DEMO": str(self._folder),
        }

    def play(self, name: str, *arguments: str) -> Play:
        """Run playbook ``name`` to its end."""
        done = subprocess.run(
            self.command(name, *arguments),
            cwd=self._folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Play(done.returncode, done.stdout)
