# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendars of systemd as rules of iCalendar (RFC 5545), in the form that AWX takes. Pure.

What AWX refuses of a rule is in ``validate_rrule`` of its awx/api/serializers.py (24.6.1): it wants one DTSTART with a
time zone and an INTERVAL in each rule, and takes no seconds, no number before a weekday, and no COUNT above 999.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.calendar import five_fields
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields

# Rules begin at their first time from here on. It stands still: with another one, each run would change each schedule.
_EPOCH = datetime(2026, 1, 1)
# The 29th of February on a given weekday comes once in 28 years, once in 40 around a year such as 2100.
_DAYS = 40 * 366
_WEEKDAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_ALL = tuple(map(frozenset, (range(60), range(24), range(1, 32), range(1, 13), range(7))))
_ZONE = re.compile(r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$")
_DTSTART = re.compile(r"DTSTART(?:;[^:\s]+)?:\S*")
_AWX_DTSTART = re.compile(r"DTSTART(;TZID=[^:\s]+:[0-9]{8}T[0-9]{6}|:[0-9]{8}T[0-9]{6}Z)$")
_REFUSED = {
    r"FREQ=SECONDLY": "SECONDLY",
    r"BYDAY=[^;]*[0-9]": "a number before a weekday (BYDAY)",
    r"COUNT=[0-9]{4}": "a COUNT above 999",
    r"COUNT=.*UNTIL=|UNTIL=.*COUNT=": "COUNT and UNTIL in one rule",
}


def rrule_from(calendar: str, time_zone: str = "") -> str:
    """Return the rule that names the times of ``calendar``, on the clocks of ``time_zone``; empty, UTC, as AWX's own.

    :raises RefusedError: if no rule that AWX takes can say the same, or ``calendar`` is none that is understood here.
    """
    zone = time_zone or "UTC"
    if not _ZONE.match(zone):
        raise RefusedError(f"{zone!r} is no time zone. Set schedule_time_zone to one such as America/Mexico_City.")
    try:
        times = fields(five_fields(calendar))
        begin = _first(times)
    except ValueError as error:
        raise RefusedError(
            f"The calendar {calendar!r} cannot be said as a rule of iCalendar: {error}. "
            "Give the job its own rule as `rrule`, such as "
            "`DTSTART;TZID=UTC:20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1`."
        ) from error
    return f"DTSTART;TZID={zone}:{begin:%Y%m%dT%H%M%S} RRULE:{_rule(times)}"


def check_rrule(rule: str) -> None:
    """See that ``rule``, written by hand, has what AWX asks for, and nothing that it refuses.

    :raises ValueError: saying what is missing or refused.
    """
    begins = _DTSTART.findall(rule)
    if len(begins) != 1 or not _AWX_DTSTART.match(begins[0]):
        raise ValueError("AWX wants one DTSTART with a time zone, such as DTSTART;TZID=UTC:20260101T033000")
    if re.search(r"(EX|R)DATE", rule):
        raise ValueError("AWX takes no EXDATE and no RDATE")
    rules = re.findall(r"(?:^|\s)(?:EX|R)RULE:(\S*)", rule)
    if not rules or not all(re.search(r"(^|;)INTERVAL=[0-9]+(;|$)", each) for each in rules):
        raise ValueError("AWX wants an INTERVAL in each RRULE, such as RRULE:FREQ=DAILY;INTERVAL=1")
    for pattern, what in _REFUSED.items():
        if any(re.search(pattern, each) for each in rules):
            raise ValueError(f"AWX does not take {what}")


def _first(times: Sequence[Collection[int]]) -> datetime:
    """Return the first of ``times`` from the epoch on; :raises ValueError: if there is none."""
    minutes, hours, days, months, weekdays = times
    for number in range(_DAYS):
        day = _EPOCH + timedelta(days=number)
        if day.day in days and day.month in months and day.isoweekday() % 7 in weekdays:
            return day.replace(hour=min(hours), minute=min(minutes))
    raise ValueError("such a day never comes")


def _rule(times: Sequence[Collection[int]]) -> str:
    minutes, hours, days, months, weekdays = times
    _minute, every_hour, every_day, every_month, every_weekday = (set(each) == full for each, full in zip(times, _ALL))
    on = []
    if not every_month:
        on.append(f"BYMONTH={_numbers(months)}")
    if not every_day:
        on.append(f"BYMONTHDAY={_numbers(days)}")
    if not every_weekday:
        # A week begins with Monday there.
        on.append("BYDAY=" + ",".join(_WEEKDAYS[each % 7] for each in range(1, 8) if each % 7 in weekdays))
    if every_hour and not on:
        return _within_hours(minutes)
    frequency = {(True, True): "DAILY", (True, False): "WEEKLY"}.get((every_day, every_weekday), "MONTHLY")
    if len(hours) > 1 or len(minutes) > 1:
        on += [f"BYHOUR={_numbers(hours)}", f"BYMINUTE={_numbers(minutes)}"]
    return ";".join([f"FREQ={frequency}", "INTERVAL=1", *on])


def _within_hours(minutes: Collection[int]) -> str:
    """Return the rule of ``minutes`` in every hour of every day."""
    if len(minutes) == 1:
        return "FREQ=HOURLY;INTERVAL=1"
    step, odd = divmod(60, len(minutes))
    if not odd and set(minutes) == set(range(min(minutes), 60, step)):
        return f"FREQ=MINUTELY;INTERVAL={step}"
    return f"FREQ=HOURLY;INTERVAL=1;BYMINUTE={_numbers(minutes)}"


def _numbers(numbers: Collection[int]) -> str:
    return ",".join(map(str, sorted(numbers)))
