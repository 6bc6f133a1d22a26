# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host itself, as the kernel tells of it in /proc: load, memory, swap, and processes killed for want of memory."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

_PAUSE = 0.5  # seconds between two looks at the processors


def look_at_server() -> dict[str, Any]:
    """Return the facts of the host."""
    before = _read("stat")
    time.sleep(_PAUSE)
    after = _read("stat")
    return {
        "cores": os.cpu_count() or 1,
        "uptime_seconds": round(float(_read("uptime").split()[0])),
        "load": [float(each) for each in _read("loadavg").split()[:3]],
        "cpu_percent": busy_percent(before, after),
        **memory_of(numbers_of(_read("meminfo"))),
        # Linux 4.13 and newer; in a container, too, it is that of the whole kernel.
        "oom_kills_since_boot": numbers_of(_read("vmstat")).get("oom_kill"),
    }


def numbers_of(text: str) -> dict[str, int]:
    """Return the numbers in lines such as ``MemTotal:  16284 kB`` or ``oom_kill 0``. Pure."""
    words = [line.replace(":", " ").split() for line in text.splitlines()]
    return {each[0]: int(each[1]) for each in words if len(each) > 1 and each[1].isdigit()}


def memory_of(kilobytes: Mapping[str, int]) -> dict[str, Any]:
    """Return how much memory and swap there is and is used; see proc_meminfo(5). Pure."""
    total, available = kilobytes["MemTotal"], kilobytes["MemAvailable"]
    swap, free = kilobytes.get("SwapTotal", 0), kilobytes.get("SwapFree", 0)
    return {
        "memory_bytes": total * 1024,
        "memory_available_bytes": available * 1024,
        "memory_percent": round(100 * (total - available) / total, 2),
        "swap_bytes": swap * 1024,
        "swap_percent": round(100 * (swap - free) / swap, 2) if swap else 0.0,
    }


def busy_percent(before: str, after: str) -> float | None:
    """Return how busy all processors were between two readings of ``/proc/stat``; None if no time has passed. Pure."""
    one, two = ([int(each) for each in text.split("\n", 1)[0].split()[1:9]] for text in (before, after))
    spent = [new - old for old, new in zip(one, two)]
    total = sum(spent)
    # user, nice, system, idle, iowait, irq, softirq, steal
    return round(100 * (total - spent[3] - spent[4]) / total, 2) if total > 0 else None


def _read(name: str) -> str:
    with open(f"/proc/{name}", encoding="ascii", errors="replace") as stream:
        return stream.read()
