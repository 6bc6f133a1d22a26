# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much may be sent through a number, as its quality and its limit are. Pure.

The rate goes down at once and up in steps. What is not known neither lowers nor raises anything; but nothing is ever
allowed beyond the portfolio's limit, as far as it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._whatsapp.answers import GREEN, RED, YELLOW

#: What is kept to while nobody knows the limit: that of a business that Meta knows nothing of.
LOWEST_LIMIT = 250
#: The highest limit that has a number: what a share of "unlimited" is taken of.
_HIGHEST_LIMIT = 100_000
_SLOWEST = 0.01
LOWERED, RAISED, SET, KEPT, UNKNOWN = "lowered", "raised", "set", "kept", "unknown"


@dataclass(frozen=True)
class Allowance:
    """``rate`` is in messages a second, ``daily_cap`` in conversations begun within 24 hours (None: no limit)."""

    rate: float
    daily_cap: int | None


@dataclass(frozen=True)
class Seen:
    """The number as it is now.

    :param quality: ``GREEN``, ``YELLOW`` or ``RED``; None: nobody knows.
    :param sendable: whether messages go out; None: nobody knows.
    :param restrained: whether Meta has put it under a restriction that comes of bad quality.
    :param limit: the portfolio's; None with ``unlimited``, or where nobody knows it.
    :param most_a_second: the messages a second that Meta takes; None: nobody knows.
    :param sent: the conversations that were begun within 24 hours; None: nobody counted.
    """

    quality: str | None = GREEN
    sendable: bool | None = True
    restrained: bool = False
    limit: int | None = None
    unlimited: bool = False
    most_a_second: int | None = None
    sent: int | None = None


@dataclass(frozen=True)
class Hours:
    """A span of the day, in minutes since midnight; one that ends before it begins goes over midnight."""

    begin: int
    end: int
    zone: tzinfo

    def hold(self, now: datetime) -> bool:
        """Return whether ``now`` is in it."""
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        if self.begin <= self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


@dataclass(frozen=True)
class Rules:
    """What the operator wants.

    :param rate: the messages a second when all is well.
    :param daily_cap: the conversations a day then; None: as many as the portfolio's limit allows.
    :param share: the part of the portfolio's limit that is this number's.
    :param steps: the parts of both that are allowed at each level; the first one is 1, the last one the lowest.
    :param yellow: the level for yellow quality, ``red`` that for red.
    :param near: from which part of the limit on it is near, ``release`` below which it no longer is.
    :param green: for how long the quality has to be green for a step up.
    :param gap: for how long nobody may have looked, without the days of green beginning anew.
    :param measured: whether anybody counts what is sent.
    :param hours: when it may be raised; None: at any time.
    """

    rate: float = 20.0
    daily_cap: int | None = None
    share: float = 1.0
    steps: tuple[float, ...] = (1.0, 0.5, 0.25, 0.1)
    yellow: int = 1
    red: int = 3
    near: float = 0.8
    release: float = 0.7
    green: timedelta = timedelta(days=3)
    gap: timedelta = timedelta(hours=36)
    measured: bool = False
    hours: Hours | None = None


@dataclass(frozen=True)
class State:
    """What is remembered between two looks.

    ``level`` is the step that the quality led to, ``pressure`` the one that the limit did; ``moved`` is when ``level``
    changed. ``limit`` is the last one that was known.
    """

    level: int = 0
    pressure: int = 0
    moved: datetime | None = None
    green_since: datetime | None = None
    last_green: datetime | None = None
    limit: int | None = None
    unlimited: bool = False
    allowance: Allowance | None = None


