# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts run beside one another, each as far as it may disturb the others."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.tools import parts
from tests.tools.parts import ALL_PARTS, PARTS, Part
from tests.tools.run import _SLOTS, Runner, main

NICE = ("nice",)


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep logs in a folder of the test's own."""
    monkeypatch.setattr(parts, "LOGS", tmp_path)
    return tmp_path


def run(*given: Part) -> list[str]:
    """Run the parts, which have to pass, and return the last line that each wrote."""
    results = asyncio.run(Runner(given, live=False).run())
    assert [each.verdict for each in results] == ["passed"] * len(given)
    return [part.log.read_text(encoding="utf-8").splitlines()[-1] for part in given]


def test_a_part_yields_the_processor_as_far_as_it_is_to() -> None:
    assert run(Part("first", (NICE,), niceness=0), Part("other", (NICE,))) == [str(os.nice(0)), "19"]


def test_where_each_command_needs_the_one_before_the_first_failure_is_the_end(logs: Path) -> None:
    part = Part("bed", (("false",), ("touch", f"{logs}/tested")), counts_tests=True, in_turn=True)
    (result,) = asyncio.run(Runner([part], live=False).run())
    assert (result.verdict, result.passed, result.failed) == ("failed", 0, 1)
    assert not (logs / "tested").exists()


def test_a_part_waits_for_those_that_are_run_and_not_for_others(logs: Path) -> None:
    first = Part("first", (("sh", "-c", f"sleep 0.2; touch {logs}/done"),))
    second = Part("second", (("sh", "-c", f"ls {logs}/done"),), after=("first", "absent"))
    assert run(second, first)[0] == f"{logs}/done"


def test_a_part_without_a_slot_waits_for_no_slot(logs: Path) -> None:
    waiting = ("sh", "-c", f"until test -e {logs}/free; do sleep 0.02; done")
    run(
        *(Part(f"held {number}", (waiting,)) for number in range(_SLOTS)),
        Part("freeing", (("touch", f"{logs}/free"),), slotless=True),
    )


def test_what_counts_failed_requests_runs_beside_e2e_alone() -> None:
    counting = next(part for part in ALL_PARTS if part.name == "integration")
    assert {part.name for part in ALL_PARTS} - {*counting.after} == {counting.name, "e2e"}


def test_without_being_asked_for_nothing_needs_root() -> None:
    assert [part.name for part in ALL_PARTS if part not in PARTS] == ["e2e"]


def test_a_part_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["unit"])
    assert "no such part: unit" in capsys.readouterr().err
