# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the test run prints at its end."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.tools.results import Result

_TAIL_LINES = 60


def log_tail(log: Path) -> str:
    """Return the last lines of ``log``, under its name."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(["", f"--- the end of {os.path.relpath(log)}", *lines[-_TAIL_LINES:]])


def summary(results: Sequence[Result], strict: bool) -> str:
    """Return a table of ``results``, what was missing and noted, and as the last line the number of tests.

    What was missing counts as failed when ``strict``, else as skipped.
    """
    lines = ["", f"{'part':12} {'result':8} {'passed':>6} {'failed':>6} {'missing':>7} {'seconds':>8}"]
    lines += [
        f"{one.part:12} {one.verdict:8} {one.passed:6} {one.failed:6} {len(one.missing):7} {one.seconds:8.1f}"
        for one in results
    ]
    lines.append("")
    lines += [f"Note: {note}" for one in results for note in one.notes]
    missing = [f"Could not be had: {reason}" for one in results for reason in one.missing]
    lines += missing
    passed = sum(one.passed for one in results)
    failed = sum(one.failed for one in results) + (len(missing) if strict else 0)
    skipped = f", {len(missing)} skipped" if missing and not strict else ""
    lines.append(f"{passed} passed, {failed} failed{skipped}")
    return "\n".join(lines)
