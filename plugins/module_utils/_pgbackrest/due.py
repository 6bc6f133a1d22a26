# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup of a cluster is due (a full one, a differential one, or none), and which of them are sound. Pure."""

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
    :returns: ``kind`` (full, diff, incr, or empty if none is due); ``newest`` and ``newest_full``, the labels of the
        newest sound backups (empty: none); ``damaged``, those of the newest full backup and of the newest of all, as
        far as they had damaged pages; ``replaced``, those of damaged full backups before it that no sound one builds
        upon.
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
    every = read_stanza(findings["info"], findings["stanza"]).backups
    every_full = [backup for backup in every if backup.kind == "full"]
    backups = [backup for backup in every if not backup.damaged]
    full = [backup for backup in every_full if not backup.damaged]
    seconds = (instant or now()).timestamp()
    # One that had damaged pages is no base to rely on, and pgBackRest builds upon the newest.
    if not full or every_full[-1].damaged:
        kind = "full"
    elif kind == "auto":
        kind = "full" if _is_late(full, limits[0], seconds) else "diff" if _is_late(backups, limits[1], seconds) else ""
    return {
        "kind": kind,
        "newest": _newest(backups),
        "newest_full": _newest(full),
        "damaged": sorted({backup.label for backup in (*every_full[-1:], *every[-1:]) if backup.damaged}),
        "replaced": [backup.label for backup in every_full[:-1] if backup.damaged and not _is_base(backup, backups)],
    }


def _is_base(full: BaseBackup, backups: Sequence[BaseBackup]) -> bool:
    """Tell whether one of ``backups`` builds upon ``full``: its label begins with that one's (20261125-005543F_…)."""
    return any(backup.label.startswith(f"{full.label}_") for backup in backups)


def _is_late(backups: Sequence[BaseBackup], limit: float | None, seconds: float) -> bool:
    return limit is None or seconds - backups[-1].started > limit


def _newest(backups: Sequence[BaseBackup]) -> str:
    return backups[-1].label if backups else ""
