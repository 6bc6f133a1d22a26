# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history of a stack's health: a SQLite file on the controller, which never grows without an end.

Values are kept as they come for two days, then the last one of each hour, after a month the last one of each day. It is
one transaction for each look, so that two runs at once wait for each other. It keeps SQLite's ordinary journal: the
folder may lie on a network file system, where WAL does not work.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._report.health import Changes, Look, compare

_VERSION = 1
_SCHEMA = (
    "CREATE TABLE look (at TEXT PRIMARY KEY, host TEXT NOT NULL, status TEXT NOT NULL, states TEXT) WITHOUT ROWID",
    "CREATE TABLE sample (id TEXT NOT NULL, at TEXT NOT NULL, value REAL NOT NULL, PRIMARY KEY (id, at)) WITHOUT ROWID",
    "CREATE INDEX sample_at ON sample (at)",
    f"PRAGMA user_version = {_VERSION}",
)
# How long to wait for another run.
_PATIENCE = 30.0
# The states of each check are kept of so many looks; of the others, the worst one.
_DETAILED = 10
# After how long the last value of how long a time is enough, as the length of the common beginning of ISO 8601 times.
_THINNING = ((timedelta(days=2), 13), (timedelta(days=30), 10))
_DRAWN = timedelta(days=90)

Series = Mapping[str, Sequence[tuple[datetime, float]]]


@dataclass(frozen=True)
class Bounds:
    """For how long values are kept, and how many of them at most."""

    keep: timedelta
    rows: int


@dataclass(frozen=True)
class Recorded:
    """What became of a look: the changes since the one before, earlier values, and what went wrong with the history.

    ``added`` tells whether the look was not in the history before.
    """

    changes: Changes
    series: Series
    added: bool
    problems: tuple[str, ...] = ()


class _ForeignError(Exception):
    """The file is a database, but no history that this version knows."""


def record(
    path: str,
    at: datetime,
    host: str,
    checks: Sequence[Check],
    drawn: Sequence[str],
    bounds: Bounds,
    *,
    read_only: bool,
) -> Recorded:
    """Compare ``checks``, made ``at``, with the look before, and add them to the history ``path``, unless ``read_only``.

    The same look again takes the place of itself. A damaged history is set aside and begun anew. Whatever else is wrong
    with it is told in ``problems``: the report is worth more than its history.

    :param drawn: the checks whose earlier values are wanted.
    """
    problems: list[str] = []
    for _attempt in range(2):
        identity = _identity(path)
        try:
            done = _record(path, at, host, checks, drawn, bounds, read_only=read_only)
        except _ForeignError as error:
            problems.append(f"The history {path} is left alone: {error}")
            break
        except (sqlite3.Error, OSError) as error:
            if read_only or not _is_damage(error):
                problems.append(
                    f"The history {path} cannot be used: {error}. This report is not compared with earlier ones."
                )
                break
            problems += _set_aside(path, identity, str(error))
        else:
            return Recorded(done.changes, done.series, done.added, (*problems, *done.problems))
    changes = compare(checks, None, at)
    return Recorded(changes, {}, False, tuple(problems))


def _record(
    path: str,
    at: datetime,
    host: str,
    checks: Sequence[Check],
    drawn: Sequence[str],
    bounds: Bounds,
    *,
    read_only: bool,
) -> Recorded:
    if read_only and not (os.path.exists(path) and os.path.getsize(path)):
        return Recorded(compare(checks, None, at), _with({}, at, checks, drawn), True)
    with _opened(path, read_only=read_only) as connection:
        connection.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")
        _require_ours(connection, read_only=read_only)
        before = _before(connection, at)
        changes = compare(checks, before, at)
        added = connection.execute("SELECT 1 FROM look WHERE at = ?", (to_iso(at),)).fetchone() is None
        if not read_only:
            _write(connection, at, host, checks, changes)
            _bound(connection, at, bounds, thin=before is None or before.at.date() != at.date())
        series = {each: _series(connection, each, at) for each in drawn}
        connection.execute("COMMIT")
    return Recorded(changes, _with(series, at, checks, drawn), added, tuple(_moved(before, host)))


@contextlib.contextmanager
def _opened(path: str, *, read_only: bool) -> Iterator[sqlite3.Connection]:
    if not read_only:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # "?" and "#" would end the path in a URI, "%" begins an escape.
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    address = f"file:{quoted}?mode={'ro' if read_only else 'rw'}"
    # Transactions are begun and ended by hand: Python would end them before a change of the schema.
    connection = sqlite3.connect(address, timeout=_PATIENCE, isolation_level=None, uri=True)
    try:
        yield connection
    finally:
        connection.close()


