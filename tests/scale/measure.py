# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a playbook over a fleet, and measures what it costs the controller."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.scale.fleet import Fleet
from tests.tools.link import CHECKOUT, COLLECTIONS

_PAUSE = 1.0
_RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
MIB = 1 << 20


@dataclass(frozen=True)
class Run:
    """The end of a run: seconds on the wall and of the processor, and peaks of memory in MiB.

    The processor's seconds are those of ansible-playbook with all its forks, without the modules' (which are the servers').
    """

    exit_status: int
    output: str
    seconds: float
    cpu_seconds: float
    parent_seconds: float
    """Those of ansible-playbook's own process, through which all hosts have to go, whatever the number of forks."""
    parent: float
    """The resident memory of ansible-playbook's own process."""
    forks_summed: float
    """The resident memory of it and its forks, added up: what they share counts for each."""
    together: float
    """What they take in truth: what they share counts once (PSS)."""

    @property
    def recap(self) -> dict[str, tuple[int, int, int, int]]:
        """Return of each host how many tasks were ok, changed, unreachable and failed."""
        found = _RECAP.findall(self.output.rpartition("PLAY RECAP")[2])
        return {name: (int(ok), int(changed), int(gone), int(bad)) for name, ok, changed, gone, bad in found}


def play(fleet: Fleet, playbook: str, forks: int, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
    """Run ``playbook``, one of ours by its name or a file, over the whole fleet with so many forks.

    :param environment: joins the inherited one.
    """
    log = fleet.folder / "output.log"
    begun = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                f"--inventory={fleet.inventory}",
                f"--forks={forks}",
                playbook if os.path.isabs(playbook) else f"chatbot.ops.{playbook}",
                *arguments,
            ],
            cwd=fleet.folder,
            env={
                **os.environ,
                "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_LOCAL_TEMP": str(fleet.folder / "ansible"),
                "ANSIBLE_REMOTE_TEMP": str(fleet.folder / "ansible"),
                "NO_COLOR": "1",
                **(environment or {}),
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            with _Watch(process.pid) as watch:
                _pid, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if process.returncode is None:
                process.terminate()
                process.wait()
    seconds = time.monotonic() - begun
    return Run(
        process.returncode,
        log.read_text("utf-8", errors="replace"),
        seconds,
        usage.ru_utime + usage.ru_stime,
        watch.parent_seconds,
        watch.parent / MIB,
        watch.summed / MIB,
        watch.together / MIB,
    )


class _Watch:
    """Looks at the memory of a process and its children once a second, from a thread, while its context is open."""

    def __init__(self, pid: int) -> None:
        self.parent = self.summed = self.together = 0
        self.parent_seconds = 0.0
        self._pid = pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._end.wait(_PAUSE):
            with suppress(OSError):
                # Behind the name, which may hold anything: utime and stime are the 12th and the 13th; proc(5).
                spent = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                self.parent_seconds = sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
            sizes = list(_sizes(self._pid))
            if sizes:
                self.parent = max(self.parent, sizes[0][0])
                self.summed = max(self.summed, sum(rss for rss, _pss in sizes))
                self.together = max(self.together, sum(pss for _rss, pss in sizes))


def _sizes(parent: int) -> Iterator[tuple[int, int]]:
    """Yield RSS and PSS, in bytes, of the process and of its forks; what these started is not Ansible's."""
    children: list[str] = []
    with suppress(OSError):
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for pid in (str(parent), *children):
        with suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found = dict(re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE))
            if found:
                yield int(found["Rss"]) * 1024, int(found["Pss"]) * 1024
