# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be restored, and what that costs: decided before anything is asked for. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, cast

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds, optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import Backups, ManagedBackup
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.refusal import PITR_ADVICE

POINT_IN_TIME = "point_in_time"
MANAGED_BACKUP = "managed_backup"
LATEST = "latest"

#: What ``supabase_restore`` takes beside the API's own.
RESTORE_ARGUMENTS: dict[str, Any] = {
    "method": {"type": "str", "choices": [POINT_IN_TIME, MANAGED_BACKUP], "required": True},
    "recovery_time": {"type": "str"},
    "before": {"type": "str"},
    "backup_id": {"type": "str", "default": LATEST},
    "confirm": {"type": "str"},
    "time_limit": {"type": "str", "default": "2h"},
    "start_limit": {"type": "str", "default": "10m"},
    "poll_interval": {"type": "str", "default": "10s"},
}


@dataclass(frozen=True)
class Wanted:
    """What the user asks for; ``recovery_time`` is exact, ``before`` is not reached. ``backup_id`` None: the newest."""

    method: str
    recovery_time: datetime | None
    before: datetime | None
    backup_id: int | None


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds: until the project is healthy, until it begins to restore, between two looks."""

    time_limit: float
    start_limit: float
    poll_interval: float


@dataclass(frozen=True)
class Plan:
    """What will be restored: the state at ``instant``, and the backup that holds it (None: the log does)."""

    method: str
    instant: datetime
    backup: ManagedBackup | None
    lost_seconds: int

    def to_result(self) -> dict[str, Any]:
        """Return it as a module returns it."""
        return {
            "method": self.method,
            "recovery_time": to_iso(self.instant),
            "backup_id": None if self.backup is None else self.backup.id,
            "lost_seconds": self.lost_seconds,
        }


def wanted_from(params: Mapping[str, Any]) -> Wanted:
    """Return what the module parameters ask for.

    :raises RefusedError: if they contradict each other.
    """
    wanted = Wanted(
        method=params["method"],
        recovery_time=optional_time("recovery_time", params["recovery_time"]),
        before=optional_time("before", params["before"]),
        backup_id=_backup_id(params["backup_id"]),
    )
    times = [each for each in (wanted.recovery_time, wanted.before) if each is not None]
    if wanted.method == POINT_IN_TIME:
        if len(times) != 1 or wanted.backup_id is not None:
            raise RefusedError(
                "A point-in-time restore needs one time: recovery_time (that very second) or before (the second before "
                "it), and no backup_id."
            )
    elif wanted.recovery_time is not None or (wanted.before is not None and wanted.backup_id is not None):
        raise RefusedError(
            "A managed backup is chosen by backup_id, or as the newest one before the time in before. Give one of them; "
            "recovery_time is for method: point_in_time."
        )
    return wanted


def patience_from(params: Mapping[str, Any]) -> Patience:
    """Return for how long the module parameters say to wait.

    :raises RefusedError: if one of them is no span.
    """
    spans = {name: duration_seconds(name, params[name]) for name in ("time_limit", "start_limit", "poll_interval")}
    if spans["poll_interval"] <= 0:
        raise RefusedError("Parameter poll_interval: 0 would ask Supabase without a pause. Write a span such as 10s.")
    return Patience(**spans)


def make_plan(project_ref: str, wanted: Wanted, found: Backups, now: datetime) -> Plan:
    """Return what to restore of what there is.

    :raises RefusedError: if there is nothing that fits.
    """
    title = f"Failed to restore Supabase project {project_ref}"
    if wanted.method == POINT_IN_TIME:
        instant = _reachable(title, _target(wanted), found, now)
        return Plan(wanted.method, instant, None, _age(instant, now))
    backup = _choose(title, wanted, found)
    return Plan(wanted.method, backup.taken, backup, _age(backup.taken, now))


def _backup_id(text: str) -> int | None:
    if text == LATEST:
        return None
    if not text.isdigit():
        raise RefusedError(
            f"Parameter backup_id: {text!r} is neither {LATEST} nor the number of a managed backup. "
            "supabase_backup_info lists them."
        )
    return int(text)


def _target(wanted: Wanted) -> datetime:
    """Return the whole second to recover to: that of ``recovery_time``, or the last one before ``before``."""
    if wanted.recovery_time is not None:
        return wanted.recovery_time.replace(microsecond=0)
    before = cast(datetime, wanted.before)  # wanted_from sees to it
    return datetime.fromtimestamp(math.ceil(before.timestamp()), timezone.utc) - timedelta(seconds=1)


def _reachable(title: str, instant: datetime, found: Backups, now: datetime) -> datetime:
    if not found.pitr_enabled:
        raise RefusedError(f"{title}: point-in-time recovery is not enabled. {PITR_ADVICE}.")
    if found.earliest is None or found.latest is None:
        raise RefusedError(
            f"{title}: Supabase tells no span that point-in-time recovery reaches; it may have been enabled only just "
            "now. Restore a managed backup or a dump."
        )
    span = f"from {to_iso(found.earliest)} to {to_iso(found.latest)}"
    if instant > now:
        raise RefusedError(f"{title}: {to_iso(instant)} is still to come. Recovery reaches {span}.")
    if not found.earliest <= instant <= found.latest:
        raise RefusedError(
            f"{title}: {to_iso(instant)} is out of reach. Point-in-time recovery reaches {span}; "
            "Supabase writes its log away every two minutes or so."
        )
    return instant


def _choose(title: str, wanted: Wanted, found: Backups) -> ManagedBackup:
    if wanted.backup_id is not None:
        named = [each for each in found.backups if each.id == wanted.backup_id]
        if not named:
            raise RefusedError(f"{title}: there is no managed backup {wanted.backup_id}. {_offer(found)}")
        return _usable(title, named[0])
    fitting = [each for each in found.completed() if wanted.before is None or each.taken < wanted.before]
    if not fitting:
        limit = "" if wanted.before is None else f" from before {to_iso(wanted.before)}"
        raise RefusedError(f"{title}: there is no completed managed backup{limit}. {_offer(found)}")
    return _usable(title, fitting[0])


def _usable(title: str, backup: ManagedBackup) -> ManagedBackup:
    if backup.status != "COMPLETED":
        raise RefusedError(f"{title}: the managed backup {backup.id} is {backup.status}, not COMPLETED. Take another.")
    if not backup.is_physical:
        raise RefusedError(
            f"{title}: the managed backup {backup.id} is a logical one, and Supabase's API restores physical ones only. "
            "Restore it in the dashboard (Database, Backups)."
        )
    return backup


def _offer(found: Backups) -> str:
    listed = ", ".join(f"{each.id} ({to_iso(each.taken)})" for each in found.completed()[:5])
    if listed:
        return f"There is {listed}."
    if found.pitr_enabled:
        return "Point-in-time recovery is enabled, which takes the place of daily backups: use method: point_in_time."
    return "Projects of the free plan have none that can be restored: restore a dump (chatbot.ops.pg_restore)."


def _age(instant: datetime, now: datetime) -> int:
    return max(0, int((now - instant).total_seconds()))
