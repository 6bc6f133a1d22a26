# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The maintenance window: containers are stopped or paused, and run again afterwards, whichever way it ends.

Before the first of them is touched, a journal on disk names them all, a watcher waits for this process to die, and a
unit of systemd closes what a reboot leaves open. The kernel drops the lock on the journal with its holder: that tells
the watcher, and no heartbeat has to be kept up.
"""

from __future__ import annotations

import fcntl
import inspect
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose import closer
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container, stop_order
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DisturbedError,
    RefusedError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import fsync_folder, write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso

#: Where journals and the program that closes windows lie.
STATE = "/var/lib/chatbot-ops"
#: For how long a window may stay open (seconds) before its watcher closes it.
LIMIT = 900.0

_UNIT = "/etc/systemd/system/chatbot-ops-windows.service"
_ENABLED = "/etc/systemd/system/multi-user.target.wants/chatbot-ops-windows.service"
_UNIT_TEXT = """\
[Unit]
Description=Bring back what a maintenance window of chatbot.ops had stopped when the host went down
After=docker.service network-online.target
Wants=docker.service
ConditionPathExistsGlob={folder}/*.json

[Service]
Type=oneshot
ExecStart={python} {program} all {folder}

[Install]
WantedBy=multi-user.target
"""
_PYTHON = "/usr/bin/python3"
_WATCHER_PATIENCE = 10.0
_RETURN_PATIENCE = 60.0
# A watcher whose module was killed while containers were being stopped takes almost a minute to be sure.
_OTHERS_PATIENCE = 90.0
_HEALTH_PATIENCE = 180.0
#: n8n finishes its executions first, for up to 30 s (N8N_GRACEFUL_SHUTDOWN_TIMEOUT); Docker's own default is 10.
_LEAST_GRACE = 40


@dataclass
class Downtime:
    """How long a window was open, in seconds, and whether all is well again (None: nobody can tell)."""

    seconds: float = 0.0
    healthy: bool | None = None


@contextmanager
def window(
    containers: Sequence[Container], action: str, *, limit: float = LIMIT, state: str = STATE
) -> Iterator[Downtime]:
    """Run the body while ``containers`` are stopped or paused; those that did not run before stay as they are.

    :param action: ``stop`` or ``pause``.
    :param limit: after so many seconds the window is closed from outside, and the body's work counts for nothing.
    :return: what is filled in when the body has ended.
    :raises OpsError: if it cannot be guarded, and nothing was touched then; if it was closed, or a container was
        started, from outside; or if a container does not come back.
    """
    downtime = Downtime()
    # One that the engine keeps restarting would be back in the middle of the work; it cannot be paused, though.
    halted = ("running", "restarting") if action == "stop" else ("running",)
    running = stop_order(each for each in containers if each.status in halted)
    if not running:
        yield downtime
        return
    opened = _Window.prepare(running, limit, state)
    try:
        begun = time.monotonic()
        try:
            opened.halt(running, action)
            yield downtime
            opened.check_halted()
        finally:
            opened.bring_back()
            # Until all is well again it is not over: the engine may die in this time too.
            downtime.healthy = opened.wait_for_health(running)
            downtime.seconds = round(time.monotonic() - begun, 3)
            opened.close()
    finally:
        opened.release()


class _Window:
    """A journal that this process holds."""

    def __init__(self, path: str, descriptor: int, journal: dict[str, Any]) -> None:
        self._path, self._descriptor, self._journal = path, descriptor, journal
        self._halted: dict[str, str] = {}

    @classmethod
    def prepare(cls, running: Sequence[Container], limit: float, state: str) -> _Window:
        """Write the journal, and see to it that somebody closes the window whatever happens to us."""
        if os.geteuid() != 0:
            raise RefusedError("To stop or pause containers and to be sure that they run again takes root. Use become.")
        find_program("docker")
        folder = os.path.join(state, "windows")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        program = _install(state, folder)
        _finish_others(folder, {each.id for each in running})
        opened = cls._write(folder, running, limit)
        try:
            opened._guard(program)
        except BaseException:
            opened._forget()
            opened.release()
            raise
        return opened

    @classmethod
    def _write(cls, folder: str, running: Sequence[Container], limit: float) -> _Window:
        identifier = f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
        journal = {
            "id": identifier,
            "opened": to_iso(now()),
            "limit": limit,
            "grace": max(_grace(each) for each in running) + 5,
            # In the order in which they come back.
            "containers": [{"id": each.id, "name": each.name} for each in reversed(running)],
            # What else runs, for an engine that dies meanwhile.
            "engine": closer.engine_run(),
            "beside": _beside({each.id for each in running}),
        }
        path = os.path.join(folder, f"{identifier}.json")
        making = path + closer.MAKING
        descriptor = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.write(descriptor, json.dumps(journal, indent=2).encode())
        os.fsync(descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # from its first moment on it is held
        os.rename(making, path)
        fsync_folder(folder)
        return cls(path, descriptor, journal)

    def _guard(self, program: str) -> None:
        """Start the watcher, and wait until it watches."""
        arguments = [_PYTHON, program, "watch", self._path]
        if os.path.isdir("/run/systemd/system"):
            # Outside the cgroup of whatever runs us: a service that is stopped takes all of its own with it.
            host = [f"--setenv=DOCKER_HOST={os.environ['DOCKER_HOST']}"] if "DOCKER_HOST" in os.environ else []
            unit = f"--unit=chatbot-ops-window-{self._journal['id']}"
            run_command(Command((find_program("systemd-run"), "--quiet", "--collect", unit, *host, *arguments)))
        else:
            subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + _WATCHER_PATIENCE
        while not os.path.exists(self._path + closer.WATCHED):
            if time.monotonic() > deadline:
                raise ToolError(
                    "Failed to open a maintenance window: the watcher that would close it did not start. "
                    f"Nothing was stopped. Try {' '.join(arguments)} by hand."
                )
            time.sleep(0.05)

    def halt(self, running: Sequence[Container], action: str) -> None:
        """Stop or pause the containers, each before those that it depends on."""
        for each in running:
            grace = () if action == "pause" else ("-t", str(_grace(each)))
            _docker(action, *grace, each.id)
        self._halted = self._states()
        # Without it, whoever closes the window in our place takes longer to be sure: no reason to fail.
        with suppress(OSError), open(self._path + closer.HALTED, "w", encoding="utf-8"):
            pass

    def check_halted(self) -> None:
        """Check that everything is still halted as it was.

        :raises DisturbedError: if something was started meanwhile, by whomever.
        """
        states = self._states()
        names = [each["name"] for each in self._journal["containers"] if states[each["id"]] != self._halted[each["id"]]]
        if names:
            raise DisturbedError(
                f"Somebody started {' and '.join(names)} in the maintenance window, while the work in it went on: that "
                "counts for nothing. See who did, such as a deployment or a restarted Docker, and run it again."
            )

    def _states(self) -> dict[str, str]:
        """Return for each container what changes when it is started or stopped."""
        identifiers = [each["id"] for each in self._journal["containers"]]
        told = _docker("inspect", "--format={{.State.Status}} {{.State.StartedAt}} {{.State.FinishedAt}}", *identifiers)
        return dict(zip(identifiers, told.splitlines()))

    def bring_back(self) -> None:
        """Bring everything back.

        :raises DisturbedError: if the watcher has already done so.
        :raises ToolError: if it is left to the watcher.
        """
        if not closer.is_same(self._path, self._descriptor):
            raise DisturbedError(
                f"The maintenance window was closed after its limit of {self._journal['limit']:.0f} seconds, while the "
                "work in it still went on: that counts for nothing. Set window_limit higher, or use consistency: online."
            )
        self._bring_back()

    def _bring_back(self) -> None:
        problems = closer.bring_back(self._journal, _RETURN_PATIENCE)
        if problems:
            raise ToolError(
                f"Failed to bring back {'; '.join(problems)}. A watcher keeps trying for an hour; see {self._path}."
            )

    def wait_for_health(self, containers: Sequence[Container]) -> bool | None:
        """Wait until every container that has a health check is healthy; tell whether they are (None: none has one).

        :raises ToolError: if the engine goes away and does not come back.
        """
        checked = [each.id for each in containers if each.health is not None]
        deadline = time.monotonic() + _HEALTH_PATIENCE
        while checked:
            try:
                told = _docker("inspect", "--format={{.State.Running}} {{.State.Health.Status}}", *checked).splitlines()
            except ToolError:
                told = []
            if told and all(each == "true healthy" for each in told):
                return True
            if time.monotonic() > deadline:
                return False
            if not all(each.startswith("true ") for each in told) or not told:
                self._bring_back()
            time.sleep(0.2)
        return None

    def close(self) -> None:
        """End the window for good, unless the watcher is to have another look."""
        if self._halted:
            self._forget()
        # Else the engine may still be at it, and will stop what runs again: the watcher looks after that.

    def _forget(self) -> None:
        with suppress(FileNotFoundError):  # its limit may be over by now
            os.unlink(self._path)

    def release(self) -> None:
        """Let go of the journal: if it is still there, it is the watcher's from now on."""
        os.close(self._descriptor)


def _install(state: str, folder: str) -> str:
    """Put the program that closes windows on the host, and the unit that runs it after a boot."""
    program = os.path.join(state, "close_windows.py")
    _put(program, inspect.getsource(closer), 0o755)
    if os.path.isdir("/run/systemd/system"):
        changed = _put(_UNIT, _UNIT_TEXT.format(folder=folder, python=_PYTHON, program=program), 0o644)
        systemctl = find_program("systemctl")
        # Whoever wrote it may have been killed before it was enabled.
        if changed or not os.path.lexists(_ENABLED):
            run_command(Command((systemctl, "daemon-reload")))
            run_command(Command((systemctl, "enable", "--quiet", os.path.basename(_UNIT))))
    return program


def _put(path: str, text: str, mode: int) -> bool:
    """Make ``path`` hold ``text``; tell whether it did not."""
    content = text.encode("utf-8")
    try:
        with open(path, "rb") as stream:
            if stream.read() == content:
                return False
    except FileNotFoundError:
        pass
    write_file(path, content, replace=True)
    os.chmod(path, mode)
    return True


def _finish_others(folder: str, wanted: set[str]) -> None:
    """Close what dead processes left open, and wait for other windows on the same containers to be closed.

    :raises BusyError: naming one that does not.
    """
    closer.close_all(folder, _RETURN_PATIENCE)
    deadline = time.monotonic() + _OTHERS_PATIENCE
    while (other := _other(folder, wanted)) is not None:
        if time.monotonic() > deadline:
            raise BusyError(f"Another maintenance window has {other} stopped. Try again when it has ended.")
        time.sleep(0.5)


def _other(folder: str, wanted: set[str]) -> str | None:
    """Return which of the containers another window has, and the window's journal."""
    for name in sorted(os.listdir(folder)):
        journal = closer.read_journal(os.path.join(folder, name)) if name.endswith(".json") else None
        for each in journal["containers"] if journal else ():
            if each["id"] in wanted:
                return f"{each['name']} ({name})"
    return None


def _beside(halted: set[str]) -> list[dict[str, str]]:
    """Return what else runs, oldest first: that is how Docker Compose makes what others depend on."""
    told = [line.split() for line in _docker("ps", "--no-trunc", "--format={{.ID}} {{.Names}}").splitlines()]
    return [{"id": words[0], "name": words[1]} for words in reversed(told) if words[0] not in halted]


def _docker(action: str, *arguments: str) -> str:
    return run_command(Command((find_program("docker"), action, *arguments), name=f"docker {action}"))


def _grace(container: Container) -> int:
    return max(container.grace, _LEAST_GRACE)
