# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention decides over good backups only and never lets the last verified one go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Candidate, Rules, plan_retention

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def made(days_ago: float, *, good: bool = True, verified: bool = False) -> Candidate:
    return Candidate(f"{days_ago:07.2f}", NOON - timedelta(days=days_ago), good, verified)


def kept(candidates: list[Candidate], rules: Rules) -> list[float]:
    return [float(each.backup_id) for each in plan_retention(candidates, rules, UTC) if each.keep]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(Rules(keep_last=3), [0, 0.25, 1], id="last"),
        pytest.param(Rules(keep_daily=3), [0, 1, 2], id="daily keeps the newest of a day"),
        pytest.param(Rules(keep_weekly=2), [0, 2], id="weekly (ISO weeks begin on Monday)"),
        pytest.param(Rules(keep_monthly=2), [0, 30], id="monthly"),
        pytest.param(Rules(keep_yearly=2), [0, 400], id="yearly"),
        pytest.param(Rules(keep_last=1, keep_monthly=1), [0], id="rules overlap"),
        pytest.param(Rules(), [], id="no rule and nothing verified"),
    ],
)
def test_rules(rules: Rules, expected: list[float]) -> None:
    assert kept([made(days) for days in (400, 30, 2, 1, 0.25, 0)], rules) == expected


def test_bad_backups_never_push_good_ones_out() -> None:
    candidates = [made(0, good=False), made(1, good=False), made(2), made(3)]
    decisions = {each.backup_id: each for each in plan_retention(candidates, Rules(keep_last=1), UTC)}
    assert decisions["0002.00"].reasons == ("last",)
    assert decisions["0000.00"].reasons == ("not good",)
    assert decisions["0003.00"].reasons == ("superseded",)


@pytest.mark.parametrize("keep_verified", [0, 1])
def test_one_verified_backup_stays_whatever_the_rules_say(keep_verified: int) -> None:
    candidates = [made(0), made(1), made(9, verified=True), made(10, verified=True), made(5, good=False, verified=True)]
    assert kept(candidates, Rules(keep_last=1, keep_verified=keep_verified)) == [0, 9]


def test_days_are_those_of_the_zone() -> None:
    zone = ZoneInfo("America/Mexico_City")
    evening = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)  # 23:30 on the 23rd there
    night = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # 00:30 on the 24th there
    candidates = [Candidate("a", evening, True, False), Candidate("b", night, True, False)]
    assert [each.keep for each in plan_retention(candidates, Rules(keep_daily=2), zone)] == [True, True]
    assert [each.keep for each in plan_retention(candidates, Rules(keep_daily=2), UTC)] == [True, False]
