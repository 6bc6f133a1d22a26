# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Closes maintenance windows: brings back the containers that a journal says were stopped or paused.

It stands alone, on the standard library and the program docker, since it must work when the module that opened the
window is dead, or the host has booted since. It is copied to the host and run there by its Python:

    python3 close_windows.py watch JOURNAL    wait until the module lets go of the window, or for its limit; then close it
    python3 close_windows.py all FOLDER       close the windows that nobody holds: after a boot

A journal is a JSON file that its holder keeps locked (flock); without a file, there is no window.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import sys
import time
from typing import Any

#: A watcher that looks after a journal says so by a file beside it.
WATCHED = ".watched"
#: By a file beside the journal, its holder says that all is halted: the engine has nothing to stop any more.
HALTED = ".halted"
#: A journal that is being written has this behind its name.
MAKING = ".making"
#: A journal whose window lasted too long goes by another name from then on, by which its holder knows.
OVERDUE = ".overdue.json"

#: For how long an engine that is down is waited for, in seconds, where nobody waits for us.
PATIENCE = 3600.0
_ENGINE_PID = "/var/run/docker.pid"
_KEPT_RUNNING = ("always", "unless-stopped")
_HOUR = 3600.0
_ANSWER = 120.0  # seconds, for one command
_PAUSE = 1.0


def read_journal(path: str) -> dict[str, Any] | None:
    """Return the journal at ``path``, or None if its window was closed."""
    try:
        with open(path, encoding="utf-8") as stream:
            document: dict[str, Any] = json.load(stream)
            return document
    except FileNotFoundError:
        return None


def engine_run() -> str | None:
    """Return what tells this run of the engine from others, or None if that cannot be seen."""
    try:
        with open(_ENGINE_PID, encoding="ascii") as stream:
            pid = int(stream.read())
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
            begun = stream.read().rpartition(")")[2].split()[19]
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
            return f"{stream.read().strip()} {pid} {begun}"
    except (OSError, ValueError):
        return None


def bring_back(journal: dict[str, Any], patience: float) -> list[str]:
    """Start, and take from their pause, the containers of ``journal`` in its order; return what did not work out.

    An engine that was killed stops all containers when it is back, and leaves those that are to run
    ``unless-stopped`` as they are then. So, if it is another run of the engine, they are started too.

    One that was removed meanwhile is none of our business any more.
    """
    deadline = time.monotonic() + patience
    while True:
        problems = _bring_back_all(journal)
        if not problems or time.monotonic() >= deadline:
            return problems
        time.sleep(_PAUSE)


def _bring_back_all(journal: dict[str, Any]) -> list[str]:
    problems = [(each["name"], _bring_back(each["id"])) for each in journal["containers"]]
    if journal.get("engine") is not None and engine_run() != journal["engine"]:
        problems += [(each["name"], _bring_back(each["id"], _KEPT_RUNNING)) for each in journal["beside"]]
    return [f"{name}: {problem}" for name, problem in problems if problem is not None]


def _bring_back(container: str, policies: tuple[str, ...] = ()) -> str | None:
    """Make the container run, if its restart policy is one of those (none: whatever it is); return why it does not."""
    code, said = _docker(
        "inspect", "--type=container", "--format={{.State.Status}} {{.HostConfig.RestartPolicy.Name}}", container
    )
    if code != 0:
        return None if "no such" in said.lower() else said
    status, _blank, policy = said.partition(" ")
    if status in ("running", "restarting") or (policies and policy not in policies):
        return None  # one that the engine keeps restarting is as it was
    code, said = _docker("unpause" if status == "paused" else "start", container)
    return None if code == 0 else said


def _docker(*arguments: str) -> tuple[int, str]:
    try:
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            ["docker", *arguments], capture_output=True, text=True, timeout=_ANSWER, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, (done.stdout if done.returncode == 0 else done.stderr).strip()


def is_same(path: str, descriptor: int) -> bool:
    """Tell whether the open file is still the one at ``path``."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    ours = os.fstat(descriptor)
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def watch(path: str) -> int:
    """Close the window of the journal at ``path`` when its holder has died, or when its limit is over."""
    journal = read_journal(path)
    if journal is None:
        return 0
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with open(path + WATCHED, "w", encoding="utf-8"):
            pass
        deadline = time.monotonic() + journal["limit"]
        while not (free := _locked(descriptor)) and time.monotonic() < deadline:
            time.sleep(_PAUSE / 4)
        if not free and is_same(path, descriptor):
            os.rename(path, path + OVERDUE)
            return _close(path + OVERDUE, descriptor, PATIENCE)
        return _close(path, descriptor, PATIENCE)
    finally:
        for each in (WATCHED, HALTED):
            _remove(path + each)
        os.close(descriptor)


def close_all(folder: str, patience: float) -> int:
    """Close every window in ``folder`` that nobody holds; return how many stay open.

    :param patience: seconds for each.
    """
    still_open = 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if not name.endswith(".json"):
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            if _locked(descriptor):
                still_open += _close(path, descriptor, patience)
        finally:
            os.close(descriptor)
    _sweep(folder)
    return still_open


def _sweep(folder: str) -> None:
    """Remove what a watcher, or the opener of a window, left when it was killed."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        with contextlib.suppress(FileNotFoundError):
            journal, _dot, rest = path.rpartition(".")
            orphan = f".{rest}" in (WATCHED, HALTED) and not os.path.exists(journal)
            if orphan or (name.endswith(MAKING) and time.time() - os.stat(path).st_mtime > _HOUR):
                os.unlink(path)


def _close(path: str, descriptor: int, patience: float) -> int:
    journal = read_journal(path)
    if journal is None or not is_same(path, descriptor):
        return 0
    problems = bring_back(journal, patience)
    settled = time.monotonic() + (journal["grace"] if _may_be_stopping(path, journal) else 0)
    while not problems and time.monotonic() < settled:
        time.sleep(_PAUSE)
        problems = bring_back(journal, patience)
    for each in problems:
        sys.stderr.write(f"chatbot.ops: Failed to bring back {each}\n")
    if problems:
        return 1
    _remove(path)
    sys.stdout.write(f"chatbot.ops: the maintenance window {journal['id']} was closed\n")
    return 0


def _may_be_stopping(path: str, journal: dict[str, Any]) -> bool:
    """Tell whether something that whoever died had asked to stop may still do so, after we have seen it run.

    The engine goes on with what it was asked for; and a container that was told to end does so though the engine dies.
    """
    run, then = engine_run(), journal.get("engine")
    if run is None or then is None:
        return True
    if run.split()[0] != then.split()[0]:
        return False  # the host has booted since
    return run != then or not os.path.exists(path + HALTED)


def _locked(descriptor: int) -> bool:
    """Try to lock the journal; its holder's lock goes with the holder."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def main(arguments: list[str]) -> int:
    """Serve the command line."""
    if len(arguments) != 2 or arguments[0] not in ("watch", "all"):
        sys.stderr.write(__doc__ or "")
        return 2
    return watch(arguments[1]) if arguments[0] == "watch" else close_all(arguments[1], PATIENCE)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
