# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Management API answers, read into values. Pure.

The shapes are those of its OpenAPI document (https://api.supabase.com/api/v1-json).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, TypeVar

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso

COMPLETED = "COMPLETED"
HEALTHY = "ACTIVE_HEALTHY"
RESTORING = "RESTORING"

T = TypeVar("T")


@dataclass(frozen=True)
class Project:
    """A project; ``status`` is the API's word, such as ``ACTIVE_HEALTHY``."""

    ref: str
    name: str
    organization: str
    region: str
    status: str
    postgres_version: str


@dataclass(frozen=True)
class Service:
    """One service of a project; ``status`` is ``COMING_UP``, ``ACTIVE_HEALTHY`` or ``UNHEALTHY``."""

    name: str
    status: str
    error: str | None


@dataclass(frozen=True)
class ManagedBackup:
    """A backup that Supabase took; only one whose ``status`` is ``COMPLETED`` can be restored."""

    id: int
    status: str
    is_physical: bool
    taken: datetime


@dataclass(frozen=True)
class Backups:
    """The managed backups, newest first, and the span that point-in-time recovery reaches (None: unknown)."""

    pitr_enabled: bool
    earliest: datetime | None
    latest: datetime | None
    backups: Sequence[ManagedBackup]

    def completed(self) -> list[ManagedBackup]:
        """Return those that can be restored, newest first."""
        return [each for each in self.backups if each.status == COMPLETED]


def parse_project(answer: Any) -> Project:
    """Return the project that the API told of.

    :raises ToolError: if the answer has another shape.
    """
    return _reading(answer, _project, "a project")


def parse_services(answer: Any) -> list[Service]:
    """Return the services that the API told of.

    :raises ToolError: if the answer has another shape.
    """
    return _reading(answer, lambda items: [_service(each) for each in items], "the health of services")


def parse_backups(answer: Any) -> Backups:
    """Return the backups that the API told of.

    :raises ToolError: if the answer has another shape.
    """
    return _reading(answer, _backups, "backups")


def parse_plan(answer: Any) -> str | None:
    """Return the plan (``free``, ``pro``, ``team``, ``enterprise``, ``platform``) of an organization, None if not told.

    :raises ToolError: if the answer has another shape.
    """
    return _reading(answer, lambda each: None if each.get("plan") is None else str(each["plan"]), "an organization")


def parse_message(body: bytes) -> str:
    """Return what the API says in the body of an error, in one line; empty if it says nothing that can be read."""
    try:
        said = json.loads(body)
    except ValueError:
        return ""
    message = said.get("message", "") if isinstance(said, Mapping) else ""
    if isinstance(message, list):
        message = "; ".join(str(each) for each in message)
    return " ".join(str(message).split())[:300]


def _reading(answer: Any, read: Callable[[Any], T], what: str) -> T:
    try:
        return read(answer)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise ToolError(
            f"Supabase's API answered something that is no description of {what} ({error!r}). "
            "Its interface may have changed: look for a newer chatbot.ops."
        ) from error


def _project(answer: Mapping[str, Any]) -> Project:
    return Project(
        ref=str(answer["ref"]),
        name=str(answer["name"]),
        organization=str(answer["organization_slug"]),
        region=str(answer["region"]),
        status=str(answer["status"]),
        postgres_version=str(answer["database"]["version"]),
    )


def _service(answer: Mapping[str, Any]) -> Service:
    return Service(str(answer["name"]), str(answer["status"]), answer.get("error"))


def _backups(answer: Mapping[str, Any]) -> Backups:
    reach = answer["physical_backup_data"]
    found = [
        ManagedBackup(
            int(each["id"]), str(each["status"]), bool(each["is_physical_backup"]), from_iso(each["inserted_at"])
        )
        for each in answer["backups"]
    ]
    return Backups(
        pitr_enabled=bool(answer["pitr_enabled"]),
        earliest=_instant(reach.get("earliest_physical_backup_date_unix")),
        latest=_instant(reach.get("latest_physical_backup_date_unix")),
        backups=tuple(sorted(found, key=lambda each: (each.taken, each.id), reverse=True)),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)
