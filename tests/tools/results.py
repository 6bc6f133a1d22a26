# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of the test run came to, judged by its exit codes and by the report that it left."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.tools.parts import Part

# A command ends with this code, and the reason as its last line, when the machine can't give what it needs.
UNAVAILABLE = os.EX_UNAVAILABLE


@dataclass(frozen=True)
class Result:
    """The outcome of one part: how many tests passed and failed, what could not be had, what else to know."""

    part: str
    passed: int
    failed: int
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """One word for people."""
        if self.failed:
            return "failed"
        return "missing" if self.missing else "passed"


def judge(part: Part, codes: Sequence[int]) -> Result:
    """Return the result of ``part``, whose commands ended with ``codes``: fewer than its commands if it was cut off.

    A part passes only if each command ran and ended with 0, and, if it counts tests, at least one test passed and
    none was skipped.
    """
    unavailable = codes.count(UNAVAILABLE)
    broken = len(part.commands) - codes.count(0) - unavailable
    missing = (f"{part.name}: {_last_line(part.log)}",) * bool(unavailable)
    if not part.counts_tests:
        return Result(part.name, codes.count(0), broken, missing)
    tests = _read_report(part)
    if tests.failed or (broken == 0 and tests.passed):
        return Result(part.name, tests.passed, tests.failed, missing + tests.missing, tests.notes)
    # It broke, or tested nothing, beside its tests: an error while collecting, coverage below the limit, a time-out.
    failed = 1 if broken or not (missing or tests.missing) else 0
    return Result(part.name, tests.passed, failed, missing + tests.missing, tests.notes)


def _read_report(part: Part) -> Result:
    """Count the tests in the JUnit report of ``part``; all zero if it was cut off before it wrote one."""
    try:
        root = ElementTree.parse(part.report).getroot()
    except (FileNotFoundError, ElementTree.ParseError):
        return Result(part.name, 0, 0)
    passed = failed = 0
    missing = []
    for case in root.iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif skipped is not None:
            missing.append(f"{part.name}: {case.get('name')}: {skipped.get('message') or skipped.text or 'skipped'}")
        else:
            passed += 1
    notes = tuple(f"{part.name}: {entry.get('value')}" for entry in root.iterfind(".//property[@name='note']"))
    return Result(part.name, passed, failed, tuple(missing), notes)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "no reason given")
