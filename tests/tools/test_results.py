# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part passes only when everything in it ran and passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tools import parts
from tests.tools.parts import Part
from tests.tools.results import UNAVAILABLE, Result, judge
from tests.tools.summary import summary

CHECKS = Part("lint", (("one",), ("two",)))
TESTS = Part("units", (("pytest",),), counts_tests=True)

PASSED = "<testcase name='works'/>"
FAILED = "<testcase name='breaks'><failure message='no'/></testcase>"
ERROR = "<testcase name='cannot start'><error message='no'/></testcase>"
SKIPPED = "<testcase name='waits'><skipped message='no server'/></testcase>"


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep logs and reports in a folder of the test's own."""
    monkeypatch.setattr(parts, "LOGS", tmp_path)
    return tmp_path


def report(*cases: str, note: str = "") -> None:
    properties = f"<properties><property name='note' value='{note}'/></properties>"
    TESTS.report.write_text(f"<testsuites><testsuite>{properties}{''.join(cases)}</testsuite></testsuites>")


@pytest.mark.parametrize(
    ("codes", "passed", "failed"),
    [
        pytest.param([0, 0], 2, 0, id="all commands pass"),
        pytest.param([1, 0], 1, 1, id="the first command fails"),
        pytest.param([0, -9], 1, 1, id="a command is killed"),
        pytest.param([0], 1, 1, id="the second command was never run"),
        pytest.param([], 0, 2, id="none was run"),
    ],
)
def test_each_command_counts_as_one_test(codes: list[int], passed: int, failed: int) -> None:
    assert judge(CHECKS, codes) == Result("lint", passed, failed)


@pytest.mark.parametrize(
    ("cases", "codes", "passed", "failed", "missing"),
    [
        pytest.param([PASSED, PASSED], [0], 2, 0, (), id="all pass"),
        pytest.param([PASSED, FAILED, ERROR], [1], 1, 2, (), id="some fail"),
        pytest.param([PASSED, FAILED], [0], 1, 1, (), id="some fail behind a good exit code"),
        pytest.param([PASSED], [1], 1, 1, (), id="all pass but the command fails, as with too little coverage"),
        pytest.param([PASSED], [], 1, 1, (), id="it took too long"),
        pytest.param([], [0], 0, 1, (), id="no test ran"),
        pytest.param([PASSED, SKIPPED], [0], 1, 0, ("units: waits: no server",), id="one is skipped"),
        pytest.param([SKIPPED], [0], 0, 0, ("units: waits: no server",), id="all are skipped"),
        pytest.param([SKIPPED], [1], 0, 1, ("units: waits: no server",), id="one is skipped and the command fails"),
    ],
)
def test_tests_are_counted_from_the_report(
    cases: list[str], codes: list[int], passed: int, failed: int, missing: tuple[str, ...]
) -> None:
    report(*cases)
    result = judge(TESTS, codes)
    assert (result.passed, result.failed, result.missing) == (passed, failed, missing)


@pytest.mark.parametrize("text", [None, "<testsuites><test"], ids=["absent", "cut off"])
def test_a_part_without_a_whole_report_fails(text: str | None) -> None:
    if text is not None:
        TESTS.report.write_text(text)
    assert judge(TESTS, [0]).failed == 1


def test_what_the_machine_cannot_give_is_missing_with_its_reason() -> None:
    CHECKS.log.write_text("trying\nno network\n\n")
    result = judge(CHECKS, [0, UNAVAILABLE])
    assert (result.verdict, result.passed, result.missing) == ("missing", 1, ("lint: no network",))


def test_a_note_of_the_report_is_kept() -> None:
    report(PASSED, note="no Python 3.14")
    assert judge(TESTS, [0]).notes == ("units: no Python 3.14",)


def test_summary_ends_with_the_number_of_tests() -> None:
    text = summary([Result("lint", 7, 0), Result("units", 200, 1)], strict=False)
    assert text.splitlines()[-1] == "207 passed, 1 failed"


@pytest.mark.parametrize(
    ("strict", "last"), [(False, "7 passed, 0 failed, 1 skipped"), (True, "7 passed, 1 failed")], ids=["by hand", "CI"]
)
def test_what_is_missing_is_named_and_fails_in_ci(strict: bool, last: str) -> None:
    lines = summary([Result("n8n", 7, 0, missing=("n8n: no network",))], strict).splitlines()
    assert lines[-2:] == ["Could not be had: n8n: no network", last]
