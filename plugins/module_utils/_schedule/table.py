# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of jobs as people write it, whatever starts them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.calendar import cron_from
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.rrule import check_rrule, rrule_from
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,49}$")
# Both get into names of units and files, and into lines of cron, which takes a percent sign for a line's end.
_STACK = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
#: The playbook that tells people what became of the jobs.
REVIEW = "review_jobs"
#: The backend that installs nothing: AWX starts the jobs by its own schedules.
AWX = "awx"
#: What the full names of this collection's own playbooks begin with.
OWN = "chatbot.ops."
_KEYS = {
    *("name", "playbook", "calendar", "cron", "rrule"),
    *("variables", "args", "enabled", "exclusive", "late_after", "target"),
}


@dataclass(frozen=True)
class Table:
    """What the jobs of a table have in common: whose they are, what starts them, the hosts that they are for.

    ``playbooks`` are the names of those that the collection has.
    """

    stack: str
    backend: str
    target: str
    time_zone: str
    playbooks: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """One job of the table.

    ``calendar`` is in systemd's words, ``cron`` the same in cron's five fields, None where those cannot say it.
    ``late_after`` is the longest time between two runs in seconds, needed where ``cron`` is None. ``rrule`` is the rule by
    which AWX starts it, empty with the other backends.
    """

    name: str
    playbook: str
    calendar: str
    cron: str | None
    late_after: float | None
    rrule: str
    target: str
    variables: Mapping[str, Any]
    args: tuple[str, ...]
    exclusive: bool


def check_table(table: Table) -> None:
    """See that ``table`` can be installed.

    :raises RefusedError: naming what is wrong.
    """
    if not _STACK.match(table.stack):
        raise RefusedError(
            f"{table.stack!r} cannot be in the names of timers. Set schedule_stack to letters, digits, dots, _ and -."
        )
    if table.time_zone and table.backend == "cron":
        raise RefusedError(
            f"cron knows no time zone but the host's: schedule_time_zone is {table.time_zone!r}. "
            "Leave it empty, or set schedule_backend to systemd."
        )


def enabled_jobs(jobs: Sequence[Any], overrides: Mapping[str, Any], table: Table) -> list[Job]:
    """Return each enabled job of ``jobs``, changed by its part of ``overrides``.

    :raises RefusedError: naming the job that is wrong, and what to do.
    """
    if not all(isinstance(each, Mapping) for each in jobs):
        raise RefusedError("schedule_jobs is no list of jobs, each with a name, a playbook and a calendar.")
    known = {str(each.get("name", "")): each for each in jobs}
    if len(known) < len(jobs):
        raise RefusedError("schedule_jobs has two jobs of one name. Give each its own; schedule_overrides changes one.")
    strange = sorted(set(overrides) - set(known))
    if strange:
        raise RefusedError(
            f"schedule_overrides changes {', '.join(strange)}, which schedule_jobs has not. It has {', '.join(known)}."
        )
    enabled = [{**each, **(overrides.get(name) or {})} for name, each in known.items()]
    return [_job(each, table) for each in enabled if each.get("enabled", True)]


def _job(given: Mapping[str, Any], table: Table) -> Job:
    name = str(given.get("name", ""))
    if not _NAME.match(name):
        raise RefusedError(f"A job cannot be called {name!r}. Take small letters, digits, _ and -.")
    strange = sorted(set(given) - _KEYS)
    if strange:
        raise RefusedError(
            f"The job {name} has {', '.join(strange)}, which no job has. It may have {', '.join(sorted(_KEYS))}."
        )
    playbook, calendar = str(given.get("playbook", "")), str(given.get("calendar", ""))
    _check_playbook(name, playbook, table)
    cron = str(given["cron"]) if given.get("cron") else None
    rrule = str(given["rrule"]) if given.get("rrule") else None
    instead = {"cron": cron, AWX: rrule}.get(table.backend)
    if not calendar and instead is None:
        raise RefusedError(f"The job {name} has no time. Give it a calendar, such as `*-*-* 03:30`.")
    if given.get("args") and table.backend == AWX:
        raise RefusedError(
            f"The job {name} has args, which AWX does not hand on. Say the same with its variables, or leave them out."
        )
    late_after = optional_duration(f"late_after of the job {name}", given.get("late_after"))
    return Job(
        name=name,
        playbook=playbook,
        calendar=calendar,
        cron=_cron(name, calendar, cron, late_after, table.backend),
        late_after=late_after,
        rrule=_rrule(name, calendar, rrule, table),
        target=str(given.get("target") or table.target),
        variables=given.get("variables") or {},
        args=tuple(map(str, given.get("args") or ())),
        exclusive=bool(given.get("exclusive", True)),
    )


def _check_playbook(name: str, playbook: str, table: Table) -> None:
    if not playbook:
        raise RefusedError(f"The job {name} has no playbook.")
    own = playbook.removeprefix(OWN) in table.playbooks
    foreign = "." in playbook or "/" in playbook
    if foreign and table.backend == AWX and not own:
        raise RefusedError(
            f"The job {name} runs {playbook}, and AWX is set up for chatbot.ops' own playbooks alone. Set "
            "`enabled: false` for it in schedule_overrides, and make its template and schedule in AWX."
        )
    if own or foreign:
        return
    raise RefusedError(
        f"The job {name} is to run {playbook}, which this version of chatbot.ops does not have. "
        f"It has {', '.join(sorted(table.playbooks))}. Set another one, or `enabled: false` for it in schedule_overrides."
    )


def _rrule(name: str, calendar: str, rrule: str | None, table: Table) -> str:
    if rrule is not None:
        try:
            check_rrule(rrule)
        except ValueError as error:
            raise RefusedError(f"The job {name} has an rrule that AWX does not take: {error}.") from error
    if table.backend != AWX:
        return ""
    try:
        return rrule or rrule_from(calendar, table.time_zone)
    except RefusedError as error:
        raise RefusedError(f"The job {name}: {error.message}") from error


def _cron(name: str, calendar: str, cron: str | None, late_after: float | None, backend: str) -> str | None:
    if cron is not None:
        try:
            fields(cron)
        except ValueError as error:
            raise RefusedError(f"The job {name} has a line for cron that is none: {error}.") from error
        return cron
    if backend == AWX:
        return None
    try:
        return cron_from(calendar)
    except RefusedError as error:
        if late_after is not None and backend == "systemd":
            return None
        raise RefusedError(f"The job {name}: {error.message}") from error
