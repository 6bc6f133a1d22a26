# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's clock: whether the kernel takes it for synchronised, and who keeps it so."""

from __future__ import annotations

import ctypes
import subprocess
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso

#: The services of Debian and Ubuntu that keep the clock.
SERVICES = ("chrony", "chronyd", "systemd-timesyncd", "ntpsec", "ntp", "openntpd")
_TIME_ERROR = 5
_PATIENCE = 5.0


class _Timex(ctypes.Structure):
    """``struct timex`` of adjtimex(2), as far as we read it; the rest is room."""

    _fields_ = [
        *(("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long), ("maxerror", ctypes.c_long)),
        *(("esterror", ctypes.c_long), ("status", ctypes.c_int), ("rest", ctypes.c_char * 256)),
    ]


def look_at_clock() -> dict[str, Any]:
    """Return what the kernel says of the clock, and which of SERVICES run; ``ntp`` is None where nobody can tell."""
    state = _Timex()
    answer = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state))
    return {
        "now": to_iso(now()),
        # Whoever disciplines the clock tells the kernel, chrony as well as systemd-timesyncd.
        "synchronised": None if answer < 0 else answer != _TIME_ERROR,
        "error_seconds": round(state.maxerror / 1e6, 3),
        **_services(),
    }


def _services() -> dict[str, Any]:
    try:
        program = find_program("systemctl")
    except ToolError as error:
        return {"ntp": None, "ntp_problem": error.message}
    # Whether it says yes or no is what is asked.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        [program, "is-active", *(f"{each}.service" for each in SERVICES)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=_PATIENCE,
        check=False,  # it fails already if one of them does not run
    )
    states = done.stdout.split("\n")
    if len(states) < len(SERVICES):
        return {"ntp": None, "ntp_problem": done.stdout.strip()}
    return {"ntp": [name for name, state in zip(SERVICES, states) if state == "active"], "ntp_problem": None}
