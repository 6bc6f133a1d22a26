# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A calendar of systemd becomes a rule that names the same times, and that AWX takes; the rest is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.calendar import five_fields
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.rrule import check_rrule, rrule_from
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields
from dateutil.rrule import rruleset, rrulestr

from tests.support.awx_checks import check_rrule as awx_check

SAME = {
    "daily": "20260101T000000 RRULE:FREQ=DAILY;INTERVAL=1",
    "Hourly": "20260101T000000 RRULE:FREQ=HOURLY;INTERVAL=1",
    "minutely": "20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=1",
    "weekly": "20260105T000000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO",
    "monthly": "20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1",
    "quarterly": "20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTH=1,4,7,10;BYMONTHDAY=1",
    "yearly": "20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTH=1;BYMONTHDAY=1",
    "*-*-* 03:30:00": "20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1",
    "03:30": "20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1",
    "*-*-* *:00/5:00": "20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=5",
    "*:05/15": "20260101T000500 RRULE:FREQ=MINUTELY;INTERVAL=15",
    "*:0/7": "20260101T000000 RRULE:FREQ=HOURLY;INTERVAL=1;BYMINUTE=0,7,14,21,28,35,42,49,56",
    "*:17": "20260101T001700 RRULE:FREQ=HOURLY;INTERVAL=1",
    "*-*-* 00/6:15": "20260101T001500 RRULE:FREQ=DAILY;INTERVAL=1;BYHOUR=0,6,12,18;BYMINUTE=15",
    "08..10:00": "20260101T080000 RRULE:FREQ=DAILY;INTERVAL=1;BYHOUR=8,9,10;BYMINUTE=0",
    "Sun *-*-* 02:00:00": "20260104T020000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
    "Mon..Fri 08:00": "20260101T080000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR",
    "Sat..Sun 08:00": "20260103T080000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,SU",
    "Mon *:0/30": "20260105T000000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;"
    "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYMINUTE=0,30",
    "*-*-01 01:00:00": "20260101T010000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1",
    "*-*-1,15": "20260101T000000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1,15",
    "*-*-31 05:00": "20260131T050000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=31",
    "*-02-29 01:00": "20280229T010000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=29",
    "*-06-* 01:00": "20260601T010000 RRULE:FREQ=DAILY;INTERVAL=1;BYMONTH=6",
    "Mon *-06-* 01:00": "20260601T010000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYMONTH=6;BYDAY=MO",
    # Both are to hold, which cron cannot say: Friday, the 13th.
    "Fri *-*-13 03:30": "20260213T033000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=13;BYDAY=FR",
    # The first Sunday of a month.
    "Sun *-*-1..7 03:30": "20260104T033000 RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU",
}


def read(rule: str) -> rruleset:
    """As AWX does (Schedule.rrulestr of awx/main/models/schedules.py)."""
    found = rrulestr(rule, forceset=True)
    assert isinstance(found, rruleset)
    return found


@pytest.mark.parametrize(("calendar", "rule"), SAME.items(), ids=SAME)
def test_a_calendar_as_a_rule(calendar: str, rule: str) -> None:
    assert rrule_from(calendar) == f"DTSTART;TZID=UTC:{rule}"


@pytest.mark.parametrize("calendar", SAME, ids=SAME)
def test_awx_takes_it(calendar: str) -> None:
    rule = rrule_from(calendar, "America/Mexico_City")
    check_rrule(rule)
    awx_check(rule)


