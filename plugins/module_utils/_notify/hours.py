# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hours as people write them: ``L-V 9-18``, ``Mon-Fri 09:00-18:00; Sat 9-13``, ``22:00-07:00``, ``siempre``. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time

_ALWAYS = ("", "always", "siempre", "24 h", "24h", "24/7", "24x7", "24 horas", "24 hours")
#: From Monday on, in Spanish and English. A single letter is Spanish: an M is a Tuesday, an X a Wednesday.
_DAYS = (
    ("l", "lu", "lun", "lunes", "mon", "monday"),
    ("m", "ma", "mar", "martes", "tue", "tuesday"),
    ("x", "mi", "mie", "mié", "miercoles", "miércoles", "wed", "wednesday"),
    ("j", "ju", "jue", "jueves", "thu", "thursday"),
    ("v", "vi", "vie", "viernes", "fri", "friday"),
    ("s", "sa", "sab", "sáb", "sabado", "sábado", "sat", "saturday"),
    ("d", "do", "dom", "domingo", "sun", "sunday"),
)
_TIME = r"(\d{1,2})(?::(\d{2}))?\s*h?"
_SPAN = re.compile(rf"(?:([^\W\d]+)(?:\s*(?:-|a|to)\s*([^\W\d]+))?\s+)?{_TIME}\s*(?:-|a|to)\s*{_TIME}")
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Span:
    """Minutes of the day, on some weekdays (0 is Monday). With ``end`` not behind ``begin``, it lasts over midnight."""

    days: frozenset[int]
    begin: int
    end: int

    def holds(self, local: datetime) -> bool:
        """Tell whether the local time is within."""
        minute, day = local.hour * 60 + local.minute, local.weekday()
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True)
class Hours:
    """Some spans of the week; ``always`` stands for all of it."""

    spans: tuple[Span, ...] = ()
    always: bool = False

    def holds(self, local: datetime) -> bool:
        """Tell whether the local time is within."""
        return self.always or any(each.holds(local) for each in self.spans)


ALWAYS = Hours(always=True)
NEVER = Hours()


def read_hours(text: str) -> Hours:
    """Return what ``text`` means.

    :raises ValueError: if it cannot be read.
    """
    folded = " ".join(text.lower().replace("\u2013", "-").split())
    if folded in _ALWAYS:
        return ALWAYS
    return Hours(tuple(_span(each.strip()) for each in re.split(r"[;,]| y | and ", folded)))


def read_time(text: str) -> time:
    """Return the time of day that ``text`` (``8:00``, ``8``) names.

    :raises ValueError: if it names none.
    """
    match = re.fullmatch(_TIME, text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no time of day")
    minutes = _minutes(match.group(1), match.group(2))
    return time(minutes // 60 % 24, minutes % 60)


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} are no hours")
    first, last, *times = match.groups()
    return Span(_days(first, last), _minutes(times[0], times[1]), _minutes(times[2], times[3]))


def _days(first: str | None, last: str | None) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    begin = _day(first)
    end = begin if last is None else _day(last)
    return frozenset((begin + each) % 7 for each in range((end - begin) % 7 + 1))


def _day(word: str) -> int:
    for number, names in enumerate(_DAYS):
        if word in names:
            return number
    raise ValueError(f"{word!r} is no day of the week")


def _minutes(hours: str, minutes: str | None) -> int:
    found = int(hours) * 60 + int(minutes or 0)
    if found > _DAY_MINUTES or int(minutes or 0) > 59:
        raise ValueError(f"{hours}:{minutes or '00'} is no time of day")
    return found
