# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrade the system's packages: plan, show, then do, and see that it was done."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._apt.outputs import (
    QUERY,
    Change,
    parse_broken,
    parse_download,
    parse_simulation,
    parse_versions,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

UPGRADES = ("full", "security", "none")
_LOCK = "/var/lib/dpkg/lock-frontend"
_JOURNAL = "/var/lib/dpkg/updates"
_ARCHIVES = "/var/cache/apt/archives"
# Packages unpack to about three times their size.
_UNPACKED = 3
_KERNEL = ("linux-image-", "linux-modules-")
_KERNEL_BYTES = 200 << 20
_ENVIRONMENT = {
    "LC_ALL": "C",
    "DEBIAN_FRONTEND": "noninteractive",
    "APT_LISTCHANGES_FRONTEND": "none",
    # Its hook would restart services by itself, in the midst of the upgrade: that is for later.
    "NEEDRESTART_MODE": "l",
    "NEEDRESTART_SUSPEND": "1",
}
# Settings that somebody has changed stay; what nobody has changed becomes the new.
_SETTINGS = ("-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold")
_REMAINS_LOCKED = "another apt or dpkg works"


@dataclass(frozen=True)
class Request:
    """Upgrade all packages (``full``), those with security updates (``security``), or only finish what was interrupted
    (``none``).

    ``hold`` are packages that are to be on hold by then: check mode leaves them out.
    ``lock_timeout`` is how many seconds to wait for another apt, ``min_free`` how many bytes must stay free.
    """

    upgrade: str
    hold: tuple[str, ...]
    update_cache: bool
    allow_remove: bool
    lock_timeout: float
    min_free: int
    check_mode: bool


@dataclass(frozen=True)
class Plan:
    """The changes, and the words of apt-get that bring them about."""

    changes: tuple[Change, ...]
    words: tuple[str, ...]
    download: int


def request_from(params: Mapping[str, Any], *, check_mode: bool) -> Request:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    if params["min_free_mb"] < 0:
        raise RefusedError(f"Parameter min_free_mb: {params['min_free_mb']} is less than 0.")
    return Request(
        upgrade=params["upgrade"],
        hold=tuple(params["hold"] or ()),
        update_cache=params["update_cache"],
        allow_remove=params["allow_remove"],
        lock_timeout=duration_seconds("lock_timeout", params["lock_timeout"]),
        min_free=params["min_free_mb"] << 20,
        check_mode=check_mode,
    )


def upgrade_system(request: Request) -> dict[str, Any]:
    """Upgrade, and return the module's result.

    :raises BusyError: if another apt holds the lock for too long.
    :raises RefusedError: if packages would be removed, or the disk is too full; nothing was changed then.
    :raises ToolError: if apt or dpkg fails, or something is not as planned afterwards.
    """
    wait_for_lock(request.lock_timeout)
    broken = interrupted()
    if broken and request.check_mode:
        return _result(Plan((), (), 0), [], broken, changed=True)
    if broken:
        recover(broken)
    if request.update_cache and not request.check_mode:
        _apt_get("update")
    plan = make_plan(request.upgrade, request.hold if request.check_mode else ())
    held = sorted(_run("apt-mark", "showhold").split())
    check_plan(plan, request)
    if plan.changes and not request.check_mode:
        check_space(plan, request.min_free)
        _apt_get("-y", f"-oDPkg::Lock::Timeout={request.lock_timeout:.0f}", *_SETTINGS, *plan.words)
        check_done(plan.changes, parse_versions(_run("dpkg-query", "--show", f"--showformat={QUERY}")))
    return _result(plan, held, broken, changed=bool(plan.changes or broken))


def make_plan(upgrade: str, without: Sequence[str] = ()) -> Plan:
    """Return what is to be done, by the package lists as they are, ``without`` some packages."""
    words: tuple[str, ...] = ("dist-upgrade",)
    if upgrade == "none":
        return Plan((), words, 0)
    changes = [each for each in _simulate(words) if each.name not in without]
    if upgrade == "security":
        wanted = [each for each in changes if each.security and each.action == "upgrade"]
        if not wanted:
            return Plan((), words, 0)
        words = ("--only-upgrade", "install", *(f"{each.name}={each.new}" for each in wanted))
        # What these need comes with them.
        changes = _simulate(words)
    if not changes:
        return Plan((), words, 0)
    return Plan(tuple(changes), words, parse_download(_run("apt-get", "-qq", "-y", "--print-uris", *words)))


def check_plan(plan: Plan, request: Request) -> None:
    """Check that a plan may be carried out. Pure."""
    removed = [each.name for each in plan.changes if each.action == "remove"]
    if removed and not request.allow_remove:
        raise RefusedError(
            f"The upgrade would remove {', '.join(removed)}. Nothing was changed. See whether they may go, and set "
            "allow_remove; or hold what makes them go (apt-mark hold).",
            changes=[_document(each) for each in plan.changes],
        )


