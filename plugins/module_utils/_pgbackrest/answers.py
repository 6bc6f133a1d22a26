# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parsers of what pgBackRest prints: ``info`` and ``repo-ls`` (both with ``--output=json``), and history files.

The formats are those of pgBackRest 2.36 (the first whose ``info`` has ``lsn``) and newer; unknown fields are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError

# <timeline><log><segment>-<sha1>[.<compression>]. A .partial segment, a .backup and a .history file are others.
_SEGMENT = re.compile(r"^([0-9A-F]{8})[0-9A-F]{16}-[0-9a-f]{40}(\.[a-z0-9]+)?$")
_HISTORY_LINE = re.compile(r"^\s*(\d+)\s+([0-9A-Fa-f]+/[0-9A-Fa-f]+)")

_OK = 0
_NO_BACKUPS = 2


@dataclass(frozen=True)
class BaseBackup:
    """A backup of a cluster: ``kind`` is full, diff or incr; times are Unix seconds, the sizes bytes."""

    label: str
    kind: str
    timeline: int
    stop_lsn: int
    started: int
    stopped: int
    size: int
    damaged: bool
    """pgBackRest found pages whose checksum is wrong when it took the backup."""


@dataclass(frozen=True)
class Stanza:
    """What the repository holds of a cluster; ``backups`` in the order of their ends.

    ``archive`` is the folder of the cluster's WAL, ``17-1``; empty if there is none yet. Of a cluster that was upgraded
    only what was taken since then counts: nothing else can be restored into it.
    """

    name: str
    exists: bool
    archive: str
    backups: tuple[BaseBackup, ...]


@dataclass(frozen=True)
class Segment:
    """A WAL segment in the repository; ``stored`` is when it came there, Unix seconds, rounded down."""

    name: str
    timeline: int
    stored: int


@dataclass(frozen=True)
class Branch:
    """Where a timeline was left for a younger one."""

    timeline: int
    lsn: int


def read_stanza(text: str, name: str) -> Stanza:
    """Return what ``pgbackrest info --output=json`` tells of the stanza ``name``.

    :raises ToolError: if it is no such answer, or one that the repository cannot be read.
    """
    found = [each for each in _decoded(text, "info", list) if each.get("name") == name]
    if not found:
        return Stanza(name, exists=False, archive="", backups=())
    try:
        return _stanza(found[0])
    except (KeyError, TypeError, ValueError) as error:
        raise ToolError(
            f"Failed to read what pgbackrest info tells of the stanza {name}: {error!r}. pgBackRest 2.36 or newer is needed."
        ) from error


def _stanza(answer: Mapping[str, Any]) -> Stanza:
    name, status = answer["name"], answer["status"]
    databases = [entry["id"] for entry in answer["db"]]
    if status["code"] not in (_OK, _NO_BACKUPS):
        if databases:
            raise ToolError(
                f"Failed to read the repository of the stanza {name}: pgbackrest info says {status['message']}. "
                "See `pgbackrest info` and `pgbackrest check`."
            )
        return Stanza(name, exists=False, archive="", backups=())
    newest = max(databases)
    archives = [entry["id"] for entry in answer["archive"] if entry["database"]["id"] == newest]
    backups = [_backup(entry) for entry in answer["backup"] if entry["database"]["id"] == newest]
    backups.sort(key=lambda backup: (backup.stopped, backup.label))
    return Stanza(name, exists=True, archive=archives[0] if archives else "", backups=tuple(backups))


def _backup(entry: Mapping[str, Any]) -> BaseBackup:
    return BaseBackup(
        label=entry["label"],
        kind=entry["type"],
        timeline=int(entry["archive"]["stop"][:8], 16),
        stop_lsn=lsn(entry["lsn"]["stop"]),
        started=int(entry["timestamp"]["start"]),
        stopped=int(entry["timestamp"]["stop"]),
        size=int(entry["info"]["size"]),
        damaged=bool(entry.get("error")),
    )


def read_segments(text: str, archive: str) -> tuple[Segment, ...]:
    """Return the WAL segments in the folder ``archive`` in the order in which they came.

    :param text: what ``pgbackrest repo-ls --recurse --output=json archive/<stanza>`` printed.
    :raises ToolError: if it is no such answer.
    """
    return tuple(sorted(_segments(_listing(text), archive), key=lambda segment: (segment.stored, segment.name)))


def _segments(listing: Mapping[str, Any], archive: str) -> Iterator[Segment]:
    for path, entry in listing.items():
        folder, _slash, name = path.rpartition("/")
        match = _SEGMENT.match(name)
        if match and folder.split("/")[0] == archive:
            yield Segment(name[:24], int(match.group(1), 16), int(entry["time"]))


def history_paths(text: str, archive: str) -> list[str]:
    """Return the history files in the folder ``archive``, by their paths below ``archive/<stanza>``.

    :param text: as that of :func:`read_segments`.
    :raises ToolError: if it is no such answer.
    """
    pattern = re.compile(rf"^{re.escape(archive)}/[0-9A-F]{{8}}\.history$")
    return sorted(path for path in _listing(text) if pattern.match(path))


def read_history(text: str) -> tuple[Branch, ...]:
    """Return the branches that a timeline's history file names, the oldest first.

    Its lines are the number of a timeline, the place where it was left, and a reason:
    https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES
    """
    matches = [_HISTORY_LINE.match(line) for line in text.splitlines()]
    return tuple(Branch(int(match.group(1)), lsn(match.group(2))) for match in matches if match)


def lsn(text: str) -> int:
    """Return the place in the WAL that ``text`` (``0/3000050``) names.

    :raises ValueError: if it names none.
    """
    high, low = text.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _listing(text: str) -> Mapping[str, Any]:
    listing: Mapping[str, Any] = _decoded(text, "repo-ls", dict)
    return listing


def _decoded(text: str, command: str, kind: type) -> Any:
    try:
        answer = json.loads(text)
    except ValueError as error:
        raise ToolError(
            f"Failed to read what pgbackrest {command} printed: it is no JSON. See `pgbackrest {command}` on the host."
        ) from error
    if not isinstance(answer, kind):
        raise ToolError(f"Failed to read what pgbackrest {command} printed: it is no {kind.__name__}.")
    return answer
