# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention over all sources of a stack: whole sets stay whole, and nothing goes that nothing replaces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import (
    Candidate,
    Decision,
    Rules,
    plan_retention,
)

#: The source whose backups do not follow one another: each holds rows that no other one does.
ROWS = "logs"

#: How long a safety copy stays: so long, somebody may find out that it was the right one.
SAFETY_COPY_DAYS = 30


@dataclass(frozen=True)
class Member(Candidate):
    """A backup as one of its stack's.

    ``set_id``, ``amounts`` (how much there is in it, by kind) and ``safety_copy`` are what its manifest says; without a
    readable one, ``set_id`` is None and the backup may be anybody's. ``unsure``: it, or a verdict on it, cannot be read
    just now.
    """

    source: str
    set_id: str | None
    amounts: tuple[tuple[str, int], ...] = ()
    unsure: bool = False
    safety_copy: bool = False

    @property
    def readable(self) -> bool:
        """Whether its manifest can be read."""
        return self.set_id is not None


@dataclass(frozen=True)
class Fate:
    """A backup and what was decided about it."""

    member: Member
    decision: Decision


def plan_stack(members: Sequence[Member], rules: Rules, zone: tzinfo) -> list[Fate]:
    """Return the fate of each member, newest first.

    What the rules of :func:`plan_retention` keep of any source keeps the whole set that it belongs to. Beside that stay:

    - all good backups of a source none of which was ever verified: nobody knows yet whether they can be restored;
    - a bad backup, as long as no good one is newer;
    - a backup whose manifest cannot be read: it may not be ours;
    - a backup of which nobody can tell just now whether it is good;
    - a safety copy, which no other rule counts, until a good backup of its source is :data:`SAFETY_COPY_DAYS` younger;
    - archived rows, for as long as the rules say, and bad ones in any case: nothing else holds them. Their age is counted
      up to the newest backup of the stack. By a clock that runs ahead, all of them would be old at once.
    """
    decisions = {each.backup_id: each for each in _decide(members, rules, zone)}
    kept_sets: dict[str, str] = {}
    for each in members:
        if each.set_id is not None and decisions[each.backup_id].keep:
            kept_sets.setdefault(each.set_id, each.backup_id)
    newest_first = sorted(members, key=lambda each: (each.time, each.backup_id), reverse=True)
    return [Fate(each, _with_its_set(each, decisions[each.backup_id], kept_sets)) for each in newest_first]


def _decide(members: Sequence[Member], rules: Rules, zone: tzinfo) -> Iterator[Decision]:
    for source in sorted({each.source for each in members}):
        own = [each for each in members if each.source == source and not each.safety_copy]
        if source == ROWS:
            newest = max(each.time for each in members)
            yield from (_decide_rows(each, rules.keep_logs_days, newest) for each in own)
            continue
        good = [each for each in own if each.good]
        newest_good = max((each.time for each in good), default=None)
        copies = [each for each in members if each.source == source and each.safety_copy]
        yield from (_decide_safety_copy(each, newest_good) for each in copies)
        by_id = {each.backup_id: each for each in own}
        for decision in plan_retention(own, rules, zone):
            member = by_id[decision.backup_id]
            if not member.readable:
                yield _keep(decision, "manifest cannot be read")
            elif member.unsure:
                yield _keep(decision, "cannot be judged just now")
            elif member.good and not any(each.verified for each in good):
                yield _keep(decision, "none was verified")
            elif not member.good and (newest_good is None or member.time > newest_good):
                yield _keep(decision, "no newer good one")
            else:
                yield decision


def _decide_rows(member: Member, days: int, newest: datetime) -> Decision:
    if member.good and days and newest - member.time > timedelta(days=days):
        return Decision(member.backup_id, False, (f"archived more than {days} days ago",))
    return Decision(member.backup_id, True, ("archived rows",))


def _decide_safety_copy(member: Member, newest_good: datetime | None) -> Decision:
    old = newest_good is not None and newest_good - member.time > timedelta(days=SAFETY_COPY_DAYS)
    if old and not member.unsure:
        return Decision(member.backup_id, False, (f"safety copy of more than {SAFETY_COPY_DAYS} days ago",))
    return Decision(member.backup_id, True, ("safety copy",))


def _keep(decision: Decision, reason: str) -> Decision:
    reasons = (*decision.reasons, reason) if decision.keep else (reason,)
    return replace(decision, keep=True, reasons=reasons)


def _with_its_set(member: Member, decision: Decision, kept_sets: dict[str, str]) -> Decision:
    other = kept_sets.get(member.set_id or "")
    return decision if decision.keep or other is None else _keep(decision, f"set of {other}")
