# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages as a browser shows them: Chromium of the distribution, conducted by playwright-core, judged by axe-core."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.cache import cache_folder, made_once
from tests.support.n8n_install import Node, any_node

_RECIPE = Path(__file__).parent / "browser"
_PROGRAM = "chromium"


def look(wanted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Open pages as ``wanted`` says (see ``browser/look.cjs``), and return what was seen, in the same order."""
    node = any_node()
    command = [str(node.program), str(_RECIPE / "look.cjs"), _chromium()]
    ran = subprocess.run(
        command,
        input=json.dumps(list(wanted), default=str),
        env={**node.environment, "NODE_PATH": str(_packages(node) / "node_modules")},
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


def _packages(node: Node) -> Path:
    """Return the folder of the npm packages in the user's cache, put there once."""
    lock = (_RECIPE / "package-lock.json").read_bytes()
    folder = cache_folder() / f"browser-{hashlib.sha256(lock).hexdigest()[:12]}"
    with made_once(folder) as unfinished:
        if unfinished is not None:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_RECIPE / name, unfinished)
            npm = [str(node.program), str(node.npm / "bin" / "npm-cli.js"), "ci"]
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
            # npm tells of its failure on its standard error, which is the tests'.
            subprocess.run(
                [*npm, *quiet],
                cwd=unfinished,
                env=node.environment,
                check=True,
                stdout=subprocess.DEVNULL,
                timeout=300,
            )
    return folder
