# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be restarted after an upgrade, and whether the host itself."""

from __future__ import annotations

import os
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._apt.outputs import Restarts, parse_needrestart
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

# Ubuntu's update-notifier-common writes them, and on Debian unattended-upgrades; without those nobody does.
_REQUIRED = ("/run/reboot-required", "/var/run/reboot-required")
_STALE_KERNELS = ("compatible_upgrade", "upgrade")


def look_at_restarts() -> dict[str, Any]:
    """Ask needrestart and the files of the distribution, and return the module's result.

    :raises ToolError: if needrestart is missing, or cannot be understood.
    """
    told = run_command(Command((find_program("needrestart"), "-b", "-r", "l"), env={"LC_ALL": "C"}))
    try:
        found = parse_needrestart(told)
    except ValueError as error:
        raise ToolError(
            f"needrestart wrote something that cannot be read: {error}. Try needrestart -b by hand."
        ) from error
    return describe(found, *required_by(_REQUIRED))


def required_by(paths: tuple[str, ...]) -> tuple[bool, list[str]]:
    """Return whether one of the files says that the host has to be rebooted, and the packages beside it."""
    for path in paths:
        if os.path.exists(path):
            packages: list[str] = []
            if os.path.exists(f"{path}.pkgs"):
                with open(f"{path}.pkgs", encoding="utf-8") as stream:
                    packages = sorted({line.strip() for line in stream if line.strip()})
            return True, packages
    return False, []


def describe(found: Restarts, required: bool, packages: list[str]) -> dict[str, Any]:
    """Return the module's result. Pure."""
    reasons = list(packages) or (["reboot-required"] if required else [])
    if found.kernel in _STALE_KERNELS:
        reasons.append(f"kernel {found.running_kernel} -> {found.expected_kernel}")
    return {
        "services": list(found.services),
        "kernel": {"status": found.kernel, "running": found.running_kernel, "expected": found.expected_kernel or None},
        "reboot_required": bool(reasons),
        "reboot_reasons": reasons,
    }
