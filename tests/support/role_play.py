# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a playbook that a test has written, as a user does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link import CHECKOUT, COLLECTIONS


@dataclass(frozen=True)
class RolePlay:
    """The end of a playbook's run."""

    exit_status: int
    output: str

    @property
    def text(self) -> str:
        """The output without its line breaks: messages are broken anywhere."""
        return " ".join(self.output.split())

    def changed(self, host: str) -> int:
        """How many tasks changed something for ``host``."""
        match = re.search(rf"^{re.escape(host)} +: ok=\d+ +changed=(\d+)", self.output, re.MULTILINE)
        assert match is not None, self.output
        return int(match.group(1))


def play(folder: Path, inventory: dict[str, Any], plays: list[dict[str, Any]], *arguments: str) -> RolePlay:
    """Run ``plays`` on ``inventory``; ``folder`` gets both files, and what Ansible leaves behind."""
    (folder / "hosts.yml").write_text(yaml.safe_dump(inventory), encoding="utf-8")
    (folder / "site.yml").write_text(json.dumps(plays), encoding="utf-8")
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            f"--inventory={folder / 'hosts.yml'}",
            str(folder / "site.yml"),
            *arguments,
        ],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(folder / "ansible"),
            "ANSIBLE_REMOTE_TEMP": str(folder / "ansible"),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder / "cp"),
            "NO_COLOR": "1",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    return RolePlay(done.returncode, done.stdout)