def _require_ours(connection: sqlite3.Connection, *, read_only: bool) -> None:
    """Make an empty file a history.

    :raises _ForeignError: if it is something else.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == _VERSION:
        return
    if version > _VERSION:
        raise _ForeignError(f"a newer version of this collection wrote it (its format is {version}).")
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None or read_only:
        raise _ForeignError("it is a database of something else. Name another file as history.")
    for statement in _SCHEMA:
        connection.execute(statement)


def _before(connection: sqlite3.Connection, at: datetime) -> Look | None:
    """Return the last look before ``at`` of which the states are known."""
    query = "SELECT at, states, host FROM look WHERE at < ? AND states IS NOT NULL ORDER BY at DESC LIMIT 1"
    row = connection.execute(query, (to_iso(at),)).fetchone()
    if row is None:
        return None
    try:
        states = {str(name): (str(state), str(since)) for name, (state, since) in json.loads(row[1]).items()}
        for state, since in states.values():
            STATES.index(state)
            from_iso(since)
        return Look(from_iso(row[0]), states, row[2])
    except (ValueError, TypeError, AttributeError) as error:
        raise sqlite3.DatabaseError(f"the look of {row[0]} makes no sense ({error})") from error


def _write(connection: sqlite3.Connection, at: datetime, host: str, checks: Sequence[Check], changes: Changes) -> None:
    instant = to_iso(at)
    states = {each.id: (each.status, changes.since[each.id]) for each in checks}
    status = max((each.status for each in checks), key=STATES.index, default="unknown")
    connection.execute("DELETE FROM sample WHERE at = ?", (instant,))
    connection.execute("INSERT OR REPLACE INTO look VALUES (?, ?, ?, ?)", (instant, host, status, json.dumps(states)))
    connection.executemany(
        "INSERT INTO sample VALUES (?, ?, ?)",
        [(each.id, instant, float(each.value)) for each in checks if each.value is not None],
    )


def _bound(connection: sqlite3.Connection, at: datetime, bounds: Bounds, *, thin: bool) -> None:
    """Remove what is too old or too much; with ``thin``, what is too dense for its age, too."""
    connection.execute(
        "UPDATE look SET states = NULL WHERE states IS NOT NULL AND at NOT IN (SELECT at FROM look ORDER BY at DESC LIMIT ?)",
        (_DETAILED,),
    )
    oldest = to_iso(at - bounds.keep)
    for table in ("look", "sample"):
        connection.execute(f"DELETE FROM {table} WHERE at < ?", (oldest,))
    for age, length in _THINNING if thin else ():
        # "~" is behind every digit and sign of a time: the range is the rest of the same hour, or day.
        connection.execute(
            "DELETE FROM sample WHERE at < :from AND EXISTS (SELECT 1 FROM sample AS later WHERE later.id = sample.id"
            " AND later.at > sample.at AND later.at < substr(sample.at, 1, :length) || '~')",
            {"from": to_iso(at - age), "length": length},
        )
    for table in ("look", "sample"):
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        if rows > bounds.rows:
            cut = f"SELECT at FROM {table} ORDER BY at LIMIT 1 OFFSET ?"
            connection.execute(f"DELETE FROM {table} WHERE at < ({cut})", (rows - bounds.rows,))


def _series(connection: sqlite3.Connection, check_id: str, at: datetime) -> list[tuple[datetime, float]]:
    query = "SELECT at, value FROM sample WHERE id = ? AND at BETWEEN ? AND ? ORDER BY at"
    rows = connection.execute(query, (check_id, to_iso(at - _DRAWN), to_iso(at)))
    try:
        return [(from_iso(instant), float(value)) for instant, value in rows]
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError(f"the values of {check_id} make no sense ({error})") from error


def _with(series: Series, at: datetime, checks: Sequence[Check], drawn: Sequence[str]) -> Series:
    """Return ``series`` with the values of this look at their ends, which check mode has not written."""
    values = {each.id: each.value for each in checks if each.id in drawn and each.value is not None}
    added = {name: [*(each for each in series.get(name, ()) if each[0] < at), (at, values[name])] for name in values}
    return {**series, **added}


def _is_damage(error: Exception) -> bool:
    """Tell whether the file is damaged: of that alone an error is raised that is of no subclass."""
    others = (sqlite3.OperationalError, sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InternalError)
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, others)


def _moved(before: Look | None, host: str) -> Iterator[str]:
    """Yield what there is to tell if the last look was at another host: two stacks of one name would pass for one."""
    if before is not None and before.host and host and before.host != host:
        yield (
            f"The last look was at {before.host}, this one is at {host}. If the server was replaced, all is well. If both "
            "have a stack of this name, give them two names: their reports and their histories are mixed up."
        )


def _identity(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = os.stat(path)
        return status.st_dev, status.st_ino
    return None


def _set_aside(path: str, identity: tuple[int, int] | None, reason: str) -> list[str]:
    """Move the damaged history away, unless another run has just done so, and return what there is to tell."""
    aside = f"{path}.damaged-{now():%Y%m%dT%H%M%SZ}"
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if _identity(path) != identity:
            return []
        # Its journal first: SQLite would play it back into the new file.
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}-journal", f"{aside}-journal")
        os.replace(path, aside)
    except OSError as error:
        return [f"The history {path} is damaged ({reason}), and cannot be moved away: {error.strerror}."]
    finally:
        os.close(folder)
    return [f"The history {path} was damaged ({reason}). It is kept as {aside}, and a new one is begun."]
