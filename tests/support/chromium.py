# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages as a browser shows them: Chromium of the distribution, conducted by playwright-core, judged by axe-core."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_RECIPE = Path(__file__).parent / "browser"
_CACHE = Path.home() / ".cache" / "chatbot-ops"
_PROGRAM = "chromium"


def look(wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Open pages as ``wanted`` says (see ``browser/look.cjs``), and return what was seen, in the same order."""
    folder = _packages()
    command = ["node", str(_RECIPE / "look.cjs"), _chromium()]
    ran = subprocess.run(
        command,
        input=json.dumps(list(wanted), default=str),
        env={**os.environ, "NODE_PATH": str(folder / "node_modules")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def _chromium() -> str:
    """Return Chromium's program; without it, it is installed, which needs root on Debian or Ubuntu."""
    if shutil.which(_PROGRAM) is None:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        install = ["install", "--quiet", "--yes", "--no-install-recommends", _PROGRAM, "fonts-liberation"]
        for arguments in (["update", "--quiet"], install):
            subprocess.run(["apt-get", *arguments], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=300)
    found = shutil.which(_PROGRAM)
    assert found is not None, "There is no chromium, not even after its installation."
    return found


def _packages() -> Path:
    """Return the folder of the npm packages in the user's cache, put there once."""
    lock = (_RECIPE / "package-lock.json").read_bytes()
    folder = _CACHE / f"browser-{hashlib.sha256(lock).hexdigest()[:12]}"
    done = folder / "installed"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        if not done.exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_RECIPE / name, folder)
            command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=300)
            done.touch()
    return folder
