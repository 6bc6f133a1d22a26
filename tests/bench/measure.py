# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one thing to its end and tells what it cost."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.support.modules import module_environment, module_parameters
from tests.tools.link import CHECKOUT

#: What getrusage counts in, in bytes.
_BLOCK = 512


class BenchError(Exception):
    """What was to be measured failed; the message ends with what it said."""


@dataclass(frozen=True)
class Sample:
    """One run: the time on the wall, the processor time of all its processes, and the peak memory in MiB.

    ``own`` is the peak of the module's Python process; no process that it started went beyond ``child``; all of them
    wrote ``written`` MiB to disks of this machine. Of anything but a module, none of this is known.
    """

    seconds: float
    cpu_seconds: float
    own: float = 0.0
    child: float = 0.0
    written: float = 0.0


def run_chain(
    *commands: Sequence[str | Path], output: Path | None = None, environment: Mapping[str, str] | None = None
) -> Sample:
    """Run commands joined by pipes.

    :param output: the file that takes what the last one writes.
    :param environment: joins the inherited one.
    :raises BenchError: if one of them fails.
    """
    with ExitStack() as stack:
        sink = subprocess.DEVNULL if output is None else stack.enter_context(output.open("wb"))
        errors = stack.enter_context(tempfile.TemporaryFile())
        begun = time.monotonic()
        started: list[subprocess.Popen[bytes]] = []
        for command in commands:
            process = subprocess.Popen(
                command,
                stdin=started[-1].stdout if started else subprocess.DEVNULL,
                stdout=sink if command is commands[-1] else subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
            )
            stack.enter_context(_ended(process))
            started.append(process)
        for process in started:
            if process.stdout is not None:
                process.stdout.close()  # its reader has it
        usages = [_wait(process, errors) for process in started]
        return Sample(time.monotonic() - begun, sum(usage.ru_utime + usage.ru_stime for usage in usages))


def run_module(name: str, params: Mapping[str, Any]) -> Sample:
    """Run a module of the collection as a process of its own.

    :raises BenchError: if it fails.
    """
    with ExitStack() as stack:
        report = Path(stack.enter_context(tempfile.TemporaryDirectory()), "report")
        given, told = (stack.enter_context(tempfile.TemporaryFile()) for _number in range(2))
        given.write(json.dumps(module_parameters(params, check=False)).encode())
        given.seek(0)
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.module", name, report],
            stdin=given,
            stdout=told,
            stderr=told,
            cwd=CHECKOUT,
            env=module_environment(),
        )
        stack.enter_context(_ended(process))
        usage = _wait(process, told)  # with that of every process that it waited for
        seconds = time.monotonic() - begun
        peak = json.loads(report.read_text())
        written = usage.ru_oublock * _BLOCK / 1024 / 1024
        return Sample(seconds, usage.ru_utime + usage.ru_stime, peak["own"] / 1024, peak["child"] / 1024, written)


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """See to it that ``process`` does not outlive the body: asked to end, a module cleans up."""
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], words: IO[bytes]) -> resource.struct_rusage:
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        words.seek(0)
        said = words.read().decode(errors="replace").strip()[-2000:]
        raise BenchError(f"{process.args!r} failed with {process.returncode}: {said}")
    return usage
