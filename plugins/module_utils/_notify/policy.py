# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be told, to whom, and what is to be remembered of it. Pure: the same input has the same output.

Only a change of a check's state is news. What stays bad is told again after a while (a reminder), and to the next
contacts (an escalation). In quiet hours only what is critical is told; the rest waits until they end, and is dropped if it
is over by then. A check that changes all the time is told as such once, until it has been steady for a while. A check
that was not looked at this time is as it was; after ``forget`` nobody looks any more, and that is told, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, timezone, tzinfo

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check, worst
from ansible_collections.chatbot.ops.plugins.module_utils._notify.hours import NEVER, Hours
from ansible_collections.chatbot.ops.plugins.module_utils._notify.people import Person, due_people
from ansible_collections.chatbot.ops.plugins.module_utils._notify.state import Alarm, State

#: What ends an alarm, or makes it less bad: only those who heard of it hear of this.
_RELIEF = ("recovered", "better", "gone")


@dataclass(frozen=True)
class Rules:
    """When what is told. ``reminders`` by state; a span of zero is none."""

    zone: tzinfo = timezone.utc
    reminders: Mapping[str, timedelta] | None = None
    escalation: timedelta = timedelta(minutes=30)
    quiet: Hours = NEVER
    digest: time | None = None
    flap_changes: int = 5
    flap_window: timedelta = timedelta(hours=6)
    forget: timedelta = timedelta(days=2)

    def reminder(self, status: str) -> timedelta:
        """Return after how long an alarm in state ``status`` is told again."""
        given = self.reminders or {}
        usual = {"critical": timedelta(hours=4)}
        return given.get(status, usual.get(status, timedelta(hours=24)))


