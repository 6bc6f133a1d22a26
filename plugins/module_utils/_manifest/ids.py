# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup ids: they sort by time and name their source, as in ``20261124T031500Z-n8n-7f3a``."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timezone

#: What can be backed up.
SOURCES = ("n8n", "database", "config", "logs")

_STAMP = "%Y%m%dT%H%M%SZ"
_BACKUP_ID = re.compile(r"^(\d{8}T\d{6}Z)-([a-z0-9_]+)-([0-9a-f]{4})$")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")


def stamp(instant: datetime) -> str:
    """Return what the ids of backups begun at ``instant`` begin with: they sort by time."""
    return instant.astimezone(timezone.utc).strftime(_STAMP)


def new_backup_id(source: str, instant: datetime) -> str:
    """Return a fresh id for a backup of ``source`` begun at ``instant``."""
    return f"{stamp(instant)}-{source}-{secrets.token_hex(2)}"


def new_set_id(instant: datetime) -> str:
    """Return a fresh id for the backups of one run."""
    return new_backup_id("set", instant)


def is_backup_id(text: str) -> bool:
    """Tell whether ``text`` has the form of a backup id."""
    return _BACKUP_ID.match(text) is not None


def is_backup_id_of(source: str, text: str) -> bool:
    """Tell whether ``text`` has the form of the id of a backup of ``source``."""
    match = _BACKUP_ID.match(text)
    return match is not None and match.group(2) == source


def is_safe_name(text: str) -> bool:
    """Tell whether ``text`` may name a stack or an object: one path segment, never hidden, never ``..``."""
    return _NAME.match(text) is not None and ".." not in text


def id_time(backup_id: str) -> datetime:
    """Return the instant in ``backup_id``. A backup's age comes from here, never from a file's time.

    :raises ValueError: if it has not the form of a backup id.
    """
    match = _BACKUP_ID.match(backup_id)
    if match is None:
        raise ValueError(f"{backup_id!r} is not a backup id")
    return datetime.strptime(match.group(1), _STAMP).replace(tzinfo=timezone.utc)
