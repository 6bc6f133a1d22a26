# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsals so far: which records count, and how the report shows them."""

from __future__ import annotations

import json
import pathlib
import re
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.plugins.loader import lookup_loader
from ansible_collections.chatbot.ops.plugins.module_utils._report.history import history_row, read_history
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import page_values

from tests.unit.plugins.module_utils._report.rehearsals import differing, record, render
from tests.unit.plugins.module_utils._report.test_template import Outline

STACK = "lottery-chatbot"


def keep(folder: pathlib.Path, day: int, given: Any, stack: str = STACK) -> None:
    path = folder / f"rehearsal-{stack}-2026-11-{day:02d}T031522.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given))


def of_day(day: int, **more: Any) -> dict[str, Any]:
    return {**record(**more), "ended": f"2026-11-{day:02d}T03:15:22Z"}


def days(rows: list[dict[str, Any]]) -> list[int]:
    return [int(each["ended"][8:10]) for each in rows]


def test_a_row_tells_what_was_measured() -> None:
    row = history_row(record())
    assert {name: row[name] for name in ("mode", "state", "rto_seconds", "rpo_seconds", "met")} == {
        "mode": "disaster",
        "state": "proven",
        "rto_seconds": 8.0,
        "rpo_seconds": 13.5,
        "met": True,
    }
    assert row["phases"] == {"backup": 5.0, "verify": 9.0, "disaster": 1.0, "restore": 7.0}
    assert (row["rto_objective_seconds"], row["rpo_objective_seconds"]) == (1800, 86400)


@pytest.mark.parametrize(
    ("given", "met"),
    [
        pytest.param(record(objectives={"rto": "", "rpo": ""}), None, id="nothing was asked for"),
        pytest.param(record(objectives={"rto": "1s", "rpo": ""}), False, id="too slow"),
        pytest.param(record(objectives={"rto": "", "rpo": "1s"}), False, id="too old"),
        pytest.param(differing(), False, id="not recovered"),
    ],
)
def test_objectives_are_met_only_if_everything_came_back_in_time(given: dict[str, Any], met: bool | None) -> None:
    assert history_row(given)["met"] is met


def test_the_newest_are_read_and_those_of_this_stack_alone(tmp_path: pathlib.Path) -> None:
    for day in (3, 1, 2, 4):
        keep(tmp_path, day, of_day(day))
    keep(tmp_path, 9, of_day(9), f"{STACK}-test")
    (tmp_path / f"rehearsal-{STACK}-2026-11-08T031522.html").write_text("")
    assert days(read_history(str(tmp_path), STACK, 24, pytest.fail)) == [1, 2, 3, 4]
    assert days(read_history(str(tmp_path), STACK, 2, pytest.fail)) == [3, 4]
    assert read_history(str(tmp_path / "nowhere"), STACK, 2, pytest.fail) == []


def test_a_record_that_makes_no_sense_is_left_out_and_told(tmp_path: pathlib.Path) -> None:
    keep(tmp_path, 1, of_day(1))
    keep(tmp_path, 2, "{")
    keep(tmp_path, 3, {**of_day(3), "format": 99})
    keep(tmp_path, 4, of_day(4))
    told: list[str] = []
    assert days(read_history(str(tmp_path), STACK, 2, told.append)) == [1, 4]
    assert [re.search(r"2026-11-\d\d", each)[0] for each in told] == ["2026-11-03", "2026-11-02"]  # type: ignore[index]


def test_the_lookup_returns_them(tmp_path: pathlib.Path) -> None:
    keep(tmp_path, 1, of_day(1))
    lookup = lookup_loader.get("chatbot.ops.rehearsal_history")
    assert lookup.run([str(tmp_path)], stack=STACK) == [history_row(of_day(1))]
    with pytest.raises(AnsibleLookupError, match="limit is 0"):
        lookup.run([str(tmp_path)], stack=STACK, limit=0)


def history(*seconds: float | None, objective: float | None = 20.0) -> list[dict[str, Any]]:
    rows = []
    for day, rto in enumerate(seconds, start=1):
        row = {**history_row(of_day(day)), "rto_seconds": rto, "rto_objective_seconds": objective}
        met = rto is not None and (objective is None or rto <= objective)
        rows.append({**row, "met": met, "state": "proven" if rto is not None else "failed"})
    return rows


def test_columns_are_to_scale() -> None:
    past = page_values(record(), history(5.0, 10.0, None, 40.0))["past"]
    assert [each["height"] for each in past["columns"]] == ["15.00", "30.00", "120.00", "120.00"]
    assert [each["kind"] for each in past["columns"]] == ["good", "good", "vain", "bad"]
    assert past["objective"] == "60.00"
    assert [each["outcome"] for each in past["rows"]] == ["missed", "not recovered", "met", "met"]


def test_an_objective_far_above_is_told_and_not_drawn() -> None:
    past = page_values(record(), history(5.0, 10.0, objective=1800.0))["past"]
    assert (past["objective"], "30 min, is far above" in past["caption"].replace("\u00a0", " ")) == ("", True)
    assert page_values(record(), history(5.0, 10.0, objective=None))["past"]["objective"] == ""


def test_one_rehearsal_is_no_history() -> None:
    assert page_values(record(), history(5.0))["past"] is None
    assert '<svg class="progress"' not in render(record(), history(5.0))


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_report_shows_them(language: str) -> None:
    html = render({**record(), "language": language}, history(5.0, None, 40.0))
    outline = Outline(html)
    assert outline.open == []
    assert [tag for tag, _attributes in outline.elements].count("rect") == 3
    assert "2026-11-03" in html
