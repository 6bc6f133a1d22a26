# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Earlier values of a check as a drawing, in units of its box, and the same as a table. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_words import HealthWords, seconds_of

#: Earlier values of a check, oldest first.
Series = Sequence[tuple[datetime, float]]

_WIDTH, _HEIGHT = 320.0, 136.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 312.0, 10.0, 112.0
# How many points are drawn, and told in the table.
_POINTS, _ROWS = 96, 30
# A limit far above everything measured would flatten the line: the table of the findings tells it then.
_VISIBLE = 1.6
# Ends of an axis whose halves are round, too: of numbers, and of times in seconds.
_STEPS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_TIMES = (
    *(20.0, 30.0, 40.0, 60.0, 120.0, 240.0, 600.0, 1200.0, 3600.0, 7200.0, 14_400.0, 28_800.0, 43_200.0, 86_400.0),
    *(172_800.0, 345_600.0, 691_200.0),
)
_BAR = 0.7
_SHORT = timedelta(days=2)


@dataclass(frozen=True)
class Mark:
    """A line across the drawing, or an end of an axis: its place, what it is, and its label."""

    at: str
    kind: str
    label: str


@dataclass(frozen=True)
class Bar:
    """A column of the drawing."""

    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Chart:
    """One drawing. ``line`` and ``area`` are paths, empty where columns are drawn; ``ahead`` is the path of what is to come."""

    id: str
    title: str
    now: str
    status: str
    box: str
    line: str
    area: str
    bars: tuple[Bar, ...]
    last: tuple[str, str]
    ahead: str
    grid: tuple[Mark, ...]
    limits: tuple[Mark, ...]
    ends: tuple[Mark, ...]
    full: Mark | None
    description: str
    note: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Course:
    """Where a disk goes: when it is full, and what there is to say of it."""

    full: datetime | None = None
    note: str = ""


