# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From where on something is wrong, unless a role's variable says otherwise. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Limit
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds

_HOUR, _DAY = 3600.0, 86_400.0
_GRACE = 2 * _HOUR


@dataclass(frozen=True)
class Default:
    """A limit as it is by default; ``unit`` is its number's. Those in ``s`` may be given as durations (``5m``)."""

    unit: str
    warning: float | None
    critical: float | None
    falling: bool = False


DEFAULTS: Mapping[str, Default] = {
    "latency": Default("s", 2.0, 5.0),
    "failed_executions": Default("executions", 5, 50),
    "connect": Default("s", 1.0, 4.0),
    "database_size": Default("bytes", None, None),
    "connections": Default("percent", 80, 95),
    "locks": Default("s", 30, 300),
    "bloat": Default("percent", 40, 70),
    # The server takes no more writes at two thousand million, and cleans up by itself from 200 million on.
    "transaction_age": Default("transactions", 500e6, 1000e6),
    "replication": Default("s", 60, 600),
    "archiving": Default("s", 300, 1800),
    "restarts": Default("restarts", 2, 5),
    "container_memory": Default("percent", 85, 97),
    "load": Default("per core", 2.0, 5.0),
    "memory": Default("percent", 85, 95),
    "swap": Default("percent", 50, 90),
    "oom": Default("kills", 1, 5),
    "disk_bytes": Default("percent", 80, 90),
    "disk_inodes": Default("percent", 80, 90),
    "days_left": Default("days", 14, 3, falling=True),
    # Let's Encrypt's are renewed thirty days before their end.
    "certificate": Default("days", 21, 7, falling=True),
    "clock": Default("s", 2.0, 30.0),
    "security_updates": Default("packages", 1, None),
    "pending_updates": Default("packages", 100, None),
    "lists_age": Default("s", 7 * _DAY, None),
    "backup_age": Default("s", 26 * _HOUR, 50 * _HOUR),
    "backup_verified": Default("s", 8 * _DAY, 15 * _DAY),
    "backup_size": Default("percent", 50, 10, falling=True),
    "backup_duration": Default("s", None, None),
    "rehearsal_age": Default("s", 35 * _DAY, None),
}


def limits_from(given: Mapping[str, Any], rpo: Any = None) -> dict[str, Limit]:
    """Return all limits by name: ``given`` (``{name: {warning, critical}}``, either or both) before the defaults.

    Null, or a negative number, is no limit.

    :param rpo: how much of the newest data may be lost, a duration. A backup is late when it is older, with two hours in which
        the next one may still be under way, and critical when one was left out.

    :raises RefusedError: if one has another name, is no number or contradicts itself.
    """
    strange = sorted(set(given) - set(DEFAULTS))
    if strange:
        raise RefusedError(f"health_limits has no {', '.join(strange)}. Those that there are: {', '.join(DEFAULTS)}.")
    defaults = dict(DEFAULTS)
    if rpo is not None:
        seconds = duration_seconds("objectives.rpo", rpo)
        defaults["backup_age"] = Default("s", seconds + _GRACE, 2 * seconds + _GRACE)
    return {name: _limit(name, default, given.get(name) or {}) for name, default in defaults.items()}


def _limit(name: str, default: Default, given: Mapping[str, Any]) -> Limit:
    strange = sorted(set(given) - {"warning", "critical"})
    try:
        if strange:
            raise ValueError(f"it has {', '.join(strange)}")
        warning, critical = (
            _number(default.unit, given[each]) if each in given else standard
            for each, standard in (("warning", default.warning), ("critical", default.critical))
        )
        return Limit(warning, critical, falling=default.falling)
    except (TypeError, ValueError, OpsError) as error:
        raise RefusedError(
            f"health_limits.{name}: {error}. Give warning and critical, each a number ({default.unit}) or null."
        ) from error


def _number(unit: str, given: Any) -> float | None:
    if given in (None, ""):
        return None
    if unit == "s" and isinstance(given, str) and not given.lstrip().startswith("-"):
        return duration_seconds("health_limits", given)
    number = float(given)
    return None if number < 0 else number
