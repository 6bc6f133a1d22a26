# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of a measurement: the limits, the table in the page, the picture."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from tests.scale.plot import svg
from tests.scale.result import Row, into_page, problems

_SMALL = Row(
    name="backup",
    hosts=10,
    forks=10,
    exit_status=0,
    changed=10,
    failed=0,
    seconds=20.0,
    cpu_seconds=10.0,
    parent_seconds=2.0,
    parent=65.0,
    forks_summed=600.0,
    together=200.0,
    requests=690,
    most_hosts=10,
    most_requests=12,
    most_in_a_second=100,
)
_LARGE = dataclasses.replace(_SMALL, hosts=1000, seconds=1900.0, cpu_seconds=1150.0, together=600.0, requests=69_000)


def test_a_fleet_that_grows_well_keeps_all_limits() -> None:
    assert list(problems([_SMALL, _LARGE])) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cpu_seconds": 1210.0}, "1.21 times the processor"),
        ({"together": 1000.0}, "1000 MiB, and 950 are allowed"),
        ({"most_hosts": 11}, "11 hosts were at the store at once"),
        ({"failed": 3}, "3 failed"),
        ({"page_seconds": 1.5}, "opens in 1.50 s"),
    ],
)
def test_what_breaks_a_limit_is_told(changes: dict[str, Any], told: str) -> None:
    (problem,) = problems([_SMALL, dataclasses.replace(_LARGE, **changes)])
    assert told in problem


def test_the_table_stands_between_its_marks_in_the_page_however_often_it_is_put_there() -> None:
    page = "Before\n<!-- measured -->\nold\n<!-- /measured -->\nAfter\n"
    once = into_page(page, [_LARGE, _SMALL], "es")
    assert into_page(once, [_LARGE, _SMALL], "es") == once
    lines = [line for line in once.splitlines() if line.startswith("| backup")]
    assert [line.split(" | ")[1:4] for line in lines] == [["10", "2.00 s", "1.00 s"], ["1,000", "1.90 s", "1.15 s"]]
    assert (once.startswith("Before\n"), once.endswith("\nAfter\n"), "old" in once) == (True, True, False)


def test_the_picture_has_a_line_and_its_points_for_each_run() -> None:
    picture = ET.fromstring(svg([_SMALL, _LARGE, dataclasses.replace(_SMALL, name="a < b")]))
    assert len(picture.findall(".//{*}polyline")) == 4  # two panels
    assert len(picture.findall(".//{*}circle")) == 6
    assert "a < b" in [text.text for text in picture.iter("{http://www.w3.org/2000/svg}text")]
