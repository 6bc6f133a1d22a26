# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository of the program restic, in a folder, and the program itself as a witness."""

from __future__ import annotations

import atexit
import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import Any

from tests.support.restic_key import cheapen, give_another_id

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class ResticStore:
    """A repository in the folder ``path``."""

    path: pathlib.Path

    @classmethod
    def made(cls, path: pathlib.Path) -> ResticStore:
        """Make a new one, whose key is cheaper to open than restic's own: not for measurements."""
        shutil.copytree(_empty(), path, dirs_exist_ok=True)
        give_another_id(path, PASSWORD)
        return cls(path)

    def parameters(self, **more: Any) -> dict[str, Any]:
        """Return the parameter ``repository`` that names it."""
        return {"type": "restic", "location": str(self.path), "password": PASSWORD, **more}

    @property
    def program(self) -> str:
        """The path of the program."""
        own = pathlib.Path(sys.executable).with_name("restic")
        return str(own if own.exists() else shutil.which("restic"))

    @property
    def environment(self) -> dict[str, str]:
        """What restic finds it by."""
        return {**os.environ, "RESTIC_REPOSITORY": str(self.path), "RESTIC_PASSWORD": PASSWORD}

    def run(self, *words: str, cwd: pathlib.Path | None = None) -> str:
        """Run restic and return what it printed."""
        return subprocess.run(
            [self.program, "--quiet", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            cwd=cwd,
        ).stdout

    def snapshots(self) -> list[dict[str, Any]]:
        """Return what restic lists."""
        found = json.loads(self.run("snapshots", "--json"))
        return found or []

    def names(self) -> list[str]:
        """Return the names of all objects of ours, sorted."""
        tags = [tag for each in self.snapshots() for tag in each["tags"]]
        return sorted(tag.partition("=")[2] for tag in tags if tag.startswith("name="))


@functools.cache
def _empty() -> pathlib.Path:
    """Make the one that all others are copies of: restic takes seconds of processor to make one."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="chatbot-ops-restic-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    ResticStore(path).run("init")
    cheapen(path, PASSWORD)
    return path
