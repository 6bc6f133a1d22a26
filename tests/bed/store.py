# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file system that the bed's engines work in: one btrfs image file in the cache.

A seed holds all images, built, pushed and pulled. A start works on snapshots of it, which take no time and are removed
at the end; so nothing is loaded or unpacked when the cache is warm.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.bed.cache import RECIPES
from tests.bed.process import Command, run

# A sparse file: what it takes is what is in it, compressed.
SIZE = 48 * 2**30


class Store:
    """The store in a cache folder.

    :param root: the engine's Debian system, which has the programs.
    """

    def __init__(self, cache: Path, root: Path) -> None:
        self.image = cache / "store.btrfs"
        self._root = root

    def ensure(self) -> None:
        """Makes the file system, if it is not there.

        :raises BedError: if it cannot be made.
        """
        if self.image.exists():
            return
        unfinished = self.image.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        with open(unfinished, "wb") as file:
            os.truncate(file.fileno(), SIZE)
        self._work("make", image=unfinished)
        unfinished.rename(self.image)

    def seeds(self) -> list[str]:
        """The names of the seeds it holds."""
        return self._work("list").split()

    def open(self, seed: str | None) -> None:
        """Removes what an earlier start left, and prepares the next one's folders from the seed; empty, if None."""
        self._work("open", *([seed] if seed else []))

    def resume(self, seed: str | None) -> None:
        """As `open`, for the making of a seed: what an interrupted attempt at that has done is not lost."""
        self._work("resume", *([seed] if seed else []))

    def keep(self, seed: str) -> None:
        """Makes what the engine, stopped in good order, has left the seed of that name, and drops all others."""
        self._work("keep", seed)

    def clear(self) -> None:
        """Removes what a start left; fine if there is no store."""
        if not self.image.exists():
            return
        self._work("clear")

    def _work(self, action: str, *arguments: str, image: Path | None = None) -> str:
        script = RECIPES / "engine" / "store.sh"
        command: Command = ["unshare", "--mount", "sh", script, self._root, image or self.image, action, *arguments]
        return run(command, f"{action} the bed's store", timeout=300)
