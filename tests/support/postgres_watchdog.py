# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a private PostgreSQL server, whichever way its owner ends.

As a program, `postgres_watchdog.py FOLDER` reads its standard input, a pipe whose other end the owner alone holds.
The pipe ends when the owner closes it and also when the owner is killed: then the server is stopped and the folder
removed. Nothing but the standard library is imported, so that it starts at once and from anywhere.

Linux only: a process is known by its folder in /proc.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

# Signals with the seconds to wait for the effect of each; the next one follows if the server is still there.
Stop = Sequence[tuple[signal.Signals, float]]
FAST = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
IMMEDIATE = ((signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))
CRASH = ((signal.SIGKILL, 5.0),)


def data_folder(folder: Path) -> Path:
    """Where the cluster lies in a server's own folder."""
    return folder / "data"


def server_pid(data: Path) -> int | None:
    """The process id of the postmaster that runs in the given data folder; None if there is none."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None  # not started, or not yet written
    return pid if _runs_in(pid, data) else None


def stop_server(data: Path, stop: Stop) -> None:
    """Ends the server of a data folder with all its processes.

    :param data: the cluster's folder, without symlinks in its path.
    :param stop: FAST, IMMEDIATE or CRASH.
    :raises TimeoutError: if a process outlives the last signal.
    """
    pid = server_pid(data)
    if pid is None:
        return
    for number, patience in stop:
        backends = _children(pid)
        _signal(pid, number)
        if number == signal.SIGKILL:  # its backends would live on for a moment and bar the next start
            for backend in backends:
                _signal(backend, number)
        if _all_end([pid, *backends], data, patience):
            return
    raise TimeoutError(f"Failed to stop the PostgreSQL server in {data}: process {pid} does not end")


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether the condition came true within so many seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _all_end(pids: Sequence[int], data: Path, patience: float) -> bool:
    return wait_until(lambda: not any(_runs_in(pid, data) for pid in pids), patience)


def _runs_in(pid: int, folder: Path) -> bool:
    # A pid file outlives a killed server and its number may be another process by now. PostgreSQL's processes all
    # work in the data folder; a zombie has no working folder.
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(folder)
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may end by itself meanwhile
        os.kill(pid, number)


def _remove(folder: Path) -> None:
    # An initdb that the owner left behind may still be writing: the folder is gone only when it stays gone.
    for _attempt in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.1)
    raise TimeoutError(f"Failed to remove {folder}: something keeps writing to it")


def main() -> None:
    """Waits for the end of the owner, then stops the server of the folder in argv[1] and removes the folder."""
    folder = Path(sys.argv[1])
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # those are meant for the owner, whose end tells all
    sys.stdin.buffer.read()
    stop_server(data_folder(folder), IMMEDIATE)
    _remove(folder)


if __name__ == "__main__":
    main()
