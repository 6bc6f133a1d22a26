# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of jobs as schedules of AWX. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.table import (
    AWX,
    OWN,
    REVIEW,
    Job,
    Table,
    check_table,
    enabled_jobs,
)

# No name of a stack has a colon in it.
_BETWEEN = ": "


@dataclass(frozen=True)
class HostTable:
    """The table of jobs that the inventory has for ``host``, as people wrote it."""

    host: str
    table: Table
    jobs: Sequence[Any]
    overrides: Mapping[str, Any]


def check_hosts(hosts: Collection[str]) -> None:
    """See that there is anything to look at: without an inventory, all schedules would seem to be gone.

    :raises RefusedError: if there is no host.
    """
    if not hosts:
        raise RefusedError(
            "There is no host whose table of jobs AWX could have. Name the inventory with -i, and in target hosts that it "
            "has; or set awx_schedules: [] if AWX is to start nothing by itself."
        )


def table_of(
    host: str, variables: Mapping[str, Any], default_jobs: Sequence[Any], playbooks: Iterable[str]
) -> HostTable:
    """Return the table of ``host`` with these ``variables``; where they say nothing, what the role schedule takes."""
    table = Table(
        stack=stack_of(variables),
        backend=str(variables.get("schedule_backend", "systemd")),
        target=str(variables.get("schedule_target", host)),
        time_zone=str(variables.get("schedule_time_zone") or ""),
        playbooks=tuple(playbooks),
    )
    return HostTable(
        host, table, variables.get("schedule_jobs", default_jobs), variables.get("schedule_overrides") or {}
    )


def stack_of(variables: Mapping[str, Any]) -> str:
    """Return the name of the stack whose table a host with these ``variables`` has, empty if it has none."""
    if "schedule_stack" in variables:
        return str(variables["schedule_stack"])
    return str((variables.get("chatbot_stack") or {}).get("name") or "")


def schedules(found: Iterable[HostTable]) -> list[dict[str, Any]]:
    """Return a schedule for each enabled job of the tables whose backend is AWX.

    Several hosts may have one and the same table. The review of the jobs is left out: it reads what the runner of systemd
    and cron notes, and AWX keeps that by itself.

    :raises RefusedError: naming the host and the job that is wrong, and what to do.
    """
    made: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.table.backend != AWX:
            continue
        for schedule in _of_host(each):
            if made.setdefault(schedule["name"], schedule) != schedule:
                raise RefusedError(
                    f"{each.host} and another host both have a table of jobs for {each.table.stack}, and they differ. "
                    "Give each its own schedule_stack, or the same schedule_jobs and schedule_target."
                )
    return list(made.values())


def _of_host(found: HostTable) -> list[dict[str, Any]]:
    try:
        check_table(found.table)
        jobs = enabled_jobs(found.jobs, found.overrides, found.table)
        return [_schedule(found.table.stack, job) for job in jobs if job.playbook not in (REVIEW, OWN + REVIEW)]
    except RefusedError as error:
        raise RefusedError(f"The jobs of {found.host} cannot be schedules of AWX. {error.message}") from error


def _schedule(stack: str, job: Job) -> dict[str, Any]:
    return {
        "name": f"{stack}{_BETWEEN}{job.name}",
        "template": job.playbook.removeprefix(OWN),
        "rrule": job.rrule,
        "extra_data": {"target": job.target, **job.variables},
    }


def gone(
    present: Iterable[Mapping[str, Any]], wanted: Iterable[Mapping[str, Any]], others: Collection[str]
) -> list[dict[str, str]]:
    """Return which of the schedules that are ``present`` in AWX are no longer ``wanted``, by name and template.

    ``present`` are those that this collection made, as AWX's API tells of them; those of the stacks ``others`` stay, as
    nobody has looked at their tables.
    """
    names = {(str(each.get("name") or each["template"]), str(each["template"])) for each in wanted}
    found = [(str(each["name"]), str(each["summary_fields"]["unified_job_template"]["name"])) for each in present]
    return [
        {"name": name, "template": template}
        for name, template in found
        if (name, template) not in names and not (_BETWEEN in name and name.split(_BETWEEN)[0] in others)
    ]
