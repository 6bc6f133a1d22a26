# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.chaos [--short] [--only WORDS] [--seed N] [--resume]``: break everything that can break, and look.

It plays the matrix of ``tests.chaos.matrix``, writes ``build/chaos.json`` after each cell, and prints a table. A whole
matrix also writes the pages ``docs/chaos.md`` and ``docs/chaos.es.md``. One that was interrupted goes on with
``--resume``, which plays what was not played yet, or had a problem. The exit code is 0 only if there was no problem; a
cell is repeated by the seed that is printed, with ``--only "its row/its fault"``.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from tests.chaos import clock, report
from tests.chaos.hosts import ClockJump, FullDisk
from tests.chaos.matrix import MODULES, Cell, cells, short
from tests.chaos.pages import write_pages
from tests.chaos.play import Played, play
from tests.chaos.scene import servers
from tests.tools.link import link_checkout

_WORKERS = 4  # many a run only waits


def main(arguments: Sequence[str]) -> int:
    """Play what the arguments say, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Break everything that can break.")
    parser.add_argument("--short", action="store_true", help="once each, every row and every fault, not all pairs")
    parser.add_argument("--only", default="", help='what "row/fault" must contain')
    parser.add_argument("--seed", type=int, help="to repeat what was seen")
    parser.add_argument("--runs", type=int, help="of each cell")
    parser.add_argument("--workers", type=int, default=_WORKERS, help="cells at a time")
    parser.add_argument("--resume", action="store_true", help="go on with a matrix that was interrupted")
    parser.add_argument("--pages", action="store_true", help="only write the pages again, of the last whole matrix")
    options = parser.parse_args(arguments)
    if options.pages:
        write_pages(report.read())
        return 0
    seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
    chosen = short(seed) if options.short else list(cells())
    chosen = [each for each in chosen if options.only in f"{each.row}/{each.fault.name}"]
    print(f"seed {seed}", flush=True)
    link_checkout()
    missing = what_is_missing()
    playable = [each for each in chosen if each.left_out is None and each.fault.name not in missing]
    found = report.begin(chosen, seed, report.read() if options.resume else [])
    playable = [each for each in playable if not report.is_well(found, each)]
    for played in _play_all(playable, seed, options.runs or (1 if options.short else None), options.workers):
        report.note(found, played, seed)
        report.write(found)
    print(report.table(found))
    if not (options.short or options.only or missing):
        write_pages(found)
    if any(each["problems"] for each in found) or not any(each["runs"] for each in found):
        return 1
    if missing:
        print(" ".join(missing.values()))
        return os.EX_UNAVAILABLE
    return 0


def what_is_missing() -> dict[str, str]:
    """Return the names of the faults that this machine cannot play, with what it lacks."""
    missing = {}
    if os.geteuid() != 0:
        missing[FullDisk.name] = "The fault 'full disk' mounts a small file system, which needs root."
    if clock.library() is None:
        missing[ClockJump.name] = "The fault 'clock jumps' needs the Python package libfaketime (for x86-64 alone)."
    return missing


def _play_all(chosen: Sequence[Cell], seed: int, runs: int | None, workers: int) -> Iterator[Played]:
    """Play them, several at once, and yield each that has ended."""
    with servers(MODULES) as shared, ThreadPoolExecutor(workers) as pool:
        begun = time.monotonic()
        futures = [pool.submit(play, each, shared, seed, runs or each.fault.runs) for each in chosen]
        for future in _as_they_end(futures):
            one = future.result()
            seconds = time.monotonic() - begun
            print(f"{seconds:6.0f} s  {one.ok}/{one.runs}  {one.cell.row}/{one.cell.fault.name}", flush=True)
            for problem in one.problems:
                print(f"          {problem}", flush=True)
            yield one


def _as_they_end(futures: Sequence[Future[Played]]) -> Iterator[Future[Played]]:
    """Yield each when it has ended; whoever is interrupted meanwhile begins no more of them."""
    try:
        yield from as_completed(futures)
    finally:
        for each in futures:
            each.cancel()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # what runs is ended, and its disks are unmounted
    sys.exit(main(sys.argv[1:]))
