# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calendars of systemd (``OnCalendar=``) as five fields of numbers, and as cron's where both can say the same. Pure."""

from __future__ import annotations

import re

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields

# systemd.time(7), "Calendar Events"
_WORDS = {
    "minutely": "* * * * *",
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "weekly": "0 0 * * 1",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 1,4,7,10 *",
    "semiannually": "0 0 1 1,7 *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHAPE = re.compile(
    r"^(?:(?P<days>[a-z][a-z,.]*)\s+)?(?:(?P<date>[*\d][\d,./*-]*)\s+)?(?P<hour>[\d,./*]+):(?P<minute>[\d,./*]+)(?::0{1,2})?$"
)


def cron_from(calendar: str) -> str:
    """Return the five fields of cron that name the times of ``calendar``.

    :raises RefusedError: if cron cannot say the same, or ``calendar`` is none that is understood here.
    """
    try:
        line = five_fields(calendar)
        _minute, _hour, day, _month, weekdays = line.split()
        if day != "*" and weekdays != "*":
            raise ValueError("cron takes a day of the month and a weekday as either, not as both")
    except ValueError as error:
        raise RefusedError(
            f"The calendar {calendar!r} cannot be said in cron's five fields: {error}. "
            "Give the job its own line as `cron`, or with systemd the longest time between two runs as `late_after`."
        ) from error
    return line


def five_fields(calendar: str) -> str:
    """Return minute, hour, day, month and weekday of ``calendar`` as cron writes each of them.

    All five are to hold, a day of the month and a weekday too: that is systemd's meaning, and not cron's.

    :raises ValueError: if ``calendar`` is none that is understood here, or names years or seconds.
    """
    plain = calendar.strip().lower()
    if plain in _WORDS:
        return _WORDS[plain]
    match = _SHAPE.match(plain)
    if match is None:
        # A time of day is what most jobs have.
        match = _SHAPE.match(f"{plain} 00:00")
    if match is None:
        raise ValueError("it is not of the form `Mon..Fri *-*-* 03:30`")
    month, day = _date(match.group("date") or "*-*-*")
    weekdays = _weekdays(match.group("days") or "")
    line = " ".join([_field(match.group("minute"), 59), _field(match.group("hour"), 23), day, month, weekdays])
    fields(line)
    return line


def _date(date: str) -> tuple[str, str]:
    parts = date.split("-")
    if len(parts) == 3 and parts[0] != "*":
        raise ValueError("it names a year, and a job is to run again and again")
    if len(parts) not in (2, 3):
        raise ValueError("its date is not of the form `*-*-01`")
    return _field(parts[-2], 12), _field(parts[-1], 31)


def _field(field: str, high: int) -> str:
    """Return ``03,15``, ``0/5`` or ``1..5`` as cron writes it; ``high`` is the highest number there is."""
    return ",".join(_part(part, high) for part in field.split(","))


def _part(part: str, high: int) -> str:
    span, slash, step = part.partition("/")
    ends = [str(int(end)) for end in span.split("..")] if span != "*" else ["*"]
    text = "-".join(ends)
    if not slash:
        return text
    # systemd counts from the number on, cron from the beginning of a range.
    if text in ("*", "0"):
        return f"*/{int(step)}"
    return f"{text}/{int(step)}" if "-" in text else f"{text}-{high}/{int(step)}"


def _weekdays(words: str) -> str:
    if not words:
        return "*"
    return ",".join(_week(part.split("..")) for part in words.split(","))


def _week(ends: list[str]) -> str:
    days = [_weekday(day) for day in ends]
    if len(days) == 2 and days[1] == 0:
        days[1] = 7  # a week ends with Sunday there
    return "-".join(map(str, days))


def _weekday(day: str) -> int:
    if day[:3] not in _DAYS:
        raise ValueError(f"{day!r} is no weekday")
    return _DAYS.index(day[:3])
