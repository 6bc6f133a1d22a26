# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs for the bed: every one has a time limit, and every failure says what was being done."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_LAST_WORDS = 1500

Command = list[str | Path]


class BedError(Exception):
    """A part of the bed could not be brought up or asked; the message says which, and why."""


class HopelessError(BedError):
    """Waiting longer is of no use."""


def run(
    command: Command,
    purpose: str,
    *,
    timeout: float = 120.0,
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> str:
    """Runs a program to its end and returns what it wrote to its standard output.

    The program and all that it started end with the time limit, or when this process is interrupted.

    :param purpose: what it is run for, as in "Failed to {purpose}".
    :param timeout: in seconds.
    :param stdin: what it reads; nothing, if None.
    :param environment: its whole environment; this process's, if None.
    :raises BedError: if it cannot be started, fails, or takes too long; with its last words.
    """
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        raise BedError(f"Failed to {purpose}: {error}") from error
    try:
        output, errors = process.communicate(stdin, timeout)
    except subprocess.TimeoutExpired as error:
        raise BedError(f"Failed to {purpose}: no end after {timeout:.0f} s") from error
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    text = output.decode(errors="replace")
    if process.returncode != 0:
        said = (errors.decode(errors="replace").strip() or text.strip())[-_LAST_WORDS:]
        raise BedError(f"Failed to {purpose} (exit code {process.returncode}): {said or 'it said nothing'}")
    return text


def wait_until(obstacle: Callable[[], str | None], purpose: str, timeout: float, interval: float = 0.25) -> None:
    """Returns as soon as nothing is in the way any more.

    :param obstacle: tells what is still missing, None if nothing is. A BedError of its counts as its
        answer, a HopelessError ends the waiting.
    :param purpose: what is waited for, as in "Failed to {purpose}".
    :param timeout: in seconds.
    :raises BedError: if the time is over; with the last obstacle.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            missing = obstacle()
        except HopelessError as error:
            raise BedError(f"Failed to {purpose}: {error}") from error
        except BedError as error:
            missing = str(error)
        if missing is None:
            return
        if time.monotonic() > deadline:
            raise BedError(f"Failed to {purpose} within {timeout:.0f} s: {missing}")
        time.sleep(interval)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Says when a part of the work is done and how long it took."""
    began = time.monotonic()
    yield
    print(f"bed: {name}: {time.monotonic() - began:.1f} s", flush=True)
