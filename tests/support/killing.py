# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a process with all that it started, at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that descends from it, and wait until none of them is there any more.

    Its process group would not do: Ansible's workers, and what ansible-runner starts, are in sessions of their own.
    """
    doomed = [process.pid, *_descendants(process.pid)]
    # From the top, so that nobody starts others meanwhile.
    for each in doomed:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 10
    while left := [each for each in doomed if _runs(each)]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {left} are still there after SIGKILL")
        time.sleep(0.02)


def _descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found = {pid}
    while more := {each for each, parent in parents.items() if parent in found} - found:
        found |= more
    return sorted(found - {pid})


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            # Whoever has ended, and was not waited for, is gone for all that counts.
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
