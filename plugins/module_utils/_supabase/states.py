# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each state of a project means to a restore. Pure."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.answers import HEALTHY, RESTORING

#: The states in which a restore may be asked for. After a restore that failed, another one is what helps.
_READY = (HEALTHY, "ACTIVE_UNHEALTHY", "RESTORE_FAILED")
#: The states that lead from a restore back to health, and those that end it otherwise.
_ON_THE_WAY = (RESTORING, "COMING_UP", "RESTARTING", "ACTIVE_UNHEALTHY", "UNKNOWN")
_PAUSED = (
    "it is paused. Resume it in the dashboard (a project of the free plan that is paused longer than its plan allows can "
    "only be downloaded), wait until it is healthy, and try again"
)
_BUSY = {
    "COMING_UP": "it is starting, perhaps after a restore that has just ended",
    "GOING_DOWN": "it is going down",
    "PAUSING": "it is being paused",
    "RESIZING": "its compute size is being changed",
    "RESTARTING": "it is restarting",
    "UPGRADING": "its PostgreSQL is being upgraded",
}
_DEAD = {
    "INACTIVE": _PAUSED,
    "INIT_FAILED": "it was never set up successfully. Make a new project, and restore a dump into it",
    "PAUSE_FAILED": "it could not be paused. Ask Supabase's support",
    "REMOVED": "it was deleted, and its managed backups with it. Make a new project, and restore a dump into it",
}


def refused_state(project_ref: str, status: str) -> OpsError | None:
    """Return why no restore can begin while the project is in state ``status``; None where one can."""
    title = f"Failed to restore Supabase project {project_ref}"
    if status in _READY:
        return None
    if status in _BUSY:
        return BusyError(
            f"{title}: {_BUSY[status]} ({status}). Wait until it is healthy, look at what it holds, and try again.",
            status=status,
        )
    reason = _DEAD.get(status, "nobody knows what it is doing. Look at the dashboard")
    return RefusedError(f"{title}: {reason} ({status}).", status=status)


def is_on_the_way(status: str) -> bool:
    """Tell whether a project that was asked to restore may be in state ``status`` before it is healthy again."""
    return status in _ON_THE_WAY
