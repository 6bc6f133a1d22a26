# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the subjects of the bench have in common."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.contest import Outcome
from tests.bench.rows import Row

MIB = 1 << 20

#: What our own processes may take (MiB), whatever the size of the data.
_MEMORY = 150.0
#: By how much their peak may differ between small and large data: what the interpreter itself varies by.
_SAME = 1.15


@dataclass(frozen=True)
class Bench:
    """One run of the bench: ``folder`` is for its data, ``runs`` the number of rounds, ``quick`` means small data."""

    folder: Path
    runs: int
    quick: bool

    def limit(self, limit: float) -> float | None:
        """Return ``limit``, or None for small data: there the start of processes is what counts."""
        return None if self.quick else limit

    def make_folder(self, name: str) -> Path:
        """Return a fresh folder of that name, in place of one that there was."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return path

    def time_row(self, name: str, ours: Outcome, other: Outcome, limit: float) -> Row:
        """Return the row that compares the times of two contenders."""
        return Row(name, ours.seconds, other.seconds, other.name, "s", self.limit(limit))

    def memory_rows(self, name: str, large: Outcome, small: Outcome, small_name: str) -> Iterator[Row]:
        """Yield the rows about the peak memory of our own process: bounded, and the same for small data."""
        yield Row(f"{name}: peak memory", large.own, _MEMORY, "allowed", "MiB", self.limit(1.0))
        yield Row(f"{name}: peak memory", large.own, small.own, small_name, "MiB", self.limit(_SAME))


#: Measures a subject and yields its rows.
Subject = Callable[[Bench], Iterator[Row]]