def check_space(plan: Plan, min_free: int) -> None:
    """Check that the disks have room for the packages, packed and unpacked."""
    needed = {_ARCHIVES: plan.download, "/usr": plan.download * _UNPACKED, "/var": plan.download}
    if any(each.name.startswith(_KERNEL) for each in plan.changes):
        needed["/boot"] = _KERNEL_BYTES
    by_device: dict[int, tuple[str, int]] = {}
    for path, size in needed.items():
        if os.path.isdir(path):
            device = os.stat(path).st_dev
            before = by_device.get(device, (path, 0))
            by_device[device] = (before[0], before[1] + size)
    for path, size in by_device.values():
        told = os.statvfs(path)
        free = told.f_bavail * told.f_frsize
        if free < size + min_free:
            raise RefusedError(
                f"The upgrade needs {size >> 20} MiB on the file system of {path}, and {min_free >> 20} MiB are to stay "
                f"free; there are {free >> 20} MiB. Nothing was changed. Make room (apt-get clean, docker image prune, "
                "journalctl --vacuum-size=200M), or set min_free_mb lower."
            )


def check_done(changes: Sequence[Change], found: Mapping[str, tuple[str, str]]) -> None:
    """Check that dpkg has what was planned. Pure.

    :raises ToolError: naming what it has not.
    """
    wrong = []
    for each in changes:
        status, version = found.get(each.name, ("not-installed", ""))
        installed = status == "installed"
        if each.action == "remove":
            if installed:
                wrong.append(f"{each.name} is still there")
        elif not installed or version != each.new:
            wrong.append(f"{each.name} is {status} {version}".rstrip())
    if wrong:
        raise ToolError(
            f"apt-get has ended, but not all is as it was planned: {'; '.join(wrong)}. See /var/log/apt/term.log, and "
            "run it again."
        )


def interrupted() -> list[str]:
    """Return the packages that an interrupted run of dpkg left half done."""
    broken = parse_broken(_run("dpkg-query", "--show", f"--showformat={QUERY}"))
    # Numbered files there are what dpkg has not written down in its database yet.
    journal = [each for each in os.listdir(_JOURNAL) if each.isdigit()] if os.path.isdir(_JOURNAL) else []
    return broken or (["dpkg"] if journal else [])


def recover(broken: Sequence[str]) -> None:
    """Finish what was interrupted.

    :raises ToolError: if dpkg cannot.
    """
    names = ", ".join(broken)
    try:
        _run("dpkg", "--force-confdef", "--force-confold", "--configure", "-a")
        left = interrupted()
    except ToolError as error:
        raise ToolError(
            f"An upgrade was interrupted, and dpkg cannot finish it ({names}): {error.message} Nothing else was changed. "
            "See dpkg --audit, and try apt-get --fix-broken install."
        ) from error
    if left:
        raise ToolError(
            f"An upgrade was interrupted, and dpkg has left {', '.join(left)} unfinished. Nothing else was changed. "
            "Try apt-get --fix-broken install."
        )


def wait_for_lock(patience: float, path: str = _LOCK) -> None:
    """Wait until no other apt or dpkg works.

    :raises BusyError: if one still does after ``patience`` seconds.
    """
    deadline = time.monotonic() + patience
    with open(path, "a+b") as stream:
        while True:
            try:
                fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > deadline:
                    raise BusyError(
                        f"Failed to upgrade: {_REMAINS_LOCKED} (it holds {path}), since {patience:.0f} seconds or more. "
                        f"Nothing was changed. `fuser -v {path}` tells which; wait for it, or set lock_timeout higher."
                    ) from None
                time.sleep(min(1.0, max(0.05, deadline - time.monotonic())))
            else:
                return


def _simulate(words: Sequence[str]) -> list[Change]:
    return parse_simulation(_run("apt-get", "--simulate", "-oDebug::NoLocking=true", *words))


def _apt_get(*words: str) -> None:
    _run("apt-get", *words)


def _run(program: str, *words: str) -> str:
    return run_command(Command((find_program(program), *words), name=f"{program} {_verb(words)}", env=_ENVIRONMENT))


def _verb(words: Sequence[str]) -> str:
    return next((each for each in words if not each.startswith("-") and "::" not in each), words[-1])


def _document(change: Change) -> dict[str, Any]:
    return {**asdict(change), "origins": list(change.origins), "security": change.security}


def _result(plan: Plan, held: list[str], broken: list[str], *, changed: bool) -> dict[str, Any]:
    after = "".join(f"{each.name} {each.new}\n" for each in plan.changes if each.new)
    before = "".join(f"{each.name} {each.old}\n" for each in plan.changes if each.old)
    return {
        "changed": changed,
        "changes": [_document(each) for each in plan.changes],
        "held": held,
        "recovered": broken,
        "download_bytes": plan.download,
        "diff": {"before": before, "after": after, "before_header": "installed", "after_header": "planned"},
    }
