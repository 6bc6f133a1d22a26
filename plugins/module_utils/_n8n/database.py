# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's SQLite database, copied and asked while n8n may be writing to it.

A bare copy of the file is corrupt or stale: n8n 2.x keeps the latest in the write-ahead log, also after a clean stop.
Copies in steps, the sqlite3 shell's .backup among them, begin anew after each write and never end on a busy n8n.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import CHUNK
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.child import confine, in_child
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import side_files

_JOURNAL_MODES = {b"\x01": "delete", b"\x02": "wal"}
_JOURNAL_MODE_AT = 18  # https://www.sqlite.org/fileformat.html, "File format version numbers"
_PATIENCE = 60.0
_BUSY = (5, 6)  # SQLITE_BUSY, SQLITE_LOCKED
_SHOWN_PROBLEMS = 3


@dataclass(frozen=True)
class Database:
    """The database ``name`` (a relative path) in the data folder ``folder`` (a real path)."""

    folder: str
    name: str

    @property
    def path(self) -> str:
        """Its path."""
        return os.path.join(self.folder, self.name)

    @property
    def bytes(self) -> int:
        """Its size, with all that is still in its log."""
        return sum(os.stat(each).st_size for each in (self.path, self.path + "-wal") if os.path.exists(each))

    @property
    def journal_mode(self) -> str:
        """``delete`` (n8n 1.x by default) or ``wal`` (n8n 2.x), as its header tells."""
        with open(self.path, "rb") as stream:
            header = stream.read(_JOURNAL_MODE_AT + 1)
        return _JOURNAL_MODES.get(header[_JOURNAL_MODE_AT:], "unknown")

    @property
    def is_settled(self) -> bool:
        """Whether all its content is in its file: no log, no journal beside it."""
        return not any(os.path.exists(each) for each in side_files(self.path))

    def require_access(self) -> None:
        """Refuse where neither root nor the owner runs: what another user's SQLite makes beside it locks n8n out.

        :raises RefusedError: naming the owner.
        """
        status = os.lstat(self.path)
        if not stat.S_ISREG(status.st_mode):
            raise RefusedError(f"{self.path} is no regular file. Name the folder in which the database itself lies.")
        if os.geteuid() not in (0, status.st_uid):
            raise RefusedError(
                f"{self.path} belongs to user id {status.st_uid}; only that user and root can copy it without getting "
                "in n8n's way. Run with become."
            )


def copy_database(database: Database, copy: str) -> None:
    """Make ``copy``, a consistent copy of ``database`` in one file, with its owner and mode.

    n8n goes on meanwhile. One on a rollback journal (1.x) waits with its writes while the copy is made.

    :raises ToolError: if it cannot be read, or stayed locked for a minute.
    :raises RefusedError: if it is no database.
    """
    if database.journal_mode == "delete":
        _read_through(database.path)
    in_child(lambda: _copy(database, copy), f"copy n8n's database {database.path}")
    try:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # one file, which the original says it is not
    except sqlite3.DatabaseError as error:
        raise _damaged(database, str(error)) from error
    status = os.stat(database.path)
    os.chmod(copy, stat.S_IMODE(status.st_mode))
    with suppress(PermissionError):  # without root, the group may be one that we may not give
        os.chown(copy, status.st_uid, status.st_gid)


def require_soundness(database: Database, copy: str) -> None:
    """Refuse a database whose ``copy`` is not sound through and through.

    :raises RefusedError: naming what is wrong.
    """
    try:
        with closing(open_private(copy)) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
    except sqlite3.DatabaseError as error:
        problems = [str(error)]
    if problems:
        raise _damaged(database, "; ".join(problems[:_SHOWN_PROBLEMS]))


def _damaged(database: Database, what: str) -> RefusedError:
    return RefusedError(
        f"n8n's database {database.path} is damaged: {what}. "
        "A backup of it would be worth nothing; repair it, or restore an older one."
    )


def ask_database(database: Database, question: Callable[[sqlite3.Connection], Any]) -> Any:
    """Return the answer to ``question`` (JSON values only) from a database that nobody uses, changing nothing.

    :raises ToolError: if it cannot be read.
    """
    mode = "mode=ro&immutable=1" if database.is_settled else "mode=ro"

    def ask() -> Any:
        with closing(_open_as_owner(database, mode, _PATIENCE)) as connection:
            return question(connection)

    return in_child(ask, f"read n8n's database {database.path}")


def ask_beside(database: Database, question: Callable[[sqlite3.Connection], Any], patience: float) -> Any:
    """Return the answer to a short ``question`` (JSON values only) from a database that n8n may be writing to.

    It sees what n8n has committed, also what is in its log alone, and changes no row.

    :param patience: for how many seconds to wait for a lock.
    :raises ToolError: if it cannot be read, or stayed locked.
    """

    def ask() -> Any:
        with closing(_open_as_owner(database, "mode=ro", patience)) as connection:
            return question(connection)

    return in_child(ask, f"read n8n's database {database.path}")


def open_private(path: str) -> sqlite3.Connection:
    """Return a connection to a database file that nobody writes to; it makes nothing, neither beside it nor in its place.

    It may be used in another thread than this one, but not in two at once.
    """
    return sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _copy(database: Database, copy: str) -> None:
    """Copy in one step. The child does so: first it opens the copy, then it becomes the database's owner."""
    # A log that is there stays as it is: opened for writing, SQLite would carry it over at the end. Where there is
    # none, opening for writing leaves none behind, and takes back a transaction that a crash cut short, as n8n would.
    mode = "mode=ro" if os.path.exists(database.path + "-wal") else "mode=rw"
    with closing(sqlite3.connect(copy, isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode=OFF")
        target.execute("PRAGMA synchronous=OFF")
        with closing(_open_as_owner(database, mode, _PATIENCE)) as source:
            source.backup(target, pages=-1, progress=_Patience())


def _open_as_owner(database: Database, mode: str, patience: float) -> sqlite3.Connection:
    """Become the owner of the database, if this process is root, and open it."""
    path, status = database.path, os.stat(database.path)
    if os.geteuid() == 0 and status.st_uid != 0:
        confine(database.folder, status.st_uid, status.st_gid)
        path = f"/{database.name}"
    return sqlite3.connect(f"file:{quote(path)}?{mode}", uri=True, timeout=patience, isolation_level=None)


class _Patience:
    """Ends a copy that waits for a lock for too long; one that copies may take its time."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + _PATIENCE

    def __call__(self, status: int, _remaining: int, _total: int) -> None:
        if status in _BUSY and time.monotonic() > self._deadline:
            raise TimeoutError(f"another process has kept it locked for {_PATIENCE:.0f} seconds")


def _read_through(path: str) -> None:
    """Bring ``path`` into memory: while it is copied an n8n 1.x cannot write, so the copy should not wait for a disk."""
    with open(path, "rb", buffering=0) as stream:
        while stream.read(CHUNK):
            continue
