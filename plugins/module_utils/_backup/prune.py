# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove what the rules do not keep: decide over all sources of a stack at once, then act."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, tzinfo
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import time_zone
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import finished_first
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES, id_time
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of
from ansible_collections.chatbot.ops.plugins.module_utils._retention.guards import (
    amounts,
    require_forward_clock,
    require_no_shrinkage,
    require_rules,
)
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules
from ansible_collections.chatbot.ops.plugins.module_utils._retention.stack import ROWS, Fate, Member, plan_stack

#: What the module takes beside the repository.
RULE_ARGUMENTS: dict[str, Any] = {
    **{each.name: {"type": "int", "default": each.default} for each in fields(Rules)},
    "time_zone": {"type": "str", "default": "UTC"},
    "max_shrinkage": {"type": "int", "default": 50},
    "accept_shrinkage": {"type": "bool", "default": False},
}

#: How old an orphan must be; a younger one may be a backup that is being written.
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; ``max_shrinkage`` in percent, or None to accept any."""

    rules: Rules
    zone: tzinfo
    max_shrinkage: int | None
    check_mode: bool


@dataclass(frozen=True)
class Plan:
    """What is to become of all that a repository holds of a stack.

    ``pages`` are sets none of whose backups stays, ``unread`` tells of the verdicts that cannot be read.
    """

    stack: str
    fates: tuple[Fate, ...]
    orphans: tuple[tuple[Place, str], ...]
    pages: tuple[str, ...]
    foreign: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def superseded(self) -> list[Fate]:
        """The backups that are to go, oldest first."""
        return [each for each in reversed(self.fates) if not each.decision.keep]

    @property
    def places(self) -> list[Place]:
        """The places that hold anything of it."""
        found = {each.member.source for each in self.fates} | {place.source for place, _id in self.orphans}
        return [Place(self.stack, source) for source in SOURCES if source in found]


def read_wanted(params: Mapping[str, Any], *, check_mode: bool) -> Wanted:
    """Return what the module parameters ask for.

    :raises RefusedError: naming the parameter that makes no sense.
    """
    rules = Rules(**{each.name: params[each.name] for each in fields(Rules)})
    require_rules(rules)
    most = params["max_shrinkage"]
    if not 0 <= most <= 100:
        raise RefusedError(f"Parameter max_shrinkage: {most} is no percentage from 0 to 100.")
    zone = time_zone("time_zone", params["time_zone"])
    return Wanted(rules, zone, None if params["accept_shrinkage"] else most, check_mode)


def prune_backups(repository: Repository, stack: str, wanted: Wanted, warn: Callable[[str], object]) -> dict[str, Any]:
    """Remove what ``wanted`` does not keep, and return the module's result.

    :param warn: is told what the user should know though it is no failure.
    :raises RefusedError: and nothing was touched, if what there is looks suspicious.
    :raises OpsError: if the repository fails; what is listed is whole even then.
    """
    stack = place_of(stack, SOURCES[0]).stack
    repository.preflight()
    plan = _plan(repository, stack, wanted)
    for unread in plan.unread:
        warn(unread)
    for source in _unverified(plan.fates):
        warn(f"No backup of {source} was ever verified, so none of its good ones is removed. Run backup_verify.")
    if wanted.check_mode or not (plan.superseded or plan.orphans or plan.pages):
        result = _carry_out(repository, plan, warn, touch=False)
        if not wanted.check_mode:
            repository.reclaim()
        return result
    with ExitStack() as leases:
        for place in plan.places:
            leases.enter_context(repository.lease(place))
        # Whoever held a lease before us may have changed what there is.
        result = _carry_out(repository, _plan(repository, stack, wanted), warn, touch=True)
        repository.reclaim()
        return result


def _plan(repository: Repository, stack: str, wanted: Wanted) -> Plan:
    """Look at all that there is and decide.

    :raises RefusedError: if it looks suspicious.
    """
    instant = now()
    places = [Place(stack, source) for source in SOURCES]
    entries = [entry for place in places for entry in repository.entries(place)]
    members = [_member(entry) for entry in entries]
    require_forward_clock(members, instant)
    fates = plan_stack(members, wanted.rules, wanted.zone)
    if wanted.max_shrinkage is not None:
        require_no_shrinkage(fates, wanted.max_shrinkage)
    strays = {place: repository.strays(place) for place in places}
    return Plan(
        stack,
        tuple(fates),
        tuple((place, each) for place in places for each in strays[place].orphans if _is_old(each, instant)),
        tuple(_abandoned(repository.sets_with_pages(stack), fates, instant)),
        tuple(f"{place.source}/{name}" for place in places for name in strays[place].foreign),
        tuple(each.unread for each in entries if each.unread is not None),
    )


def _member(entry: Entry) -> Member:
    verdict, manifest = entry.verdict, entry.manifest
    return Member(
        backup_id=entry.backup_id,
        time=entry.time,
        # With a verdict that cannot be read, it may be bad: then, it must push no good one out.
        good=entry.good and entry.unread is None,
        verified=verdict is not None and not verdict.problems,
        source=entry.place.source,
        set_id=manifest.set_id if manifest else None,
        amounts=amounts(manifest) if manifest else (),
        unsure=entry.unknown is not None or entry.unread is not None,
        safety_copy=entry.is_safety_copy,
    )


def _unverified(fates: Sequence[Fate]) -> list[str]:
    """Return the sources that have good backups, and of these no verified one."""
    members = [each.member for each in fates if each.member.source != ROWS and not each.member.safety_copy]
    good = [each for each in members if each.good]
    return sorted({each.source for each in good} - {each.source for each in good if each.verified})


def _is_old(identifier: str, instant: datetime) -> bool:
    return instant - id_time(identifier) > _DAY


def _abandoned(sets: Sequence[str], fates: Sequence[Fate], instant: datetime) -> list[str]:
    """Return those of ``sets`` none of whose backups stays.

    Pages from about the time of a backup whose manifest cannot be read may be its own, and all that tells how to open it.
    """
    staying = [each.member for each in fates if each.decision.keep]
    known = {each.set_id for each in staying}
    unknown = [each.time for each in staying if not each.readable]
    return [
        each
        for each in sets
        if each not in known
        and _is_old(each, instant)
        and not any(abs(id_time(each) - time) <= _DAY for time in unknown)
    ]


def _carry_out(repository: Repository, plan: Plan, warn: Callable[[str], object], *, touch: bool) -> dict[str, Any]:
    """Remove what is to go, or find out what would become of it, and return the result."""
    removed, retained, orphans = [], [], []
    held_sets = set()
    for fate in plan.superseded:
        member = fate.member
        # Half a removal would leave an orphan, which takes its room until it is a day old.
        with finished_first():
            outcome = repository.remove(Place(plan.stack, member.source), member.backup_id, touch=touch)
        if outcome.gone:
            removed.append(_named(fate, reason=fate.decision.reasons[0]))
            if outcome.reason is not None:
                warn(f"{member.backup_id} is no backup any more, but some of its payload stays: {outcome.reason}")
        else:
            retained.append(_named(fate, reason=outcome.reason))
            held_sets.add(member.set_id)
    for place, backup_id in plan.orphans:
        outcome = repository.remove(place, backup_id, touch=touch)
        names = {"backup_id": backup_id, "source": place.source}
        if outcome.reason is None:
            orphans.append(names)
        else:
            retained.append({**names, "set_id": None, "reason": outcome.reason})
    wanted_pages = [each for each in plan.pages if each not in held_sets]
    pages = [each for each in wanted_pages if repository.remove_pages(plan.stack, each, touch=touch).reason is None]
    kept = [_named(each, reasons=list(each.decision.reasons)) for each in plan.fates if each.decision.keep]
    return {
        "changed": bool(removed or orphans or pages),
        "kept": kept,
        "removed": removed,
        "retained": retained,
        "orphans": orphans,
        "pages": pages,
        "foreign": list(plan.foreign),
        "diff": _diff(plan, retained, orphans),
    }


def _named(fate: Fate, **more: Any) -> dict[str, Any]:
    member = fate.member
    return {"backup_id": member.backup_id, "source": member.source, "set_id": member.set_id, **more}


def _diff(plan: Plan, retained: Sequence[Mapping[str, Any]], orphans: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is there before and after, each backup with what was decided about it."""
    held = {each["backup_id"]: each["reason"] for each in retained}
    reasons = {each.member.backup_id: ", ".join(each.decision.reasons) for each in plan.fates}
    before = {identifier: held.get(identifier, reason) for identifier, reason in reasons.items()}
    gone = {each.member.backup_id for each in plan.superseded} - set(held)
    after = {identifier: reason for identifier, reason in before.items() if identifier not in gone}
    return {
        "before": {"backups": before, "orphans": [each["backup_id"] for each in orphans]},
        "after": {"backups": after, "orphans": []},
    }
