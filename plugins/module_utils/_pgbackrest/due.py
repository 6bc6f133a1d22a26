# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup of a cluster is due: a full one, a differential one, or none. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.answers import BaseBackup, read_stanza

KINDS = ("auto", "full", "diff", "incr")


def due_backup(findings: Mapping[str, Any], instant: datetime | None = None) -> dict[str, Any]:
    """Return the kind of the backup that is due.

    :param findings: ``info`` (what ``pgbackrest info --output=json`` printed) and ``stanza``; ``kind``, one of
        :data:`KINDS`; ``full_max_age`` and ``max_age`` (durations), after which a full backup, or any, is due.
    :param instant: the present; the clock's if it is not given.
    :returns: ``kind`` (full, diff, incr, or empty if none is due), ``newest`` and ``newest_full`` (labels; empty: none).
    :raises RefusedError: if an option is wrong.
    :raises ToolError: if pgBackRest's answer cannot be read.
    """
    kind = findings["kind"]
    if kind not in KINDS:
        raise RefusedError(f"postgres_pitr_backup_type: {kind!r} is none of {', '.join(KINDS)}.")
    limits = [
        optional_duration("postgres_pitr_full_max_age", findings["full_max_age"]),
        optional_duration("postgres_pitr_max_age", findings["max_age"]),
    ]
    # One that had damaged pages is no base to rely on.
    backups = [backup for backup in read_stanza(findings["info"], findings["stanza"]).backups if not backup.damaged]
    full = [backup for backup in backups if backup.kind == "full"]
    seconds = (instant or now()).timestamp()
    if not full:
        kind = "full"
    elif kind == "auto":
        kind = "full" if _is_late(full, limits[0], seconds) else "diff" if _is_late(backups, limits[1], seconds) else ""
    return {"kind": kind, "newest": _newest(backups), "newest_full": _newest(full)}


def _is_late(backups: Sequence[BaseBackup], limit: float | None, seconds: float) -> bool:
    return limit is None or seconds - backups[-1].started > limit


def _newest(backups: Sequence[BaseBackup]) -> str:
    return backups[-1].label if backups else ""
