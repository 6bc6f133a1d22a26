# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the parts of the test run, several at once, and ends with a summary.

``python -m tests.tools.run [--live] [--all | PART ...]``: those named, or all, or all but what needs the bed. With
``--live`` they run one after the other and their output is shown as it comes. The exit code is 0 only if nothing failed
and, with ``CI=true`` in the environment, nothing was missing.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import os
import shlex
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

from tests.support.cache import cache_folder
from tests.tools.link import CHECKOUT, COLLECTIONS
from tests.tools.parts import ALL_PARTS, LOGS, PARTS, Part
from tests.tools.results import UNAVAILABLE, Result, judge
from tests.tools.summary import log_tail, summary

# How many parts run at once; those without a slot come on top. One more than two processors, as some of them wait.
_SLOTS = 3
# A part that takes longer hangs (seconds).
_TIME_LIMIT = 3600.0
# How long an interrupted part may clean up after itself (seconds).
_GRACE = 20.0
# Each part is a session of its own. Where Linux shares the processor out by session, nice alone would change nothing.
_YIELDING = 'echo "$0" 2>/dev/null >/proc/self/autogroup; exec nice -n "$0" "$@"'
_NAMES = tuple(part.name for part in ALL_PARTS)


class Runner:
    """Runs parts: each command in a process group of its own, with its output in the part's log."""

    def __init__(self, parts: Sequence[Part], live: bool) -> None:
        self._parts = parts
        self._live = live
        self._slots = asyncio.Semaphore(1 if live else _SLOTS)
        self._ended = {part.name: asyncio.Event() for part in parts}

    async def run(self) -> list[Result]:
        """Run all parts and return their results, in the parts' order."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._run_in_turn(part)) for part in self._parts]
        return [task.result() for task in tasks]

    async def _run_in_turn(self, part: Part) -> Result:
        for name in part.after:
            if name in self._ended:
                await self._ended[name].wait()
        if part.slotless:
            result = await self._run_part(part)
        else:
            async with self._slots:
                result = await self._run_part(part)
        self._ended[part.name].set()
        return result

    async def _run_part(self, part: Part) -> Result:
        _say(f"{part.name:12} started")
        began = time.monotonic()
        part.report.unlink(missing_ok=True)
        with part.log.open("wb", buffering=0) as log:
            async with _shown(part.log) if self._live else nullcontext():
                codes = await _run_commands(part, log)
        result = dataclasses.replace(judge(part, codes), seconds=time.monotonic() - began)
        _say(f"{part.name:12} {result.verdict:8} {result.seconds:6.1f} s")
        return result


async def _run_commands(part: Part, log: BinaryIO) -> list[int]:
    """Run the commands of ``part`` and return their exit codes: of those that ended within the time limit."""
    codes: list[int] = []
    try:
        async with asyncio.timeout(_TIME_LIMIT):
            for command in part.commands:
                log.write(f"$ {shlex.join(command)}\n".encode())
                code = await _run_command(("sh", "-c", _YIELDING, str(part.niceness), *command), log)
                codes.append(code)
                # Where something is unavailable, the log's last line is the reason.
                if code not in (0, UNAVAILABLE):
                    log.write(f"exit code {code}\n".encode())
                if code != 0 and part.in_turn:
                    break
    except TimeoutError:
        log.write(f"ended: it took longer than {_TIME_LIMIT:.0f} s\n".encode())
    return codes


async def _run_command(command: Sequence[str], log: BinaryIO) -> int:
    """Run ``command`` and return its exit code; whatever happens, none of its processes outlives the call."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=CHECKOUT,
        env=_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        return await process.wait()
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the process group of ``process``: asked first, so that tests stop the servers they started, then killed."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGINT)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@asynccontextmanager
async def _shown(log: Path) -> AsyncIterator[None]:
    """Copy to standard output what is written to ``log`` in the meantime."""
    with log.open("rb") as source:

        def copy() -> None:
            sys.stdout.buffer.write(source.read())
            sys.stdout.flush()

        async def follow() -> None:
            while True:
                copy()
                await asyncio.sleep(0.2)

        follower = asyncio.create_task(follow())
        try:
            yield
        finally:
            follower.cancel()
            copy()


def _environment() -> dict[str, str]:
    return os.environ | {
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "MYPY_CACHE_DIR": str(cache_folder() / "mypy"),
    }


def _say(line: str) -> None:
    print(line, flush=True)


async def _run_until_signal(parts: Sequence[Part], live: bool) -> list[Result]:
    task = asyncio.create_task(Runner(parts, live).run())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def main(arguments: Sequence[str]) -> int:
    """Run the parts that the arguments name, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.run", description="Run the tests.")
    parser.add_argument("--live", action="store_true", help="one part after the other, with their output")
    parser.add_argument("--all", action="store_true", help="also what needs the bed, and so root")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(_NAMES)}")
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(_NAMES)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    named = [part for part in ALL_PARTS if part.name in options.parts]
    parts = named or (ALL_PARTS if options.all else PARTS)
    LOGS.mkdir(parents=True, exist_ok=True)
    try:
        results = asyncio.run(_run_until_signal(parts, options.live))
    except asyncio.CancelledError:
        _say("Interrupted; every part was ended.")
        return 130
    strict = os.environ.get("CI") == "true"
    if not options.live:
        for part, result in zip(parts, results, strict=True):
            if result.failed:
                _say(log_tail(part.log))
    _say(summary(results, strict))
    return int(any(result.failed or (strict and result.missing) for result in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
