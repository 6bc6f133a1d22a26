# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is to restore a project from: found out by questions alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import (
    HEALTHY,
    Backups,
    ManagedBackup,
    Project,
    Service,
)
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.refusal import PITR_ADVICE

#: The services that a chatbot's stack needs; a project without storage, say, is no worse for it.
SERVICES = ("auth", "db", "pooler", "rest")
#: For how many days a plan keeps daily backups; https://supabase.com/docs/guides/platform/backups
_DAYS_KEPT = {"pro": 7, "team": 14, "enterprise": 30}


def backup_info(client: Client, max_age: float | None) -> dict[str, Any]:
    """Return the module's result.

    :param max_age: the age in seconds that the newest recovery point may have; None: any.
    :raises OpsError: if the project or its backups cannot be read.
    """
    project = client.project()
    found, instant = client.backups(), now()
    services = client.services(*SERVICES) if project.status == HEALTHY else []
    plan, unread = _plan(client, project)
    newest = newest_point(found)
    age = None if newest is None else _age(newest, instant)
    return {
        "changed": False,
        "project": {
            "ref": project.ref,
            "name": project.name,
            "organization": project.organization,
            "region": project.region,
            "status": project.status,
            "postgres_version": project.postgres_version,
        },
        "services": [{"name": each.name, "status": each.status, "error": each.error} for each in services],
        "healthy": project.status == HEALTHY and all(each.status == HEALTHY for each in services),
        "plan": plan,
        "pitr": {
            "enabled": found.pitr_enabled,
            "earliest": None if found.earliest is None else to_iso(found.earliest),
            "latest": None if found.latest is None else to_iso(found.latest),
        },
        "backups": [_backup(each, instant) for each in found.backups],
        "newest": None if newest is None else to_iso(newest),
        "age_seconds": age,
        "fresh": None if max_age is None else age is not None and age <= max_age,
        "notes": [*_notes(project, services, found, plan), *unread],
    }


def newest_point(found: Backups) -> datetime | None:
    """Return the newest instant that the project can be brought back to, None if there is none."""
    points = [each.taken for each in found.completed()]
    if found.pitr_enabled and found.latest is not None:
        points.append(found.latest)
    return max(points, default=None)


def _plan(client: Client, project: Project) -> tuple[str | None, list[str]]:
    """Return the plan, or why it is not known: to know it is no condition for the rest."""
    try:
        return client.plan(project.organization), []
    except OpsError as error:
        return None, [f"The organization's plan is not known. {error.message}"]


def _backup(backup: ManagedBackup, instant: datetime) -> dict[str, Any]:
    return {
        "id": backup.id,
        "status": backup.status,
        "physical": backup.is_physical,
        "taken": to_iso(backup.taken),
        "age_seconds": _age(backup.taken, instant),
    }


def _age(taken: datetime, instant: datetime) -> int:
    return max(0, int((instant - taken).total_seconds()))


def _notes(project: Project, services: list[Service], found: Backups, plan: str | None) -> Iterator[str]:
    if project.status == "INACTIVE":
        yield "The project is paused: nothing can use its database. Resume it in the dashboard."
    elif project.status != HEALTHY:
        yield f"The project is {project.status}, so that its services were not asked."
    for each in services:
        if each.status != HEALTHY:
            yield f"Service {each.name} is {each.status}{f': {each.error}' if each.error else '.'}"
    if plan == "free":
        yield (
            "The free plan has no managed backup that can be restored, and its projects are paused after a week without "
            "use: take dumps (chatbot.ops.pg_dump with provider: supabase)."
        )
    elif plan in _DAYS_KEPT and not found.pitr_enabled:
        yield f"The {plan} plan keeps daily backups for {_DAYS_KEPT[plan]} days."
    if found.pitr_enabled and found.latest is None:
        yield "Point-in-time recovery is enabled, but Supabase tells no span that it reaches yet."
    if not found.pitr_enabled:
        yield f"Up to a day of rows is lost with a daily backup. {PITR_ADVICE}."
    if any(not each.is_physical for each in found.completed()):
        yield "Logical backups can be restored in the dashboard only; Supabase's API restores physical ones."
    yield (
        "Managed backups hold no file of Supabase Storage, and are deleted with their project: keep dumps elsewhere too."
    )
