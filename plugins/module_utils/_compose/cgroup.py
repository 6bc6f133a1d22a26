# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of a container as the kernel counts it, in either version of control groups."""

from __future__ import annotations

from collections.abc import Mapping

_ROOT = "/sys/fs/cgroup"


def memory_of(pid: int) -> tuple[int | None, int | None]:
    """Return the bytes that the container of the process ``pid`` uses, without what the kernel may take back at once, and
    how many of its processes were killed for want of memory; None each where nobody knows, or nothing runs (``pid`` is 0).

    https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.current, memory.stat, memory.events), and for version 1
    https://docs.kernel.org/admin-guide/cgroup-v1/memory.html (memory.usage_in_bytes, memory.oom_control).
    """
    if not pid:
        return None, None
    groups = groups_of(_read(f"/proc/{pid}/cgroup"))
    if "memory" in groups:
        folder = f"{_ROOT}/memory{groups['memory']}"
        used, kills, cache = "memory.usage_in_bytes", "memory.oom_control", "total_inactive_file"
    elif "" in groups:
        folder = f"{_ROOT}{groups['']}"
        used, kills, cache = "memory.current", "memory.events", "inactive_file"
    else:
        return None, None
    taken = _read(f"{folder}/{used}").strip()
    spare = numbers_of(_read(f"{folder}/memory.stat")).get(cache, 0)
    return (max(int(taken) - spare, 0) if taken.isdigit() else None), numbers_of(_read(f"{folder}/{kills}")).get(
        "oom_kill"
    )


def groups_of(text: str) -> Mapping[str, str]:
    """Return the paths in ``/proc/<pid>/cgroup`` by controller; that of version 2 by the empty name. Pure.

    One that leads out of what this process can see is left out.
    """
    found = {}
    for line in text.splitlines():
        _number, controllers, path = line.split(":", 2)
        if ".." not in path.split("/"):
            found.update(dict.fromkeys(controllers.split(","), path.rstrip("/")))
    return found


def numbers_of(text: str) -> dict[str, int]:
    """Return the numbers in lines such as ``oom_kill 2``. Pure."""
    words = [line.split() for line in text.splitlines()]
    return {each[0]: int(each[1]) for each in words if len(each) == 2 and each[1].isdigit()}


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
