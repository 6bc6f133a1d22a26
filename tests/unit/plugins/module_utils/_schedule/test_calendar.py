# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What systemd and cron both can say is said by both alike; the rest is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.calendar import cron_from
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields, last_due, wall_clock

SAME = {
    "daily": "0 0 * * *",
    "Weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "*-*-* 03:30:00": "30 3 * * *",
    "03:30": "30 3 * * *",
    "*-*-* *:0/5:00": "*/5 * * * *",
    "*:05/15": "5-59/15 * * * *",
    "*-*-* 00/6:15": "15 */6 * * *",
    "08..18:00": "0 8-18 * * *",
    "Sun *-*-* 05:00": "0 5 * * 0",
    "Mon..Fri 08:00": "0 8 * * 1-5",
    "Sat..Sun 08:00": "0 8 * * 6-7",
    "Mon,Thursday *-*-* 08,20:00": "0 8,20 * * 1,4",
    "*-*-01 01:00:00": "0 1 1 * *",
    "*-02-28 01:00:00": "0 1 28 2 *",
    "*-*-1,15": "0 0 1,15 * *",
}


@pytest.mark.parametrize(("calendar", "cron"), SAME.items(), ids=SAME)
def test_a_calendar_that_cron_can_say(calendar: str, cron: str) -> None:
    assert cron_from(calendar) == cron


@pytest.mark.parametrize(
    "calendar",
    [
        "*:*:0/5",
        "2026-11-24 03:30",
        "Mon *-*-01 03:30",
        "*-*~01 03:30",
        "25:00",
        "mån 08:00",
        "now and then",
        "",
        "Mo 03:30",
    ],
)
def test_one_that_it_cannot(calendar: str) -> None:
    with pytest.raises(RefusedError, match="late_after"):
        cron_from(calendar)


@pytest.mark.parametrize(
    "line", ["", "* * * *", "60 * * * *", "* * 0 * *", "* * * * mon", "5-1 * * * *", "*/0 * * * *"]
)
def test_five_fields_that_are_none(line: str) -> None:
    with pytest.raises(ValueError, match=r"\d|mon"):
        fields(line)


# The last time up to Tuesday, the 24th of November 2026, 10:30.
DUE = {
    "* * * * *": "2026-11-24T10:30",
    "31 * * * *": "2026-11-24T09:31",
    "30 3 * * *": "2026-11-24T03:30",
    "0 11 * * *": "2026-11-23T11:00",
    "0 5 * * 0": "2026-11-22T05:00",
    "0 5 * * 7": "2026-11-22T05:00",
    "0 1 1 * *": "2026-11-01T01:00",
    "0 0 29 2 *": "2024-02-29T00:00",
    "0 0 13 * 5": "2026-11-20T00:00",
    "*/20 8-9 * * 1-5": "2026-11-24T09:40",
}


@pytest.mark.parametrize(("line", "due"), DUE.items(), ids=DUE)
def test_when_it_was_last_due(line: str, due: str) -> None:
    assert last_due(line, datetime(2026, 11, 24, 10, 30)) == datetime.fromisoformat(due)


def test_a_day_that_never_comes_was_never_due() -> None:
    assert last_due("0 0 31 2 *", datetime(2026, 11, 24)) is None


def test_a_wall_clock_elsewhere() -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert wall_clock(noon, "America/Mexico_City").hour == 6