@dataclass(frozen=True)
class Item:
    """One piece of news. ``was`` is what people knew before; ``evidence`` what was seen this time.

    ``kind`` is ``raised``, ``worse``, ``better``, ``recovered``, ``flapping``, ``reminder``, ``escalation``, ``gone``, or
    ``open`` in a digest.
    """

    kind: str
    alarm: Alarm
    was: str
    evidence: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The state that it is about."""
        return "ok" if self.kind == "recovered" else self.alarm.status


@dataclass(frozen=True)
class Message:
    """What one gets in one go. ``people`` are the names of its readers; none: everybody on all channels.

    ``kind`` is ``alert``, ``digest`` or ``test``. A digest tells how many checks are fine, and what came and went.
    """

    kind: str
    items: tuple[Item, ...] = ()
    people: tuple[str, ...] = ()
    fine: int = 0
    raised: int = 0
    recovered: int = 0

    @property
    def status(self) -> str:
        """The worst state that it tells of."""
        return worst([each.status for each in self.items] or ["ok"])


@dataclass(frozen=True)
class Decision:
    """What to send now, and the state to keep once it was sent."""

    messages: tuple[Message, ...]
    state: State


def decide(state: State, checks: Iterable[Check], people: Sequence[Person], now: datetime, rules: Rules) -> Decision:
    """Return what is to be told at ``now`` (aware) of ``checks``, and the state after that."""
    past = state.not_after(now)
    found = _worst_of_each(checks)
    items: list[Item] = []
    kept: dict[str, Alarm] = {}
    for alarm in _looked_at(past.alarms, found, now, rules):
        item, after = _judge(alarm, people, now, rules)
        if item is not None:
            seen = found.get(alarm.id)
            items.append(replace(item, evidence=seen.evidence if seen else ()))
        if after is not None:
            kept[after.id] = after
    counted = State(
        kept,
        past.digest_at or now,
        past.raised + sum(each.kind in ("raised", "flapping") and each.was == "ok" for each in items),
        past.recovered + sum(each.kind == "recovered" for each in items),
    )
    messages = _messages(items)
    if not _digest_is_due(past.digest_at, now, rules):
        return Decision(messages, counted)
    fine = sum(each.status == "ok" for each in found.values())
    return Decision((*messages, _digest(counted, fine)), State(kept, now))


def _worst_of_each(checks: Iterable[Check]) -> dict[str, Check]:
    found: dict[str, Check] = {}
    for each in checks:
        if each.id not in found or _rank(each.status) > _rank(found[each.id].status):
            found[each.id] = each
    return found


def _looked_at(alarms: Mapping[str, Alarm], checks: Mapping[str, Check], now: datetime, rules: Rules) -> list[Alarm]:
    """Return the alarms as they are now, the worst first."""
    found = []
    for name in {**alarms, **checks}:
        old, check = alarms.get(name), checks.get(name)
        if old is None and check is not None and check.status != "ok":
            old = Alarm(name, check.component, "ok", check.summary, check.advice, now, now)
        if old is None:
            continue
        seen = old if check is None else _updated(old, check, now)
        recent = tuple(each for each in seen.changes if now - each < rules.flap_window)
        found.append(replace(seen, changes=recent))
    return sorted(found, key=lambda each: (-_rank(each.status), each.id))


def _updated(old: Alarm, check: Check, now: datetime) -> Alarm:
    is_new = old.status == "ok" and old.told == "ok" and not old.flapping and check.status != "ok"
    return replace(
        old,
        component=check.component,
        status=check.status,
        summary=check.summary,
        advice=check.advice,
        since=now if is_new else old.since,
        seen=now,
        changes=old.changes if check.status == old.status else (*old.changes, now),
    )


def _judge(alarm: Alarm, people: Sequence[Person], now: datetime, rules: Rules) -> tuple[Item | None, Alarm | None]:
    """Return what is told of one alarm, and what is kept of it."""
    if alarm.flapping and not alarm.changes:
        alarm = replace(alarm, flapping=False)
    kind = _news(alarm, now, rules)
    is_quiet = rules.quiet.holds(now.astimezone(rules.zone))
    if is_quiet and worst([alarm.status, alarm.told]) != "critical":
        return None, alarm
    after = _told(alarm, kind, now)
    due = () if after.status == "ok" else _due(after, people, now, rules)
    new = tuple(each for each in due if each not in after.reached)
    if not kind:
        # What is only a warning is for whoever works now. That the next ones hear of it is no news for the others.
        kind = "escalation" if new and after.told != "ok" else ""
    if not kind:
        is_over = after.status == "ok" and after.told == "ok" and not after.changes and not after.flapping
        return None, None if is_over else after
    readers = alarm.reached if kind in _RELIEF else new if kind == "escalation" else (*after.reached, *new)
    item = Item(kind, after, alarm.told, people=readers)
    if kind == "gone":
        return item, None
    reached = () if kind == "recovered" else tuple(dict.fromkeys((*after.reached, *new)))
    return item, replace(after, reached=reached)


def _news(alarm: Alarm, now: datetime, rules: Rules) -> str:
    """Return the kind of news that it is; nothing if it is none."""
    if now - alarm.seen >= rules.forget:
        return "gone" if alarm.told != "ok" else ""
    if len(alarm.changes) >= rules.flap_changes and not alarm.flapping:
        return "flapping"
    if _rank(alarm.status) > _rank(alarm.told):
        return "raised" if alarm.told == "ok" else "worse"
    if not alarm.flapping and alarm.status != alarm.told:
        return "recovered" if alarm.status == "ok" else "better"
    span = rules.reminder(alarm.told)
    is_due = alarm.told != "ok" and alarm.told_at is not None and now - alarm.told_at >= span > timedelta()
    return "reminder" if is_due else ""


def _told(alarm: Alarm, kind: str, now: datetime) -> Alarm:
    """Return the alarm once the news is told."""
    if not kind:
        return alarm
    told = alarm.status
    if kind == "flapping":
        told = worst([alarm.status, alarm.told, "warning"])
    elif kind == "reminder":
        told = alarm.told
    critical_at = (alarm.critical_at or now) if told == "critical" else None
    return replace(
        alarm, told=told, told_at=now, critical_at=critical_at, flapping=alarm.flapping or kind == "flapping"
    )


def _due(alarm: Alarm, people: Sequence[Person], now: datetime, rules: Rules) -> tuple[str, ...]:
    critical_for = now - (alarm.critical_at or now)
    found = due_people(people, alarm.status, now.astimezone(rules.zone), critical_for, rules.escalation)
    return tuple(each.name for each in found)


def _messages(items: Sequence[Item]) -> tuple[Message, ...]:
    """Return one message for all channels, and one for each group of contacts that get the same."""
    everybody = tuple(each for each in items if each.kind != "escalation" or each.status == "critical")
    names = dict.fromkeys(name for each in items for name in each.people)
    groups: dict[tuple[Item, ...], list[str]] = {}
    for name in names:
        groups.setdefault(tuple(each for each in items if name in each.people), []).append(name)
    found = [Message("alert", everybody)] if everybody else []
    return (*found, *(Message("alert", own, tuple(readers)) for own, readers in groups.items()))


def _digest_is_due(last: datetime | None, now: datetime, rules: Rules) -> bool:
    if rules.digest is None or last is None:
        return False
    local = now.astimezone(rules.zone)
    at = datetime.combine(local.date(), rules.digest, tzinfo=rules.zone)
    if at > local:
        at = datetime.combine(local.date() - timedelta(days=1), rules.digest, tzinfo=rules.zone)
    return last < at


def _digest(state: State, fine: int) -> Message:
    alarms = [each for each in state.alarms.values() if each.status != "ok" or each.flapping]
    items = tuple(Item("flapping" if each.flapping else "open", each, each.told) for each in alarms)
    return Message("digest", items, fine=fine, raised=state.raised, recovered=state.recovered)


def _rank(status: str) -> int:
    return STATES.index(status)