class _Scale:
    """Where values and instants are in the box."""

    def __init__(self, begin: datetime, end: datetime, top: float) -> None:
        self.begin, self.top = begin, top
        self._span = max((end - begin).total_seconds(), 1.0)

    def x(self, instant: datetime) -> float:
        share = (instant - self.begin).total_seconds() / self._span
        return _LEFT + (_RIGHT - _LEFT) * min(1.0, max(0.0, share))

    def y(self, value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * min(1.0, max(0.0, value / self.top))


def chart(name: str, check: Check, series: Series, course: Course, words: HealthWords, *, bars: bool) -> Chart:
    """Return the drawing of ``check``, whose earlier values are ``series`` (two at least), under the title ``name``."""
    points = thinned(series)
    (begin, first), (end, last) = points[0], points[-1]
    ahead = course.full if course.full is not None and _near(begin, end, course.full) else None
    scale = _Scale(begin, ahead or end, _top(check, points))
    low, high = min(value for _at, value in points), max(value for _at, value in points)
    path = " ".join(f"{scale.x(at):.1f} {scale.y(value):.1f}" for at, value in points)
    place = (f"{scale.x(end):.1f}", f"{scale.y(last):.1f}")
    told = words.say(
        "drawn",
        name=name,
        begin=words.day(begin),
        end=words.day(end),
        first=words.amount(first, check.unit),
        last=words.amount(last, check.unit),
        least=words.amount(low, check.unit),
        most=words.amount(high, check.unit),
    )
    return Chart(
        id=check.id,
        title=name,
        now=words.say("now", value=words.amount(last, check.unit)),
        status=check.status,
        box=f"0 0 {_WIDTH:.0f} {_HEIGHT:.0f}",
        line="" if bars else f"M{path}",
        area="" if bars else f"M{scale.x(begin):.1f} {_BOTTOM} L{path} L{place[0]} {_BOTTOM}Z",
        bars=tuple(_bars(points, scale)) if bars else (),
        last=place,
        ahead=f"M{place[0]} {place[1]} L{scale.x(ahead):.1f} {scale.y(scale.top):.1f}" if ahead else "",
        grid=tuple(_grid(scale, check.unit, words)),
        limits=tuple(_limits(check, scale, words)),
        ends=tuple(_ends(begin, end, scale, words, alone=ahead is None)),
        full=Mark(f"{scale.x(ahead):.1f}", "full", words.say("full_on", date=words.day(ahead))) if ahead else None,
        description=f"{told} {course.note}".strip(),
        note=course.note,
        rows=tuple(_rows(points, check.unit, words)),
    )


def thinned(series: Series, most: int = _POINTS) -> list[tuple[datetime, float]]:
    """Return at most ``most`` + 1 points of ``series``: of each stretch of time the highest one, and the last one of all."""
    if len(series) <= most:
        return list(series)
    begin, end = series[0][0], series[-1][0]
    width = max((end - begin).total_seconds() / most, 1e-9)
    highest: dict[int, tuple[datetime, float]] = {}
    for at, value in series:
        stretch = min(most - 1, int((at - begin).total_seconds() / width))
        if stretch not in highest or value > highest[stretch][1]:
            highest[stretch] = (at, value)
    points = [highest[each] for each in sorted(highest)]
    return points if points[-1] == series[-1] else [*points, series[-1]]


def slope(series: Series) -> float:
    """Return by how much a second ``series`` grows, by least squares; 0.0 where nobody can tell."""
    if len(series) < 2:
        return 0.0
    seconds = [(at - series[0][0]).total_seconds() for at, _value in series]
    values = [value for _at, value in series]
    middle, level = sum(seconds) / len(seconds), sum(values) / len(values)
    spread = sum((each - middle) ** 2 for each in seconds)
    if spread == 0:
        return 0.0
    return sum((each - middle) * (value - level) for each, value in zip(seconds, values)) / spread


def _near(begin: datetime, end: datetime, full: datetime) -> bool:
    """Tell whether the day is near enough to be drawn without pressing the past together."""
    return end < full and full - end <= max(2 * (end - begin), timedelta(days=7))


def _top(check: Check, points: Series) -> float:
    if check.unit in ("percent", "%"):
        return 100.0
    most = max(value for _at, value in points)
    limits = [each for each in (check.warning, check.critical) if each is not None and 0 < each <= _VISIBLE * most]
    return _round(max([most, *limits]), check.unit)


def _round(highest: float, unit: str) -> float:
    """Return a round number that is no less than ``highest``, for the end of an axis."""
    if highest <= 0:
        return 2.0
    second = seconds_of(unit)
    if second is not None and 10 < highest * second <= _TIMES[-1]:
        return next(each for each in _TIMES if highest * second <= each) / second
    if not unit and highest <= 10:
        return 2.0 * math.ceil(highest / 2)
    power = 10.0 ** math.floor(math.log10(highest))
    return next((step * power for step in _STEPS if highest <= step * power), 10 * power)


def _grid(scale: _Scale, unit: str, words: HealthWords) -> Iterator[Mark]:
    for share in (0.0, 0.5, 1.0):
        value = scale.top * share
        yield Mark(f"{scale.y(value):.1f}", "grid", words.amount(value, unit) if value else "0")


def _limits(check: Check, scale: _Scale, words: HealthWords) -> Iterator[Mark]:
    for name, limit in (("warning", check.warning), ("critical", check.critical)):
        if limit is not None and 0 < limit <= scale.top:
            yield Mark(f"{scale.y(limit):.1f}", name, words.say(name))


def _ends(begin: datetime, end: datetime, scale: _Scale, words: HealthWords, *, alone: bool) -> Iterator[Mark]:
    write = words.minute if end - begin < _SHORT else words.day
    yield Mark(f"{scale.x(begin):.1f}", "begin", write(begin))
    if alone:
        yield Mark(f"{scale.x(end):.1f}", "end", write(end))


def _bars(points: Series, scale: _Scale) -> Iterator[Bar]:
    room = (_RIGHT - _LEFT) / max(len(points), 12)
    width = room * _BAR
    for at, value in points:
        x = min(max(scale.x(at) - width / 2, _LEFT), _RIGHT - width)
        y = scale.y(value)
        yield Bar(f"{x:.1f}", f"{y:.1f}", f"{width:.1f}", f"{_BOTTOM - y:.1f}")


def _rows(points: Series, unit: str, words: HealthWords) -> Iterator[tuple[str, str]]:
    """Yield the newest points, the newest first."""
    chosen = thinned(points, _ROWS)[::-1]
    for at, value in chosen:
        yield f"{at:%Y-%m-%d} {words.minute(at)}", words.amount(value, unit)
