# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several ways to do the same on the same data, in turn."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.measure import Sample


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Contender:
    """One way; ``before`` and ``after`` make the same state for each run, and are not measured."""

    name: str
    run: Callable[[], Sample]
    before: Callable[[], None] = _nothing
    after: Callable[[], None] = _nothing


@dataclass(frozen=True)
class Outcome:
    """All runs of one contender."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The median time on the wall."""
        return median(each.seconds for each in self.samples)

    @property
    def own(self) -> float:
        """The highest peak of the module's own process, in MiB."""
        return max(each.own for each in self.samples)

    @property
    def written(self) -> float:
        """The most that the module wrote to disks of this machine, in MiB."""
        return max(each.written for each in self.samples)

    def __str__(self) -> str:
        times = [each.seconds for each in self.samples]
        cpu = median(each.cpu_seconds for each in self.samples)
        text = f"{self.name}: {self.seconds:.1f} s ({min(times):.1f} to {max(times):.1f}), processor {cpu:.1f} s"
        if self.own:
            child = max(each.child for each in self.samples)
            text += f", peak {self.own:.0f} MiB, the programs that it runs at most {child:.0f} MiB each"
        return text


def compete(contenders: Sequence[Contender], runs: int) -> list[Outcome]:
    """Run all contenders in turn, ``runs`` rounds, each round beginning with another one."""
    samples: dict[str, list[Sample]] = {each.name: [] for each in contenders}
    for number in range(runs):
        first = number % len(contenders)
        for each in (*contenders[first:], *contenders[:first]):
            samples[each.name].append(_run(each))
    outcomes = [Outcome(name, tuple(taken)) for name, taken in samples.items()]
    for outcome in outcomes:
        say(f"  {outcome}")
    return outcomes


def _run(contender: Contender) -> Sample:
    contender.before()
    try:
        os.sync()  # what one has left to write is not to slow down the next
        return contender.run()
    finally:
        contender.after()


def say(text: str) -> None:
    """Tell how far it is; standard output is for the table."""
    print(text, file=sys.stderr, flush=True)
