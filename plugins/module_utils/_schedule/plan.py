# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of jobs as people write it, and what is to be installed for it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.calendar import cron_from
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.run_job import fields

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,49}$")
# Both get into names of units and files, and into lines of cron, which takes a percent sign for a line's end.
_STACK = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
#: The playbook that tells people what became of the jobs.
REVIEW = "review_jobs"
_KEYS = {"name", "playbook", "calendar", "cron", "variables", "args", "enabled", "exclusive", "late_after", "target"}


@dataclass(frozen=True)
class Job:
    """One job of the table.

    ``calendar`` is in systemd's words, ``cron`` the same in cron's five fields, None where those cannot say it.
    ``late_after`` is the longest time between two runs in seconds, needed where ``cron`` is None.
    """

    name: str
    playbook: str
    calendar: str
    cron: str | None
    late_after: float | None
    target: str
    variables: Mapping[str, Any]
    args: tuple[str, ...]
    exclusive: bool


@dataclass(frozen=True)
class Settings:
    """What all jobs of a stack have in common. ``playbooks`` are the names of those that the collection has.

    With ``notify``, a failure, and its end, are told by the playbook that reviews the jobs; ``where`` is where they run.
    """

    stack: str
    backend: str
    target: str
    program: str
    inventory: tuple[str, ...]
    folder: str
    state: str
    environment_file: str
    vault_password_file: str
    on_failure: tuple[str, ...]
    notify: bool
    where: str
    wait: float
    grace: float
    time_zone: str
    user: str
    playbooks: tuple[str, ...]


