# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bed's own Docker Engine, in namespaces of its own: ``images/engine/init.sh`` is its first process.

There is one engine for each user, since there is one store. A lock on a file, which the engine's processes hold as
long as they live, tells whether it runs; the same file says which process it is.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bed.cache import RECIPES, bed_cache
from tests.bed.process import BedError, Command, HopelessError, run, wait_until
from tests.support.cache import cache_folder

CONTROL_GROUPS = Path("/sys/fs/cgroup")
CONTROL_GROUP = "chatbot-bed"
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True)
class Running:
    """A started engine."""

    pid: int
    """Its first process, as the machine counts."""
    born: str
    """When that process began, in the kernel's ticks: a later process of the same id has another."""
    state: str
    """The state folder of the bed it belongs to."""
    seed: str
    """The seed it was started from; empty while a seed is being made."""


class Engine:
    """The engine of a bed.

    :param state: the bed's state folder; in the engine it is /bed.
    """

    def __init__(self, state: Path) -> None:
        self.state = state
        self._record = bed_cache() / "running.json"

    @property
    def log(self) -> Path:
        """What the engine and its set-up wrote."""
        return self.state / "engine.log"

    def running(self) -> Running | None:
        """The engine that runs for this user, whichever bed it belongs to."""
        try:
            found = Running(**json.loads(self._record.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return found if _born(found.pid) == found.born else None

    def start(self, root: Path, store: Path, ports: Iterable[int], seed: str = "") -> None:
        """Starts the engine and returns when it answers.

        :param root: the engine's Debian system.
        :param store: the image file of the store, opened for this start.
        :param ports: ports of the machine's 127.0.0.1 that lead to the same ports of the engine's.
        :param seed: what the store was opened from.
        :raises BedError: if another one runs, or this one does not answer in time.
        """
        pid_file = self.state / "engine.pid"
        pid_file.unlink(missing_ok=True)
        listed = ",".join(str(port) for port in sorted(set(ports)))
        variables = {
            "BED_ROOT": str(root),
            "BED_STATE": str(self.state),
            "BED_CACHE": str(cache_folder()),
            "BED_RECIPES": str(RECIPES),
            "BED_STORE": str(store),
            "BED_PORTS": f"--tcp-ports 127.0.0.1/{listed} --udp-ports 127.0.0.1/{listed}",
        }
        command: Command = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--propagation=private",
            "sh",
            RECIPES / "engine" / "init.sh",
        ]
        with open(self._record.with_suffix(".lock"), "w", encoding="utf-8") as lock, open(self.log, "wb") as log:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BedError("Failed to start the engine: one already runs; `make bed-down` ends it") from error
            # Its processes inherit the lock and hold it as long as one of them lives.
            process = subprocess.Popen(
                command,
                env={**_ENVIRONMENT, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(lock.fileno(),),
                start_new_session=True,
            )
        try:
            wait_until(lambda: self._record_start(process, pid_file, seed), "start the engine", 20)
            wait_until(lambda: self._answers(process), "start the engine", 60)
        except BaseException:
            self.stop()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            raise

    def stop(self, grace: float = 0.0) -> None:
        """Ends the engine and all its containers; nothing of them stays but what is in the store.

        :param grace: seconds that it gets to end in good order.
        """
        running = self.running()
        if running is not None:
            with contextlib.suppress(ProcessLookupError):
                if grace:
                    os.kill(running.pid, signal.SIGTERM)
                    with contextlib.suppress(BedError):
                        wait_until(lambda: self._alive(running), "stop the engine", grace)
                os.kill(running.pid, signal.SIGKILL)
            wait_until(lambda: self._alive(running), "end the engine", 60)
        # The mounts and the loop device go when the last process has.
        wait_until(self._held, "end the engine's processes", 60)
        self._record.unlink(missing_ok=True)
        wait_until(_remove_control_groups, "remove the engine's control groups", 20)

    def inside(self, *words: str, timeout: float = 120.0, purpose: str = "", stdin: bytes | None = None) -> str:
        """Runs a program in the engine's own system and returns what it wrote.

        :raises BedError: if it fails or takes too long, or no engine runs.
        """
        running = self.running()
        if running is None:
            raise BedError(f"Failed to {purpose or words[0]}: the engine does not run; see {self.log}")
        command: Command = ["nsenter", f"--target={running.pid}", "--mount", "--pid", "--", *words]
        return run(
            command, purpose or f"run {' '.join(words[:3])}", timeout=timeout, stdin=stdin, environment=_ENVIRONMENT
        )

    def docker(self, *words: str, timeout: float = 120.0, purpose: str = "", stdin: bytes | None = None) -> str:
        """Runs the engine's own command line; as `inside`."""
        return self.inside("docker", *words, timeout=timeout, purpose=purpose, stdin=stdin)

    def _record_start(self, process: subprocess.Popen[bytes], pid_file: Path, seed: str) -> str | None:
        if process.poll() is not None:
            raise HopelessError(self._last_words())
        try:
            pid = int(pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return "its first process has not begun"
        record = Running(pid, _born(pid), str(self.state), seed)
        self._record.write_text(json.dumps(asdict(record)), encoding="utf-8")
        return None

    def _answers(self, process: subprocess.Popen[bytes]) -> str | None:
        if process.poll() is not None:
            raise HopelessError(self._last_words())
        self.docker("version", timeout=10, purpose="ask the engine for its version")
        return None

    def _last_words(self) -> str:
        return f"it ended: {self.log.read_text(encoding='utf-8', errors='replace')[-1500:].strip()}"

    def _alive(self, running: Running) -> str | None:
        return "it still runs" if _born(running.pid) == running.born else None

    def _held(self) -> str | None:
        with open(self._record.with_suffix(".lock"), "a", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return "some are left"
        return None


def _born(pid: int) -> str:
    """The start time of a process; empty if there is none, or only its remains."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _remove_control_groups() -> str | None:
    """Removes the empty control groups that the containers leave, in each of the kernel's hierarchies."""
    left = None
    for top in [CONTROL_GROUPS, *(path for path in CONTROL_GROUPS.iterdir() if path.is_dir())]:
        for folder, _folders, _files in os.walk(top / CONTROL_GROUP, topdown=False):
            try:
                os.rmdir(folder)
            except OSError as error:
                left = str(error)
    if left:
        time.sleep(0.2)
    return left
