# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check results and the limits they are judged by."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, check_from, limit_from, worst


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        pytest.param(["ok", "warning", "unknown", "critical"], "critical", id="critical is the worst"),
        pytest.param(["warning", "unknown", "ok"], "unknown", id="what nobody knows is worse than a warning"),
        pytest.param(["ok", "ok"], "ok", id="all is well"),
        pytest.param([], "unknown", id="of nothing, nobody knows"),
    ],
)
def test_the_worst_state_is_that_of_all(statuses: list[str], expected: str) -> None:
    assert worst(statuses) == expected


@pytest.mark.parametrize(
    ("limit", "value", "expected"),
    [
        pytest.param(Limit(10, 20), 9.9, "ok", id="below"),
        pytest.param(Limit(10, 20), 10, "warning", id="at the limit"),
        pytest.param(Limit(10, 20), 20, "critical", id="at the second limit"),
        pytest.param(Limit(), 1e9, "ok", id="no limit"),
        pytest.param(Limit(critical=5), 5, "critical", id="one limit"),
        pytest.param(Limit(21, 7, falling=True), 22, "ok", id="many days left"),
        pytest.param(Limit(21, 7, falling=True), 21, "warning", id="few days left"),
        pytest.param(Limit(21, 7, falling=True), 0, "critical", id="none left"),
    ],
)
def test_a_limit_judges_a_number(limit: Limit, value: float, expected: str) -> None:
    assert limit.judge(value) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"warning": 1, "critical": "2.5"}, Limit(1, 2.5), id="numbers"),
        pytest.param({"warning": -1, "critical": None}, Limit(), id="negative and null are none"),
        pytest.param({}, Limit(), id="nothing"),
    ],
)
def test_limits_are_read(given: dict[str, object], expected: Limit) -> None:
    assert limit_from(given) == expected


@pytest.mark.parametrize(
    ("given", "falling"),
    [
        pytest.param({"warning": 2, "critical": 1}, False, id="critical before a warning"),
        pytest.param({"warning": 7, "critical": 21}, True, id="falling, and critical before a warning"),
        pytest.param({"warning": "many", "critical": 1}, False, id="no number"),
    ],
)
def test_limits_that_make_no_sense_are_refused(given: dict[str, object], falling: bool) -> None:
    with pytest.raises(ValueError, match=r"limit|many"):
        limit_from(given, falling=falling)


def test_a_check_comes_back_from_its_document() -> None:
    check = Check(
        "disk.root.used", "disk", "warning", "91 % used", 91.0, "percent", 90, 95, evidence=("/",), advice="Make room."
    )
    assert check_from(check.to_document()) == check


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"status": "fine"}, id="no such status"),
        pytest.param({"id": ""}, id="without a name"),
        pytest.param({"colour": "red"}, id="with more than a check result has"),
    ],
)
def test_what_is_no_check_result_is_refused(change: dict[str, object]) -> None:
    document = {**Check("a.b", "a", "ok", "well").to_document(), **change}
    with pytest.raises(ValueError, match=r"it has|status"):
        check_from(document)
