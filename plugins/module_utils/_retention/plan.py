# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grandfather-father-son retention that never lets the last verified backup go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True)
class Candidate:
    """A backup as retention sees it: its id, its instant (aware), whether it is good, and whether it was verified."""

    backup_id: str
    time: datetime
    good: bool
    verified: bool


@dataclass(frozen=True)
class Rules:
    """How many good backups to keep per kind; 0 keeps none of that kind.

    Of archived rows, no backup holds what another one does: these stay for ``keep_logs_days``, or for ever if that is 0.
    """

    keep_last: int = 0
    keep_daily: int = 0
    keep_weekly: int = 0
    keep_monthly: int = 0
    keep_yearly: int = 0
    keep_verified: int = 1
    keep_logs_days: int = 0


@dataclass(frozen=True)
class Decision:
    """Whether a backup stays, and for which reasons (at least one)."""

    backup_id: str
    keep: bool
    reasons: tuple[str, ...]


def _iso_week(instant: datetime) -> tuple[int, ...]:
    iso = instant.isocalendar()
    return iso[0], iso[1]


_PERIODS: tuple[tuple[str, Callable[[Rules], int], Callable[[datetime], tuple[int, ...]]], ...] = (
    ("daily", lambda rules: rules.keep_daily, lambda day: (day.year, day.month, day.day)),
    ("weekly", lambda rules: rules.keep_weekly, _iso_week),
    ("monthly", lambda rules: rules.keep_monthly, lambda day: (day.year, day.month)),
    ("yearly", lambda rules: rules.keep_yearly, lambda day: (day.year,)),
)


def plan_retention(candidates: Sequence[Candidate], rules: Rules, zone: tzinfo) -> list[Decision]:
    """Return a decision for each candidate, newest first.

    Only good backups count, so bad new ones never push good old ones out; a period keeps its newest. Days, weeks (ISO),
    months and years are those of ``zone``. At least one verified backup stays, whatever the rules say.
    """
    newest_first = sorted(candidates, key=lambda each: (each.time, each.backup_id), reverse=True)
    good = [each for each in newest_first if each.good]
    reasons: dict[str, list[str]] = {each.backup_id: [] for each in newest_first}
    for each in good[: rules.keep_last]:
        reasons[each.backup_id].append("last")
    for name, count_of, period_of in _PERIODS:
        for each in _newest_of_periods(good, period_of, zone)[: count_of(rules)]:
            reasons[each.backup_id].append(name)
    for each in [each for each in good if each.verified][: max(1, rules.keep_verified)]:
        reasons[each.backup_id].append("verified")
    return [_decide(each, reasons[each.backup_id]) for each in newest_first]


def _newest_of_periods(
    good: Sequence[Candidate], period_of: Callable[[datetime], tuple[int, ...]], zone: tzinfo
) -> list[Candidate]:
    newest: dict[tuple[int, ...], Candidate] = {}
    for each in good:
        newest.setdefault(period_of(each.time.astimezone(zone)), each)
    return list(newest.values())


def _decide(candidate: Candidate, reasons: Sequence[str]) -> Decision:
    if reasons:
        return Decision(candidate.backup_id, True, tuple(reasons))
    return Decision(candidate.backup_id, False, ("superseded" if candidate.good else "not good",))
