# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From which backup, along which timeline and how far a cluster is restored; and what can be reached at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_time
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.answers import (
    BaseBackup,
    Branch,
    Segment,
    Stanza,
    history_paths,
    read_history,
    read_segments,
    read_stanza,
)

# pgBackRest tells times in whole seconds, rounded down.
_SECOND = 1


@dataclass(frozen=True)
class Target:
    """Where to stop: at a time, a transaction or a named restore point; at the end of the archive if at none of them.

    ``exclusive``: just before the transaction, or before what was committed at that very time, not after it.
    ``backup`` (a label) and ``timeline`` (0: not given) are the operator's own choice.
    """

    time: datetime | None
    xid: str
    name: str
    exclusive: bool
    backup: str
    timeline: int


@dataclass(frozen=True)
class Archive:
    """What was archived: the segments in the order of their arrival, the branches before each timeline, and until when."""

    segments: tuple[Segment, ...]
    branches: Mapping[int, tuple[Branch, ...]]
    until: float

    def timeline_at(self, instant: datetime | None) -> int:
        """Return the timeline that the server wrote at ``instant``: that of the segment archived next.

        Of the last segment, where there is no later one or no instant. A history file's own time would not tell: a
        server that went back to its old data writes the old timeline again.
        """
        last = self.segments[-1]
        if instant is None:
            return last.timeline
        later = (segment for segment in self.segments if segment.stored + _SECOND > instant.timestamp())
        return next(later, last).timeline

    def leads_to(self, timeline: int, backup: BaseBackup) -> bool:
        """Tell whether ``timeline`` goes through the end of ``backup``."""
        left = [branch.lsn for branch in self.branches.get(timeline, ()) if branch.timeline == backup.timeline]
        return backup.timeline == timeline or any(backup.stop_lsn <= place for place in left)


