# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plots of the health report: what is drawn, where it leads, and when a disk is full."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_charts import Series, slope, thinned
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_page import health_page

from tests.unit.plugins.module_utils._report.healths import AT, check, daily, health


def drawn(
    *values: float, unit: str = "percent", check_id: str = "disk./srv.bytes", more: tuple[Check, ...] = ()
) -> Any:
    given = health(check(check_id, value=values[-1], unit=unit), *more, series={check_id: daily(*values)})
    return health_page(given).trends[0].charts[0]


def test_a_filling_disk_tells_the_day_it_is_full() -> None:
    chart = drawn(*range(60, 80))
    assert plain(chart.note) == "At this pace it is full in 21 d, about 15 Dec."
    assert plain(chart.full.label) == "full about 15 Dec"
    assert chart.ahead.endswith("L312.0 10.0")  # the corner where 100 % is
    assert plain(chart.now) == "now 79 %"


@pytest.mark.parametrize(
    ("values", "note"),
    [
        pytest.param([40] * 20, "It is not filling up.", id="as it was"),
        pytest.param(range(90, 70, -1), "It is not filling up.", id="emptying"),
        pytest.param([40 + day / 10 for day in range(20)], "At this pace it is not full within a year.", id="slowly"),
    ],
)
def test_a_disk_that_is_not_filling_up(values: list[float], note: str) -> None:
    chart = drawn(*values)
    assert (chart.note, chart.full, chart.ahead) == (note, None, "")


def test_where_a_disk_goes_is_not_told_from_hours() -> None:
    series = [(AT - timedelta(hours=2), 40.0), (AT, 60.0)]
    given = health(check("disk./.bytes", value=60.0, unit="percent"), series={"disk./.bytes": series})
    (chart,) = health_page(given).trends[0].charts
    assert (chart.note, chart.full) == ("", None)


def test_the_disks_own_check_knows_better_when_it_is_full() -> None:
    left = check("disk./srv.days_left", value=3.5, unit="days")
    assert plain(drawn(*range(60, 80), more=(left,)).note) == "At this pace it is full in 3 d 12 h, about 27 Nov."
    in_bytes = drawn(1e9, 2e9, unit="bytes", more=(left,))
    assert plain(in_bytes.note).startswith("At this pace it is full in 3 d 12 h")
    assert drawn(1e9, 2e9, unit="bytes").note == ""


def test_one_look_draws_nothing_and_says_so() -> None:
    found = health_page(health(check("disk./.bytes", value=1.0), series={"disk./.bytes": daily(1.0)}))
    assert found.trends == ()
    assert "second look" in found.trends_note


IDS = {
    "disk./var/lib/docker.bytes": ("disk", "/var/lib/docker"),
    "backup.database.s3.eu.size": ("backup_size", "database · s3 · eu"),
    "backup.n8n.local.duration": ("backup_duration", "n8n · local"),
    "logs.api.errors": ("errors", "api"),
    "n8n.failed_executions": ("errors", "n8n, executions"),
    "api.bot.latency": ("latency", "bot"),
    "database.latency": ("latency", "database"),
    "database.connect": ("latency", "database"),
    "recovery.rto": ("recovery", "RTO"),
}


@pytest.mark.parametrize(("check_id", "expected"), IDS.items())
def test_what_is_drawn(check_id: str, expected: tuple[str, str]) -> None:
    (trend,) = health_page(health(check(check_id, value=2.0), series={check_id: daily(1.0, 2.0)})).trends
    assert (trend.id, trend.charts[0].title) == expected


def test_a_drawing_stays_in_its_box_whatever_the_values() -> None:
    for values in ([0.0, 0.0], [1e18, 1.0], [-5.0, 5.0], [1e-9, 2e-9], [7.0] * 500, [0.0, 123_456.0]):
        for unit in ("", "bytes", "seconds", "percent", "days"):
            for name in ("disk./.bytes", "logs.a.errors", "api.a.latency"):
                chart = drawn(*values, unit=unit, check_id=name)
                numbers = [
                    float(each) for each in re.findall(r"-?\d+\.?\d*", f"{chart.line} {chart.area} {chart.ahead}")
                ]
                numbers += [float(each) for box in chart.bars for each in (box.x, box.y, box.width, box.height)]
                assert numbers
                assert all(0 <= each <= 320 for each in numbers), (values, unit, name)


def test_a_long_series_is_thinned_but_keeps_its_peaks_and_its_end() -> None:
    series: Series = [(AT + timedelta(minutes=each), float(each == 1234)) for each in range(5000)]
    found = thinned(series)
    assert len(found) <= 97
    assert max(value for _at, value in found) == 1.0
    assert found[-1] == series[-1]
    assert found == sorted(found)


def test_the_slope_of_a_series() -> None:
    assert slope(daily(1.0, 2.0, 3.0)) * 86_400 == pytest.approx(1.0)
    assert slope(daily(1.0)) == 0.0
    assert slope([(AT, 1.0), (AT, 2.0)]) == 0.0
