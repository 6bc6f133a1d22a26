# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much may be sent: one decision at a time, and through weeks of a number's life."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.policy import (
    Allowance,
    Decision,
    Hours,
    Rules,
    Seen,
    State,
    decide,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = Rules(rate=20, measured=True)
GOOD = Seen(limit=2000, most_a_second=80, sent=100)


def keys(decision: Decision) -> list[str]:
    return [each.key for each in decision.reasons]


class Life:
    """A number that is looked at now and then; ``decision`` is the last one."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules, self.now = rules, NOW
        self.decision = decide(State(), GOOD, rules, NOW)

    def see(self, seen: Seen | None, after: timedelta = timedelta(hours=1)) -> Decision:
        self.now += after
        self.decision = decide(self.decision.state, seen, self.rules, self.now)
        return self.decision

    @property
    def allowed(self) -> tuple[float, int | None]:
        allowance = self.decision.allowance
        assert allowance is not None
        return allowance.rate, allowance.daily_cap


@pytest.mark.parametrize(
    ("limit", "unlimited", "cap"),
    [
        pytest.param(50, False, 50, id="TIER_50"),
        pytest.param(250, False, 250, id="TIER_250"),
        pytest.param(1_000, False, 1_000, id="TIER_1K"),
        pytest.param(2_000, False, 2_000, id="TIER_2K"),
        pytest.param(10_000, False, 10_000, id="TIER_10K"),
        pytest.param(100_000, False, 100_000, id="TIER_100K"),
        pytest.param(None, True, None, id="TIER_UNLIMITED"),
        pytest.param(None, False, 250, id="unknown"),
    ],
)
@pytest.mark.parametrize(
    ("quality", "level", "rate", "part"),
    [("GREEN", 0, 20.0, 1.0), ("YELLOW", 1, 10.0, 0.5), ("RED", 3, 2.0, 0.1)],
)
def test_the_first_look(
    limit: int | None, unlimited: bool, cap: int | None, quality: str, level: int, rate: float, part: float
) -> None:
    seen = Seen(quality=quality, limit=limit, unlimited=unlimited)
    decision = decide(State(), seen, RULES, NOW)
    base = 100_000 if cap is None and level else cap
    assert decision.allowance == Allowance(rate, None if base is None else int(base * part))
    assert (decision.action, decision.state.level, keys(decision)[0]) == ("set", level, "why_first")
    assert ("note_tier" in keys(decision)) == (limit is None and not unlimited)


@pytest.mark.parametrize(
    ("rules", "seen", "allowance"),
    [
        pytest.param({"daily_cap": 500}, {}, Allowance(20, 500), id="less than the limit"),
        pytest.param({"daily_cap": 5000}, {}, Allowance(20, 2000), id="never more than the limit"),
        pytest.param({"share": 0.25}, {}, Allowance(20, 500), id="a share of it"),
        pytest.param({"daily_cap": 400, "share": 0.25}, {}, Allowance(20, 400), id="the lesser of both"),
        pytest.param({"daily_cap": 700}, {"limit": None, "unlimited": True}, Allowance(20, 700), id="of no limit"),
        pytest.param({"rate": 200.0}, {}, Allowance(80, 2000), id="never more than the throughput"),
        pytest.param({"rate": 200.0}, {"most_a_second": 1000}, Allowance(200, 2000), id="high throughput"),
        pytest.param({"rate": 200.0}, {"most_a_second": None}, Allowance(200, 2000), id="unknown throughput"),
        pytest.param({"rate": 0.05}, {"quality": "RED"}, Allowance(0.01, 200), id="a rate that is not nothing"),
        pytest.param({"daily_cap": 3}, {"quality": "RED"}, Allowance(2, 1), id="a cap that is not nothing"),
    ],
)
def test_the_bounds(rules: dict[str, Any], seen: dict[str, Any], allowance: Allowance) -> None:
    assert decide(State(), replace(GOOD, **seen), replace(RULES, **rules), NOW).allowance == allowance


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        pytest.param(None, "hold_unread", id="not read"),
        pytest.param(replace(GOOD, quality=None), "hold_quality", id="no quality"),
        pytest.param(replace(GOOD, quality="UNKNOWN"), "hold_quality", id="UNKNOWN"),
        pytest.param(replace(GOOD, quality="NA"), "hold_quality", id="NA"),
        pytest.param(replace(GOOD, quality="PURPLE"), "hold_quality", id="a new word"),
        pytest.param(replace(GOOD, sendable=False), "hold_unsendable", id="not connected"),
        pytest.param(replace(GOOD, sendable=False, quality="RED"), "hold_unsendable", id="banned, and red"),
    ],
)
@pytest.mark.parametrize("level", [0, 1, 3])
def test_what_is_not_known_changes_nothing(seen: Seen | None, why: str, level: int) -> None:
    allowed = Allowance(20 * RULES.steps[level], int(2000 * RULES.steps[level]))
    long_ago = NOW - 30 * DAY
    state = State(level, 0, long_ago, long_ago, NOW - timedelta(hours=1), 2000, False, allowed)
    decision = decide(state, seen, RULES, NOW)
    assert (decision.action, decision.allowance, decision.state.level) == ("unknown", allowed, level)
    assert keys(decision) == [why]


@pytest.mark.parametrize(
    "seen", [None, replace(GOOD, sendable=False), replace(GOOD, sendable=None, quality=None), Seen(quality=None)]
)
def test_where_nothing_was_allowed_yet_nothing_unknown_is(seen: Seen | None) -> None:
    decision = decide(State(), seen, RULES, NOW)
    assert (decision.action, decision.allowance, keys(decision)[-1]) == ("unknown", None, "hold_nothing")


def test_a_new_number_that_nobody_has_rated_keeps_to_its_limit() -> None:
    decision = decide(State(), replace(GOOD, quality=None, limit=250), RULES, NOW)
    assert (decision.action, decision.allowance) == ("unknown", Allowance(20, 250))


@pytest.mark.parametrize(("limit", "cap"), [(250, 250), (10_000, 2000), (None, 2000)])
def test_a_limit_binds_even_while_the_quality_is_not_known(limit: int | None, cap: int) -> None:
    life = Life()
    life.see(replace(GOOD, quality=None, limit=limit))
    assert life.allowed == (20, cap)


@pytest.mark.parametrize("status", ["FLAGGED", "RESTRICTED"])
def test_a_restriction_counts_as_red(status: str) -> None:
    life = Life()
    decision = life.see(replace(GOOD, sendable=False, restrained=True))
    assert (decision.action, life.allowed, decision.reasons[0].values["quality"]) == ("lowered", (2.0, 200), "RED"), (
        status
    )


def test_red_is_lowered_at_once_and_raised_one_step_in_three_days_of_green() -> None:
    life = Life()
    assert life.see(replace(GOOD, quality="RED")).action == "lowered"
    assert life.allowed == (2.0, 200)
    course = []
    for _number in range(2 * 11):
        decision = life.see(GOOD, timedelta(hours=12))
        course.append((decision.action, life.allowed[0]))
    assert [(index / 2, rate) for index, (action, rate) in enumerate(course) if action == "raised"] == [
        (3.0, 5.0),
        (6.0, 10.0),
        (9.0, 20.0),
    ]
    assert {action for action, _rate in course} == {"raised", "kept"}
    assert keys(life.decision) == ["keep_green"]


def test_yellow_after_red_keeps_what_red_brought_about() -> None:
    life = Life()
    life.see(replace(GOOD, quality="RED"))
    decision = life.see(replace(GOOD, quality="YELLOW"), 10 * DAY)
    assert (decision.action, life.allowed[0], keys(decision)) == ("kept", 2.0, ["keep_lowered"])


def test_red_after_yellow_is_lowered_further() -> None:
    life = Life()
    life.see(replace(GOOD, quality="YELLOW"))
    assert life.allowed == (10.0, 1000)
    assert life.see(replace(GOOD, quality="RED")).action == "lowered"
    assert life.allowed == (2.0, 200)


def test_a_quality_that_flaps_is_never_raised() -> None:
    life = Life()
    life.see(replace(GOOD, quality="YELLOW"))
    for _number in range(20):
        for _number in range(2):
            assert life.see(GOOD, timedelta(hours=24)).action == "kept"
        assert life.see(replace(GOOD, quality="YELLOW"), timedelta(hours=24)).action == "kept"
    assert life.allowed == (10.0, 1000)


def test_days_that_nobody_looked_at_do_not_count() -> None:
    life = Life()
    life.see(replace(GOOD, quality="YELLOW"))
    life.see(GOOD)
    assert life.see(GOOD, 10 * DAY).action == "kept"
    assert keys(life.decision) == ["keep_waiting"]
    for _number in range(2):
        assert life.see(GOOD, DAY).action == "kept"
    assert life.see(GOOD, DAY).action == "raised"


@pytest.mark.parametrize(("hours", "raised"), [(1, True), (48, False)], ids=["short", "long"])
def test_an_hour_that_is_not_known_does_not_begin_the_days_anew(hours: int, raised: bool) -> None:
    life = Life()
    life.see(replace(GOOD, quality="YELLOW"))
    life.see(GOOD)
    life.see(GOOD, DAY)
    assert life.see(None, timedelta(hours=hours / 2)).action == "unknown"
    life.see(GOOD, timedelta(hours=hours / 2))
    life.see(GOOD, DAY)
    assert (life.see(GOOD, DAY).action == "raised") is raised


def test_a_clock_that_is_set_back_raises_nothing() -> None:
    life = Life()
    life.see(replace(GOOD, quality="RED"))
    life.see(GOOD)
    decision = life.see(GOOD, -365 * DAY)
    assert (decision.action, life.allowed[0]) == ("kept", 2.0)
    assert "note_clock" in keys(decision)
    assert decision.state.green_since == life.now
    for _number in range(2):
        assert life.see(GOOD, DAY).action == "kept"
    assert life.see(GOOD, DAY).action == "raised"


def test_a_clock_that_is_set_forward_raises_nothing() -> None:
    life = Life()
    life.see(replace(GOOD, quality="RED"))
    life.see(GOOD)
    assert life.see(GOOD, 365 * DAY).action == "kept"


@pytest.mark.parametrize(
    ("course", "rates"),
    [
        pytest.param([1599], [20], id="not near"),
        pytest.param([1600], [10], id="near"),
        pytest.param([1600, 1500, 1401], [10, 10, 10], id="held until well below"),
        pytest.param([1600, 1400], [10, 20], id="let go well below"),
        pytest.param([2000], [2], id="used up"),
        pytest.param([2500, 1900, 1500, 100], [2, 10, 10, 20], id="and let go by steps"),
        pytest.param([1600, None, None], [10, 10, 10], id="not counted any more"),
        pytest.param([None], [20], id="never counted"),
    ],
)
def test_a_limit_that_is_near(course: list[int | None], rates: list[float]) -> None:
    life = Life()
    found = []
    for sent in course:
        life.see(replace(GOOD, sent=sent))
        found.append(life.allowed[0])
    assert found == rates


def test_what_lowers_more_counts() -> None:
    life = Life()
    life.see(replace(GOOD, quality="YELLOW", sent=2000))
    assert life.allowed == (2.0, 200)
    life.see(replace(GOOD, quality="YELLOW", sent=0))
    assert life.allowed == (10.0, 1000)


def test_a_limit_that_is_near_is_told_while_it_lasts() -> None:
    life = Life()
    life.see(replace(GOOD, sent=1700))
    assert keys(life.decision) == ["why_near"]
    life.see(replace(GOOD, sent=1750))
    assert (life.decision.action, keys(life.decision)) == ("kept", ["keep_near"])


@pytest.mark.parametrize("seen", [{"limit": None, "unlimited": True}, {"limit": None}])
def test_without_a_limit_nothing_is_near(seen: dict[str, Any]) -> None:
    decision = decide(State(), replace(GOOD, sent=10**6, **seen), RULES, NOW)
    assert decision.allowance is not None
    assert decision.allowance.rate == 20


def test_a_count_that_is_not_kept_any_more_lets_go() -> None:
    life = Life()
    life.see(replace(GOOD, sent=1700))
    life.rules = replace(RULES, measured=False)
    life.see(replace(GOOD, sent=None))
    assert life.allowed[0] == 20


@pytest.mark.parametrize(("limit", "action", "cap"), [(250, "lowered", 250), (10_000, "raised", 10_000)])
def test_a_limit_that_changes(limit: int, action: str, cap: int) -> None:
    life = Life()
    decision = life.see(replace(GOOD, limit=limit))
    assert (decision.action, life.allowed, keys(decision)) == (action, (20, cap), ["why_limit"])


def test_a_limit_that_is_no_longer_told_stays_what_it_was() -> None:
    life = Life()
    assert life.see(replace(GOOD, limit=None)).action == "kept"
    assert life.allowed == (20, 2000)


def test_rules_that_change_are_followed() -> None:
    life = Life()
    life.rules = replace(RULES, rate=5.0)
    assert life.see(GOOD).action == "lowered"
    assert keys(life.decision) == ["why_rules"]
    life.rules = replace(RULES, rate=6.0, steps=(1.0, 0.5))
    life.see(replace(GOOD, quality="RED"))
    assert life.allowed == (3.0, 1000)


def test_a_second_look_changes_nothing() -> None:
    life = Life()
    for seen in (GOOD, replace(GOOD, quality="YELLOW"), replace(GOOD, quality="RED", sent=1900)):
        life.see(seen)
        first = life.decision
        assert life.see(seen).action == "kept"
        assert life.decision.allowance == first.allowance


@pytest.mark.parametrize(
    ("begin", "end", "hour", "inside"),
    [
        (3, 5, 3, True),
        (3, 5, 5, False),
        (3, 5, 2, False),
        (22, 4, 23, True),
        (22, 4, 3, True),
        (22, 4, 12, False),
    ],
)
def test_the_hours(begin: int, end: int, hour: int, inside: bool) -> None:
    zone = ZoneInfo("America/Mexico_City")
    assert Hours(begin * 60, end * 60, zone).hold(datetime(2026, 11, 24, hour, tzinfo=zone)) is inside


def test_it_is_raised_within_the_hours_alone_and_lowered_at_any_time() -> None:
    life = Life(replace(RULES, hours=Hours(180, 300, ZoneInfo("UTC")), green=timedelta(days=1)))
    assert life.see(replace(GOOD, quality="YELLOW")).action == "lowered"
    life.see(GOOD)
    assert life.see(GOOD, DAY).action == "kept"
    assert keys(life.decision) == ["keep_hours"]
    assert life.now.hour == 14
    assert life.see(GOOD, timedelta(hours=14)).action == "raised"
