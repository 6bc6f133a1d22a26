# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the checkout, as Git knows them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.tools.link import CHECKOUT


def list_files() -> list[str]:
    """Return the paths of the checkout's files: those in Git and new ones, not what is ignored or deleted."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=CHECKOUT)
    return [path for path in listed.stdout.split("\0") if path and (CHECKOUT / path).is_file()]


def copy_files(target: Path, paths: Iterable[str] | None = None) -> None:
    """Copy the checkout's files, all or those at ``paths``, to the folder ``target``, which must not exist."""
    for path in list_files() if paths is None else paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(CHECKOUT / path, target / path)
