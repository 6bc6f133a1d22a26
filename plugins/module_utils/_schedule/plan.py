# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be installed for a table of jobs. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.table import (
    AWX,
    REVIEW,
    Job,
    Table,
    check_table,
    enabled_jobs,
)


@dataclass(frozen=True)
class Settings(Table):
    """What all jobs of a stack have in common, and what runs them.

    With ``notify``, a failure, and its end, are told by the playbook that reviews the jobs; ``where`` is where they run.
    """

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
    user: str


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
    check_table(settings)
    return settings


def plan(jobs: Sequence[Any], overrides: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """Return what is to be installed: each enabled job of ``jobs``, with its part of ``overrides``, as its file holds it.

    Nothing is for AWX, which starts the jobs by itself; they are checked all the same.

    :raises RefusedError: naming the job that is wrong, and what to do.
    """
    found = enabled_jobs(jobs, overrides, settings)
    return [] if settings.backend == AWX else [_installed(job, settings) for job in found]


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