def plan_restore(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a cluster gets to its target.

    :param findings: ``stanza``; ``info`` and ``listing``, what ``pgbackrest info`` and ``pgbackrest repo-ls`` printed;
        ``histories``, the contents of the history files by their paths; ``archived_until`` (ISO 8601), if what the
        server writes until then is going to be archived; ``time``, ``xid``, ``restore_point``, ``latest``,
        ``exclusive``, ``backup_id``, ``timeline``, as the role's options give them.
    :returns: ``backup_id``, ``timeline``, ``size_bytes`` of the restored cluster, ``arguments`` of pgbackrest restore,
        ``target`` in words, ``stop_time`` (as PostgreSQL reads it; empty if the target is no time), ``earliest`` and
        ``latest``, between which a time can be reached on that timeline, and ``damaged``: the backup had damaged pages
        when it was taken, and was chosen by the operator nevertheless.
    :raises RefusedError: if the target is wrong or cannot be reached; the message has the range.
    :raises ToolError: if an answer of pgBackRest cannot be read.
    """
    target = _target(findings)
    stanza = read_stanza(findings["info"], findings["stanza"])
    archive = _archive(findings, stanza)
    timeline = target.timeline or archive.timeline_at(target.time)
    reachable = [backup for backup in stanza.backups if archive.leads_to(timeline, backup)]
    if not reachable:
        raise RefusedError(
            f"No backup of the stanza {stanza.name} leads to timeline {timeline}. {_inventory(stanza, archive)}"
        )
    candidates = _candidates(target, reachable, stanza, archive)
    backup = _backup(target, candidates, stanza, archive)
    return {
        "backup_id": backup.label,
        "timeline": timeline,
        "size_bytes": backup.size,
        "arguments": [f"--set={backup.label}", f"--target-timeline={timeline}", *_stop_arguments(target)],
        "target": _words(target),
        "stop_time": _postgres_time(target.time) if target.time else "",
        "earliest": _iso(candidates[0].stopped + _SECOND),
        "latest": _iso(archive.until),
        "damaged": backup.damaged,
    }


def histories_wanted(findings: Mapping[str, Any]) -> list[str]:
    """Return the paths (below ``archive/<stanza>``) of the history files that :func:`plan_restore` wants to read.

    :param findings: ``stanza``, ``info`` and ``listing``, as there.
    :raises ToolError: if an answer of pgBackRest cannot be read.
    """
    stanza = read_stanza(findings["info"], findings["stanza"])
    return history_paths(findings["listing"], stanza.archive) if stanza.archive else []


def _target(findings: Mapping[str, Any]) -> Target:
    given = [name for name in ("time", "xid", "restore_point", "latest") if findings[name] not in ("", None, False)]
    if len(given) != 1:
        raise RefusedError(
            "Say where to stop, in exactly one way: postgres_pitr_time, postgres_pitr_xid, postgres_pitr_restore_point, "
            f"or postgres_pitr_latest=true. Given: {', '.join(f'postgres_pitr_{name}' for name in given) or 'none'}."
        )
    xid, timeline = str(findings["xid"]), str(findings["timeline"])
    if xid and not xid.isdigit():
        raise RefusedError(
            f"postgres_pitr_xid: {xid!r} is no transaction id. Write the number that txid_current() told."
        )
    if timeline and (not timeline.isdigit() or int(timeline) == 0):
        raise RefusedError(f"postgres_pitr_timeline: {timeline!r} is no timeline. Write its number, such as 1.")
    return Target(
        time=optional_time("postgres_pitr_time", findings["time"]),
        xid=xid,
        name=findings["restore_point"],
        exclusive=findings["exclusive"],
        backup=findings["backup_id"],
        timeline=int(timeline or 0),
    )


def _archive(findings: Mapping[str, Any], stanza: Stanza) -> Archive:
    if not stanza.backups:
        raise RefusedError(
            f"The repository holds no backup of the stanza {stanza.name}. Check postgres_pitr_stanza and "
            "postgres_pitr_repository, or restore the newest dump with the playbook restore_database."
        )
    segments = read_segments(findings["listing"], stanza.archive)
    if not segments:
        raise RefusedError(
            f"The repository holds no WAL of the stanza {stanza.name}: no backup in it can be restored. "
            "Restore the newest dump with the playbook restore_database."
        )
    branches = {
        int(path.rpartition("/")[2][:8], 16): read_history(content) for path, content in findings["histories"].items()
    }
    until = optional_time("archived_until", findings.get("archived_until"))
    return Archive(segments, branches, until.timestamp() if until else float(segments[-1].stored))


def _candidates(
    target: Target, reachable: Sequence[BaseBackup], stanza: Stanza, archive: Archive
) -> Sequence[BaseBackup]:
    """Return the backups to begin with: the operator's, or those without damaged pages."""
    if target.backup:
        wanted = [backup for backup in reachable if backup.label == target.backup]
        if not wanted:
            raise RefusedError(
                f"postgres_pitr_backup_id: there is no backup {target.backup} that leads there. "
                f"{_inventory(stanza, archive)}"
            )
        return wanted
    sound = [backup for backup in reachable if not backup.damaged]
    if not sound:
        raise RefusedError(
            "Failed to find a sound backup to begin with: all that lead there had damaged pages when they were taken. "
            "To begin with one of them nevertheless, name it in postgres_pitr_backup_id; or restore the newest dump with "
            f"the playbook restore_database. {_inventory(stanza, archive)}"
        )
    return sound


def _backup(target: Target, candidates: Sequence[BaseBackup], stanza: Stanza, archive: Archive) -> BaseBackup:
    if target.time is None:
        return candidates[-1]
    instant = target.time.timestamp()
    before = [backup for backup in candidates if backup.stopped + _SECOND <= instant]
    if not before or instant > archive.until:
        raise RefusedError(
            f"Failed to find a way to {to_iso(target.time)}: it is "
            f"{'later than the last archived WAL' if before else 'before the end of the oldest sound backup'}. "
            f"Any time from {_iso(candidates[0].stopped + _SECOND)} to {_iso(archive.until)} can be reached. "
            f"{_inventory(stanza, archive)}"
        )
    return before[-1]


def _inventory(stanza: Stanza, archive: Archive) -> str:
    backups = ", ".join(
        f"{backup.label} (timeline {backup.timeline}{', with damaged pages' if backup.damaged else ''})"
        for backup in stanza.backups
    )
    return f"There are the backups {backups}, and WAL until {_iso(archive.segments[-1].stored)}."


def _stop_arguments(target: Target) -> list[str]:
    if target.time:
        stop = ["--type=time", f"--target={_postgres_time(target.time)}"]
    elif target.xid:
        stop = ["--type=xid", f"--target={target.xid}"]
    elif target.name:
        stop = ["--type=name", f"--target={target.name}"]
    else:
        return ["--type=default"]
    exclusive = ["--target-exclusive"] if target.exclusive and not target.name else []
    return [*stop, *exclusive, "--target-action=promote"]


def _words(target: Target) -> str:
    place = "just before" if target.exclusive else "to"
    if target.time:
        return f"{place} {to_iso(target.time)}"
    if target.xid:
        return f"{place} transaction {target.xid}"
    return f"to restore point {target.name}" if target.name else "to the end of the archive"


def _postgres_time(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f+00")


def _iso(seconds: float) -> str:
    return to_iso(datetime.fromtimestamp(seconds, timezone.utc))
