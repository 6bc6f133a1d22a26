# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a disk is heading: a straight line through past looks that a few odd ones do not bend. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

_DAY = 86_400.0
#: A line through less than this says nothing: a backup or a deploy fills and empties a disk within hours.
_LEAST_POINTS = 6
_LEAST_SPAN = 0.75 * _DAY
#: So many points are enough for the slope, which takes time by their square.
_MOST_POINTS = 120


@dataclass(frozen=True)
class Trend:
    """``bytes_per_day`` is negative on a disk that empties; ``days_left`` is None then: it never gets full."""

    bytes_per_day: float
    days_left: float | None
    points: int
    span_days: float


def trend_of(points: Sequence[tuple[float, float]], size: float) -> Trend | None:
    """Return the trend of (time in seconds, bytes used), oldest first, on a disk of ``size`` bytes; None for too few.

    The slope is the median of those between all pairs (Theil and Sen): up to a quarter of the points may be odd ones.
    """
    if len(points) < _LEAST_POINTS or points[-1][0] - points[0][0] < _LEAST_SPAN:
        return None
    step = max(1, -(-len(points) // _MOST_POINTS))
    chosen = [*points[::step], *([points[-1]] if (len(points) - 1) % step else [])]
    slope = median((two[1] - one[1]) / (two[0] - one[0]) for one, two in combinations(chosen, 2) if two[0] > one[0])
    left = size - points[-1][1]
    days = max(left, 0.0) / slope / _DAY if slope > 0 else None
    return Trend(slope * _DAY, days, len(points), (points[-1][0] - points[0][0]) / _DAY)