def settings_from(given: Mapping[str, Any]) -> Settings:
    """Return the settings in ``given``.

    :raises RefusedError: naming what is missing or wrong.
    """
    try:
        inventory, command = given["inventory"], given["on_failure"]
        settings = Settings(
            stack=str(given["stack"]),
            backend=given["backend"],
            target=str(given["target"]),
            program=str(given["program"]),
            inventory=tuple(map(str, [inventory] if isinstance(inventory, str) else inventory)),
            folder=str(given["folder"]),
            state=str(given["state"]),
            environment_file=str(given["environment_file"]),
            vault_password_file=str(given["vault_password_file"] or ""),
            on_failure=tuple(map(str, command)),
            notify=bool(given["notify"]),
            where=str(given["where"]),
            wait=duration_seconds("schedule_wait_limit", given["wait"]),
            grace=duration_seconds("schedule_grace", given["grace"]),
            time_zone=str(given["time_zone"] or ""),
            user=str(given["user"]),
            playbooks=tuple(given["playbooks"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"These are no settings of a schedule: {error!r}.") from error
    if not _STACK.match(settings.stack):
        raise RefusedError(
            f"{settings.stack!r} cannot be in the names of timers. Set schedule_stack to letters, digits, dots, _ and -."
        )
    if settings.time_zone and settings.backend == "cron":
        raise RefusedError(
            f"cron knows no time zone but the host's: schedule_time_zone is {settings.time_zone!r}. "
            "Leave it empty, or set schedule_backend to systemd."
        )
    return settings


def plan(jobs: Sequence[Any], overrides: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """Return what is to be installed: each enabled job of ``jobs``, with its part of ``overrides``, as its file holds it.

    :raises RefusedError: naming the job that is wrong, and what to do.
    """
    if not all(isinstance(each, Mapping) for each in jobs):
        raise RefusedError("schedule_jobs is no list of jobs, each with a name, a playbook and a calendar.")
    table = {str(each.get("name", "")): each for each in jobs}
    if len(table) < len(jobs):
        raise RefusedError("schedule_jobs has two jobs of one name. Give each its own; schedule_overrides changes one.")
    strange = sorted(set(overrides) - set(table))
    if strange:
        raise RefusedError(
            f"schedule_overrides changes {', '.join(strange)}, which schedule_jobs has not. It has {', '.join(table)}."
        )
    enabled = [{**each, **(overrides.get(name) or {})} for name, each in table.items()]
    return [_installed(_job(each, settings), settings) for each in enabled if each.get("enabled", True)]


def _job(given: Mapping[str, Any], settings: Settings) -> Job:
    name = str(given.get("name", ""))
    if not _NAME.match(name):
        raise RefusedError(f"A job cannot be called {name!r}. Take small letters, digits, _ and -.")
    strange = sorted(set(given) - _KEYS)
    if strange:
        raise RefusedError(
            f"The job {name} has {', '.join(strange)}, which no job has. It may have {', '.join(sorted(_KEYS))}."
        )
    playbook, calendar = str(given.get("playbook", "")), str(given.get("calendar", ""))
    _check_playbook(name, playbook, settings)
    cron = str(given["cron"]) if given.get("cron") else None
    if not calendar and (cron is None or settings.backend == "systemd"):
        raise RefusedError(f"The job {name} has no time. Give it a calendar, such as `*-*-* 03:30`.")
    late_after = optional_duration(f"late_after of the job {name}", given.get("late_after"))
    return Job(
        name=name,
        playbook=playbook,
        calendar=calendar,
        cron=_cron(name, calendar, cron, late_after, settings.backend),
        late_after=late_after,
        target=str(given.get("target") or settings.target),
        variables=given.get("variables") or {},
        args=tuple(map(str, given.get("args") or ())),
        exclusive=bool(given.get("exclusive", True)),
    )


def _check_playbook(name: str, playbook: str, settings: Settings) -> None:
    if not playbook:
        raise RefusedError(f"The job {name} has no playbook.")
    if "." in playbook or "/" in playbook or playbook in settings.playbooks:
        return
    raise RefusedError(
        f"The job {name} is to run {playbook}, which this version of chatbot.ops does not have. "
        f"It has {', '.join(sorted(settings.playbooks))}. Set another one, or `enabled: false` for it in schedule_overrides."
    )


def _cron(name: str, calendar: str, cron: str | None, late_after: float | None, backend: str) -> str | None:
    if cron is not None:
        try:
            fields(cron)
        except ValueError as error:
            raise RefusedError(f"The job {name} has a line for cron that is none: {error}.") from error
        return cron
    try:
        return cron_from(calendar)
    except RefusedError as error:
        if late_after is not None and backend == "systemd":
            return None
        raise RefusedError(f"The job {name}: {error.message}") from error


def _installed(job: Job, settings: Settings) -> dict[str, Any]:
    known = _of_the_jobs(settings) if job.playbook == REVIEW else {}
    command = [*_command(settings, job.playbook, {**known, "target": job.target, **job.variables}), *job.args]
    review = _command(settings, REVIEW, _of_the_jobs(settings)) if settings.notify else []
    unit = f"chatbot-ops-{settings.stack}@{job.name}"
    zone = f" {settings.time_zone}" if settings.time_zone else ""
    systemd = settings.backend == "systemd"
    return {
        "name": job.name,
        "stack": settings.stack,
        "playbook": job.playbook,
        "backend": settings.backend,
        "unit": unit if systemd else "",
        "calendar": f"{job.calendar}{zone}" if systemd else "",
        "cron": job.cron or "",
        "late_after": job.late_after,
        "grace": settings.grace,
        "time_zone": settings.time_zone,
        "exclusive": job.exclusive,
        "wait": settings.wait,
        "command": command,
        "folder": settings.folder,
        "state": settings.state,
        "environment_file": settings.environment_file,
        "vault_password_file": settings.vault_password_file,
        "on_failure": list(settings.on_failure) or review,
        "on_recovery": review,
        "log": f"journalctl --unit={unit}.service" if systemd else f"{settings.state}/{job.name}.log",
        "user": settings.user,
    }


def _command(settings: Settings, playbook: str, variables: Mapping[str, Any]) -> list[str]:
    name = playbook if "." in playbook or "/" in playbook else f"chatbot.ops.{playbook}"
    inventory = [f"--inventory={each}" for each in settings.inventory]
    return [settings.program, *inventory, name, "--extra-vars", json.dumps(variables, sort_keys=True)]


def _of_the_jobs(settings: Settings) -> dict[str, Any]:
    """Return what the playbook that reviews the jobs has to know of them."""
    return {
        "target": settings.target,
        "schedule_stack": settings.stack,
        "schedule_where": settings.where,
        "schedule_notify": settings.notify,
    }
