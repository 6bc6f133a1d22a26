# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the runbook point_dns as a user does, for a server that is lost: nothing listens at its address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.tools.link import CHECKOUT, COLLECTIONS

_CHANGED = re.compile(r"^lost +: .*changed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class DnsPlay:
    """The end of a run."""

    succeeded: bool
    output: str
    """What it wrote."""

    @property
    def changed(self) -> int:
        """How many tasks changed something."""
        match = _CHANGED.search(self.output)
        assert match is not None, self.output
        return int(match.group(1))

    @property
    def text(self) -> str:
        """What it wrote, without line breaks."""
        return " ".join(self.output.split())


class DnsPlayer:
    """An inventory with a lost server, whose stack has these DNS settings."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._environment = environment or {}
        hosts = {"lost": {"ansible_host": "192.0.2.99"}}
        variables = {"chatbot_stack": {"name": "lottery-chatbot", "dns": dict(settings)}, **secrets}
        inventory = folder / "inventory.json"
        inventory.touch(mode=0o600)
        inventory.write_text(json.dumps({"chatbot_stacks": {"hosts": hosts, "vars": variables}}), encoding="utf-8")

    def play(self, *arguments: str, **variables: Any) -> DnsPlay:
        """Run it to its end."""
        words = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(self._folder / "inventory.json")]
        done = subprocess.run(
            [*words, "chatbot.ops.point_dns", "-e", json.dumps(variables), *arguments],
            cwd=self._folder,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_LOCAL_TEMP": str(self._folder / "ansible"),
                "ANSIBLE_REMOTE_TEMP": str(self._folder / "ansible"),
                **self._environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return DnsPlay(done.returncode == 0, done.stdout)

    def must(self, *arguments: str, **variables: Any) -> DnsPlay:
        """Run it, and expect that it succeeds."""
        done = self.play(*arguments, **variables)
        assert done.succeeded, done.output
        return done

    def refused(self, words: str, *arguments: str, **variables: Any) -> DnsPlay:
        """Run it, and expect that it fails with these words."""
        done = self.play(*arguments, **variables)
        assert not done.succeeded, done.output
        assert words in done.text, done.output
        return done
