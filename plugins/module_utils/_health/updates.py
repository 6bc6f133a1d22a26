# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Updates that wait to be installed, and whether the host wants to be started anew."""

from __future__ import annotations

import glob
import os
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

_LISTS = "/var/lib/apt/lists"
_REQUIRED = "/run/reboot-required"
# Inst NAME [OLD] (NEW Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
_INSTALLED = re.compile(r"^Inst (\S+) (?:\[(\S+)\] )?\((\S+) (.*?) ?\[\w+\]\)")
_SHOWN = 20
_PENDING = ("pending", "security", "packages", "updates_problem")
_SETTINGS = (
    *("/var/lib/dpkg/status", "/etc/apt", "/etc/apt/sources.list", "/etc/apt/sources.list.d"),
    *("/etc/apt/preferences.d", "/etc/apt/apt.conf.d"),
)


def look_at_updates(known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the updates that apt would install, and why the host wants to be started anew, if it does.

    :param known: what the last look returned, or nothing. To reckon takes apt a while; nothing of what it reckons with has
        changed since, as a rule.
    """
    stamp = _stamp()
    pending = {name: known[name] for name in _PENDING} if known.get("stamp") == stamp else _pending()
    return {"stamp": stamp, **pending, "lists_age_seconds": _lists_age(), **_reboot()}


def read_simulation(text: str) -> list[tuple[str, bool]]:
    """Return the packages that ``apt-get --simulate dist-upgrade`` would install, and whether each is one of security. Pure.

    New ones, which have no old version, come along with them and are none. Debian's archive of security updates is called
    Debian-Security whatever the release, Ubuntu's is a suite such as noble-security.
    """
    matches = [_INSTALLED.match(line) for line in text.splitlines()]
    found = [each for each in matches if each is not None and each.group(2)]
    return [(each.group(1), _is_security(each.group(4).split(", "))) for each in found]


def newest_kernel(running: str, installed: Iterable[str]) -> str | None:
    """Return the installed kernel, of the same flavour as the ``running`` one, that is newer than that, if any. Pure.

    A running one that is not installed, as in a container or at a provider that boots one of its own, says nothing.
    """
    flavour = running.rsplit("-", 1)[-1]
    same = sorted((each for each in installed if each.rsplit("-", 1)[-1] == flavour), key=_version)
    if running not in same or same[-1] == running:
        return None
    return same[-1]


def kernel_that_waits(text: str) -> str | None:
    """Return the kernel that ``needrestart -b -k`` says waits for a reboot, if any. Pure.

    NEEDRESTART-KSTA is 2 or 3 then; https://github.com/liske/needrestart, README.batch.md.
    """
    told = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    return told.get("NEEDRESTART-KEXP") if told.get("NEEDRESTART-KSTA") in ("2", "3") else None


def _needrestart() -> str:
    try:
        return run_command(Command((find_program("needrestart"), "-b", "-k"), name="needrestart"))
    except ToolError:
        return ""  # most hosts have none


def _pending() -> dict[str, Any]:
    nothing: dict[str, Any] = {"pending": None, "security": None, "packages": []}
    try:
        program = find_program("apt-get")
    except ToolError:
        return {**nothing, "updates_problem": "This host has no apt-get."}
    lists = glob.glob(f"{_LISTS}/*_Packages*") + glob.glob(f"{_LISTS}/*_*Release")
    if not lists:
        return {**nothing, "updates_problem": f"There are no package lists in {_LISTS}."}
    try:
        text = run_command(
            Command(
                (program, "--simulate", "--quiet", "-o", "Debug::NoLocking=true", "dist-upgrade"),
                env={"LC_ALL": "C"},
                name="apt-get --simulate dist-upgrade",
            )
        )
    except ToolError as error:
        return {**nothing, "updates_problem": error.message}
    found = read_simulation(text)
    return {
        "pending": len(found),
        "security": sum(security for _name, security in found),
        "packages": [name for name, _security in sorted(found, key=lambda each: (not each[1], each[0]))][:_SHOWN],
        "updates_problem": None,
    }


def _stamp() -> list[int]:
    """Return what changes whenever apt would reckon otherwise: after an update of its lists, an installation, a setting."""
    return [os.stat(each).st_mtime_ns if os.path.exists(each) else 0 for each in (*_lists(), *_SETTINGS)]


def _lists_age() -> int | None:
    """Return for how many seconds apt has not looked for updates; the folders change also if it found nothing new."""
    times = [os.stat(each).st_mtime for each in _lists() if os.path.exists(each)]
    return round(time.time() - max(times)) if times else None


def _lists() -> tuple[str, str]:
    return _LISTS, f"{_LISTS}/partial"


def _reboot() -> dict[str, Any]:
    reasons = []
    if os.path.exists(_REQUIRED):
        reasons += sorted(set(_lines(f"{_REQUIRED}.pkgs"))) or [_REQUIRED]
    running = os.uname().release
    kernels = [os.path.basename(each)[len("vmlinuz-") :] for each in glob.glob("/boot/vmlinuz-*")]
    newer = newest_kernel(running, kernels)
    # needrestart also knows the kernels of those that lie elsewhere than in /boot.
    newer = newer or kernel_that_waits(_needrestart())
    if newer is not None:
        reasons.append(f"Linux {newer} (now {running})")
    return {"reboot": bool(reasons), "reboot_reasons": reasons[:_SHOWN]}


def _is_security(origins: Sequence[str]) -> bool:
    return any(
        each.startswith("Debian-Security:") or each.split("/")[-1].split(" ")[0].endswith("-security")
        for each in origins
    )


def _version(name: str) -> list[tuple[int, str]]:
    return [(int(each), "") if each.isdigit() else (-1, each) for each in re.split(r"(\d+)", name)]


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().split()
    except OSError:
        return []