@pytest.mark.parametrize("calendar", SAME, ids=SAME)
def test_it_names_the_times_of_the_calendar_and_no_other(calendar: str) -> None:
    minutes, hours, days, months, weekdays = fields(five_fields(calendar))
    begin = datetime(2026, 1, 1)
    # Day by day over three years; where it is many times a day, over two months.
    end = begin + timedelta(days=3 * 365 if len(hours) * len(minutes) < 5 else 62)
    wanted = [
        (begin + timedelta(days=day)).replace(hour=hour, minute=minute)
        for day in range((end - begin).days)
        for hour in sorted(hours)
        for minute in sorted(minutes)
    ]
    wanted = [
        each for each in wanted if each.day in days and each.month in months and (each.weekday() + 1) % 7 in weekdays
    ]
    rule = read(rrule_from(calendar))
    found = rule.between(begin.replace(tzinfo=UTC) - timedelta(minutes=1), end.replace(tzinfo=UTC))
    found = [each.replace(tzinfo=None) for each in found if each.replace(tzinfo=None) < end]
    assert found == wanted
    assert wanted
    assert rule[0].replace(tzinfo=None) == wanted[0]


def test_it_keeps_the_hour_of_its_time_zone_over_the_summer() -> None:
    rule = read(rrule_from("03:30", "Europe/Madrid"))
    madrid = ZoneInfo("Europe/Madrid")
    found = rule.between(datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert {each.astimezone(madrid).strftime("%H:%M") for each in found} == {"03:30"}
    assert {after - before for before, after in pairwise(found)} == {timedelta(days=1)}


@pytest.mark.parametrize(
    ("calendar", "why"),
    [
        ("*:*:0/5", "not of the form"),
        ("2026-11-24 03:30", "names a year"),
        ("*-*~01 03:30", "not of the form"),
        ("*-02-30 03:30", "never comes"),
        ("25:00", "not within"),
        ("now and then", "not of the form"),
        ("", "not of the form"),
    ],
)
def test_what_cannot_be_said(calendar: str, why: str) -> None:
    with pytest.raises(RefusedError, match=f"cannot be said as a rule.*{why}.*`rrule`"):
        rrule_from(calendar)


@pytest.mark.parametrize("zone", ["America/Mexico City", "Mexico:City", "03:00", "a;b"])
def test_a_time_zone_that_is_none(zone: str) -> None:
    with pytest.raises(RefusedError, match="schedule_time_zone"):
        rrule_from("daily", zone)


BEGIN = "DTSTART;TZID=UTC:20260101T033000"
GOOD = [
    f"{BEGIN} RRULE:FREQ=DAILY;INTERVAL=1",
    "DTSTART:20260101T033000Z RRULE:INTERVAL=2;FREQ=DAILY;COUNT=999",
    f"{BEGIN} RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=SU;BYSETPOS=1 EXRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=12",
    f"{BEGIN}\nRRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20300101T000000Z",
]
BAD = {
    "": "DTSTART",
    "RRULE:FREQ=DAILY;INTERVAL=1": "DTSTART",
    "DTSTART:20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1": "time zone",
    "DTSTART;TZID=UTC:20260101T033000Z RRULE:FREQ=DAILY;INTERVAL=1": "time zone",
    "DTSTART:NONSENSE RRULE:FREQ=DAILY;INTERVAL=1": "time zone",
    f"{BEGIN} {BEGIN} RRULE:FREQ=DAILY;INTERVAL=1": "one DTSTART",
    BEGIN: "INTERVAL",
    f"{BEGIN} RRULE:FREQ=DAILY": "INTERVAL",
    f"{BEGIN} RRULE:FREQ=DAILY;INTERVAL=1 EXRULE:FREQ=WEEKLY;BYDAY=SU": "INTERVAL",
    f"{BEGIN} RRULE:FREQ=SECONDLY;INTERVAL=5": "SECONDLY",
    f"{BEGIN} RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1SU": "before a weekday",
    f"{BEGIN} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000": "COUNT above 999",
    f"{BEGIN} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5;UNTIL=20300101T000000Z": "COUNT and UNTIL",
    f"{BEGIN} RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20260102T033000Z": "EXDATE",
}


@pytest.mark.parametrize("rule", GOOD)
def test_a_rule_by_hand_that_awx_takes(rule: str) -> None:
    check_rrule(rule)


@pytest.mark.parametrize(("rule", "why"), BAD.items(), ids=BAD)
def test_a_rule_by_hand_that_awx_refuses(rule: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_rrule(rule)
