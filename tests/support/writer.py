# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that keep writing to sample data, as a live stack does: both their sides.

The writing process tells in a small JSON file what it has done; it does so after each commit, so that whatever the file
counts is in the data, also when the process is killed in between.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class State:
    """What a writer has done so far."""

    acknowledged: int = 0
    """How many writes the database has acknowledged."""
    failed: int = 0
    """How many it has not, because it was away."""
    last: int = 0
    """The number of the latest acknowledged write; each write, failed or not, has the next number."""
    at: str = ""
    """When that was (UTC, ISO 8601)."""
    slowest: float = 0.0
    """How many seconds the slowest acknowledged write took, from its begin to the acknowledgement."""

    def save(self, path: Path) -> None:
        """Replaces the file in one step: a reader sees the old state or the new one."""
        beside = path.with_name(path.name + ".new")
        beside.write_text(json.dumps(asdict(self)))
        beside.replace(path)

    def acknowledge(self, number: int, seconds: float) -> State:
        """The state after the acknowledged write of that number, which took so long."""
        return State(
            acknowledged=self.acknowledged + 1,
            failed=self.failed,
            last=number,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            slowest=max(self.slowest, round(seconds, 4)),
        )

    def fail(self) -> State:
        """The state after a write that found no database."""
        return replace(self, failed=self.failed + 1)


def read_state(path: Path) -> State:
    """What the writer with that state file has done; nothing, if it has not begun."""
    try:
        return State(**json.loads(path.read_text()))
    except FileNotFoundError:
        return State()


class Lifetime:
    """Tells a writing process how long to go on: until SIGTERM or SIGINT, or until its parent is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._asked_to_end = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_end)

    def goes_on_after(self, seconds: float) -> bool:
        """Waits so long, or less if the end comes first; False when it has come."""
        deadline = time.monotonic() + seconds
        while not self._is_over():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return True
            time.sleep(min(remaining, 0.1))
        return False

    def _is_over(self) -> bool:
        return self._asked_to_end or os.getppid() != self._parent

    def _ask_to_end(self, _number: int, _frame: object) -> None:
        self._asked_to_end = True


class Writer:
    """The other side: a writing process as its parent sees it.

    :param module: the module of tests.support whose `write` command it runs.
    :param arguments: the command's arguments, without `--state`.
    :param state_file: where it keeps its state.
    :param environment: what it gets beside the environment of this process, secrets for instance.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], state_file: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = [sys.executable, "-m", module, "write", "--state", str(state_file), *arguments]
        self._state_file = state_file
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Writer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.stop()

    @property
    def state(self) -> State:
        """What it has done so far."""
        return read_state(self._state_file)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    def start(self, patience: float = 30.0) -> None:
        """Starts the process and returns after its first acknowledged write.

        :raises RuntimeError: if there is none within so many seconds.
        """
        self._state_file.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            self._command, cwd=PROJECT, env={**os.environ, **self._environment}, stdin=subprocess.DEVNULL
        )
        deadline = time.monotonic() + patience
        while self.state.acknowledged == 0:
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"The writer {self._command[2]} wrote nothing")
            time.sleep(0.02)

    def stop(self) -> State:
        """Ends it by SIGTERM; the write under way is finished first.

        :return: all that it has done.
        :raises RuntimeError: if it had failed, or does not end.
        """
        process, self._process = self._running(), None
        process.terminate()
        try:
            exit_code = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            exit_code = process.wait()
        if exit_code != 0:
            raise RuntimeError(f"The writer {self._command[2]} ended with {exit_code}")
        return self.state

    def kill(self) -> None:
        """Ends it at once by SIGKILL."""
        process, self._process = self._running(), None
        process.kill()
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError(f"The writer {self._command[2]} is not running")
        return self._process