@dataclass(frozen=True)
class Reason:
    """Why, as the key of a text and the values in it."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """What is allowed (None: nothing is known, nothing is written), what that is to what was, and why."""

    state: State
    allowance: Allowance | None
    action: str
    reasons: tuple[Reason, ...]


def decide(state: State, seen: Seen | None, rules: Rules, now: datetime) -> Decision:
    """Return what is allowed from ``now`` on.

    :param seen: None: the number could not be read.
    """
    if seen is None:
        return _held(state, state.allowance, Reason("hold_unread"))
    state, notes = _true_clock(state, now)
    before = state
    if seen.limit is not None or seen.unlimited:
        state = replace(state, limit=seen.limit, unlimited=seen.unlimited)
    held = _reason_to_hold(seen)
    if held is not None:
        return _hold(state, seen, rules, held)
    state, quality = _by_quality(state, seen, rules, now)
    state, usage = _by_usage(state, seen, rules)
    allowance = _allowance(state, seen, rules)
    if not _limit_known(state):
        notes.append(Reason("note_tier", {"limit": LOWEST_LIMIT}))
    action = _action(before.allowance, allowance)
    if action == KEPT:
        reasons = [_why_kept(state, seen, rules, now)]
    else:
        reasons = [*quality, *usage, *_by_limit(before, state)] or [Reason("why_rules")]
        if action == SET:
            reasons = [Reason("why_first", {"quality": seen.quality}), *quality, *usage]
    return Decision(replace(state, allowance=allowance), allowance, action, (*reasons, *notes))


def _reason_to_hold(seen: Seen) -> Reason | None:
    if seen.sendable is False and not seen.restrained:
        return Reason("hold_unsendable")
    if _quality(seen) is None:
        return Reason("hold_quality")
    return None


def _hold(state: State, seen: Seen, rules: Rules, why: Reason) -> Decision:
    """Return what was allowed; less where the limit is known to be lower; at the first look, what the limit allows."""
    allowed = state.allowance
    if not _limit_known(state) or (allowed is None and seen.sendable is not True):
        return _held(state, allowed, why)
    bound = _allowance(state, seen, rules)
    if allowed is None:
        return _held(replace(state, allowance=bound), bound, why)
    caps = [each for each in (allowed.daily_cap, _bound(state, rules)) if each is not None]
    kept = replace(allowed, daily_cap=min(caps, default=None))
    return _held(replace(state, allowance=kept), kept, why)


def _held(state: State, allowance: Allowance | None, why: Reason) -> Decision:
    reasons = (why,) if allowance is not None else (why, Reason("hold_nothing"))
    return Decision(state, allowance, UNKNOWN, reasons)


def _true_clock(state: State, now: datetime) -> tuple[State, list[Reason]]:
    """Return the state without instants that are yet to come: the clock was set back since, and they count anew."""
    ahead = [each for each in (state.moved, state.green_since, state.last_green) if each is not None and each > now]
    if not ahead:
        return state, []
    begun = None if state.green_since is None else now
    last = None if state.last_green is None else now
    moved = None if state.moved is None else min(state.moved, now)
    return replace(state, moved=moved, green_since=begun, last_green=last), [Reason("note_clock")]


def _quality(seen: Seen) -> str | None:
    if seen.restrained:
        return RED
    return seen.quality if seen.quality in (GREEN, YELLOW, RED) else None


def _by_quality(state: State, seen: Seen, rules: Rules, now: datetime) -> tuple[State, list[Reason]]:
    quality, last = _quality(seen), len(rules.steps) - 1
    state = _with_green(replace(state, level=min(state.level, last)), quality, rules, now)
    floor = min({YELLOW: rules.yellow, RED: rules.red}.get(quality or "", 0), last)
    if floor > state.level:
        values = {"quality": quality, "percent": 100 * rules.steps[floor]}
        return replace(state, level=floor, moved=now), [Reason("why_quality", values)]
    due = _due(state, rules)
    if quality == GREEN and state.level > 0 and due is not None and due <= now and _in_hours(rules, now):
        level = state.level - 1
        values = {"days": rules.green / timedelta(days=1), "percent": 100 * rules.steps[level]}
        return replace(state, level=level, moved=now), [Reason("why_recovered", values)]
    return state, []


def _with_green(state: State, quality: str | None, rules: Rules, now: datetime) -> State:
    if quality != GREEN:
        return replace(state, green_since=None, last_green=None)
    unwatched = state.last_green is None or now - state.last_green > rules.gap
    since = now if unwatched or state.green_since is None else state.green_since
    return replace(state, green_since=since, last_green=now)


def _due(state: State, rules: Rules) -> datetime | None:
    """Return when the next step up is due, if the quality stays green."""
    if state.green_since is None:
        return None
    return max(state.green_since, state.moved or state.green_since) + rules.green


def _in_hours(rules: Rules, now: datetime) -> bool:
    return rules.hours is None or rules.hours.hold(now)


def _by_usage(state: State, seen: Seen, rules: Rules) -> tuple[State, list[Reason]]:
    last = len(rules.steps) - 1
    state = replace(state, pressure=min(state.pressure, last))
    if not rules.measured or state.limit is None:
        return replace(state, pressure=0), []
    if seen.sent is None:
        return state, []
    used = seen.sent / state.limit
    near = min(1, last)
    if used >= 1:
        pressure = last
    elif used >= rules.near:
        pressure = near
    else:
        pressure = min(state.pressure, near) if used > rules.release else 0
    values = {"sent": seen.sent, "limit": state.limit, "percent": 100 * rules.steps[max(pressure, state.level)]}
    changed = replace(state, pressure=pressure)
    if pressure > state.pressure:
        return changed, [Reason("why_near", values)]
    return changed, [Reason("why_relief", values)] if pressure < state.pressure else []


def _by_limit(before: State, state: State) -> list[Reason]:
    if (before.limit, before.unlimited) == (state.limit, state.unlimited) or not _limit_known(before):
        return []
    return [Reason("why_limit", {"limit": state.limit})]


def _allowance(state: State, seen: Seen, rules: Rules) -> Allowance:
    level = max(state.level, state.pressure)
    part = rules.steps[min(level, len(rules.steps) - 1)]
    rate = rules.rate if seen.most_a_second is None else min(rules.rate, float(seen.most_a_second))
    cap = _bound(state, rules)
    if cap is None and level > 0:
        cap = _HIGHEST_LIMIT
    return Allowance(max(round(rate * part, 2), _SLOWEST), None if cap is None else max(1, int(cap * part)))


def _bound(state: State, rules: Rules) -> int | None:
    """Return the conversations a day that are allowed when all is well; None: there is no limit."""
    bounds = [] if rules.daily_cap is None else [rules.daily_cap]
    if not state.unlimited:
        bounds.append(max(1, int((LOWEST_LIMIT if state.limit is None else state.limit) * rules.share)))
    return min(bounds, default=None)


def _limit_known(state: State) -> bool:
    return state.unlimited or state.limit is not None


def _action(before: Allowance | None, now: Allowance) -> str:
    if before is None:
        return SET
    if before == now:
        return KEPT
    return LOWERED if now.rate < before.rate or _cap(now) < _cap(before) else RAISED


def _cap(allowance: Allowance) -> float:
    return float("inf") if allowance.daily_cap is None else allowance.daily_cap


def _why_kept(state: State, seen: Seen, rules: Rules, now: datetime) -> Reason:
    percent = 100 * rules.steps[max(state.level, state.pressure)]
    if _quality(seen) != GREEN:
        return Reason("keep_lowered", {"quality": _quality(seen), "percent": percent})
    if state.pressure > state.level:
        return Reason("keep_near", {"sent": seen.sent or 0, "limit": state.limit, "percent": percent})
    due = _due(state, rules)
    if state.level == 0 or due is None:
        return Reason("keep_green")
    if due <= now:
        return Reason("keep_hours")
    return Reason("keep_waiting", {"days": rules.green / timedelta(days=1), "due": due})
