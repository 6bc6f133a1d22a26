# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archive the old rows of a table: decide, then act."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import require_recipients
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._logs import statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.move import mover
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits
from ansible_collections.chatbot.ops.plugins.module_utils._logs.partitions import Partitions, old_partitions
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import PARQUET, require_parquet
from ansible_collections.chatbot.ops.plugins.module_utils._logs.shelf import Shelf
from ansible_collections.chatbot.ops.plugins.module_utils._logs.state import State
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.store import Keeping, Store
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table, find_table, require_movable
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Timeouts, Walker
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import beside_name

TABLE, REPOSITORY, DELETE = "table", "repository", "delete"
GOALS = (TABLE, REPOSITORY, DELETE)
#: From how many moved rows on a VACUUM pays, and from what part of the table.
_WORTH_ROWS = 1000
_WORTH_PART = 0.02
# Where a time has no zone, it is one in UTC: so the session's settings say.
_BOUND = "SELECT (now() - make_interval(secs => %s))::{type}::text"


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; see the documentation of ``log_archive``. ``older_than`` is in seconds."""

    table: tuple[str, str]
    timestamp: str
    older_than: float
    goal: str
    archive: tuple[str, str] | None
    partitioned: bool
    keeping: Keeping | None
    limits: Limits
    timeouts: Timeouts
    vacuum: bool
    check_mode: bool


def archive_rows(login: Login, wanted: Wanted, warn: Callable[[str], object]) -> dict[str, Any]:
    """Move the old rows and return the module's result.

    :raises OpsError: and each row is then where it was, or where it was to go, and never in both or in neither; what was
        stored and not yet deleted is brought to its end by the next run.
    """
    begun = time.monotonic()
    with Walker(login, wanted.limits, wanted.timeouts, warn) as walker:
        return _Run(login, wanted, walker).result(begun)


class _Run:
    def __init__(self, login: Login, wanted: Wanted, walker: Walker) -> None:
        self._login, self._wanted, self._walker, self._session = login, wanted, walker, walker.session
        found = find_table(self._session, wanted.table, wanted.timestamp)
        if found is None:
            raise RefusedError(f"Parameter table: there is no {'.'.join(wanted.table)} in {login.title}.")
        self._table = found
        self._bound = str(self._session.value(_BOUND.format(type=found.timestamp_type), (wanted.older_than,)))
        self._state = State(self._session, found)
        self._shelf: Shelf | None = None
        self._archive: Table | None = None
        self._store: Store | None = None
        self._partitions: Partitions | None = None

    def result(self, begun: float) -> dict[str, Any]:
        expected = self._plan()
        wanted, tally, walker = self._wanted, self._walker.tally, self._walker
        pending = self._pending()
        result = {
            "table": self._table.label,
            "to": wanted.goal,
            "older_than": self._bound,
            "archive": ".".join(wanted.archive) if wanted.archive else None,
        }
        if wanted.check_mode:
            old = self._old_rows()
            return {
                **result,
                **_outcome(old, complete=True, seconds=_since(begun)),
                "changed": bool(old or pending),
                "diff": self._diff(old, pending, expected),
            }
        vacuumed = False
        if pending or self._session.run(statements.first_row(self._table, Span(self._bound))):
            with walker.alone(self._table):
                self._work()
                vacuumed = wanted.vacuum and self._vacuum(tally.rows)
        store, changed = self._store, bool(tally.rows or tally.twins or pending)
        return {
            **result,
            **_outcome(tally.months, complete=tally.complete, seconds=_since(begun)),
            "changed": changed,
            "diff": self._diff(tally.months, pending, expected if changed else {}),
            "already_archived": tally.twins,
            "batches": walker.pace.batches,
            "postponed": tally.postponed,
            "backups": store.backups if store else [],
            "resumed": store.resumed if store else [],
            "detached": self._partitions.detached if self._partitions else [],
            "vacuumed": vacuumed,
        }

    def _diff(self, rows: Mapping[str, int], pending: Sequence[str], expected: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is there before and after: the rows that move, by month, and what a killed run left."""
        common = {"table": self._table.label, "older_than": self._bound}
        return {
            "before": {**common, "rows": dict(rows), "unfinished": list(pending)},
            "after": {**common, "rows": {}, "unfinished": [], **expected},
        }

    def _plan(self) -> dict[str, Any]:
        """Refuse what cannot work, touching nothing; tell what is to be made."""
        wanted = self._wanted
        require_movable(self._session, self._table)
        begun = self._state.begun() if self._state.exists() else []
        if begun and wanted.keeping is None:
            raise RefusedError(
                f"A run that was killed stored rows of {self._table.label} in the repository ({', '.join(begun)}) and did not "
                "delete them yet. Run it once more with to: repository first, or they would be in two places."
            )
        if wanted.goal == TABLE and wanted.archive is not None:
            self._shelf = Shelf(self._session, self._table, wanted.archive, partitioned=wanted.partitioned)
            return {"archive": self._shelf.plan()}
        if wanted.keeping is not None:
            find_program("zstd")
            require_recipients(wanted.keeping.encoding.recipients)
            wanted.keeping.repository.preflight()
            if wanted.keeping.format == PARQUET:
                require_parquet()
            return {"repository": wanted.keeping.repository.title}
        return {}

    def _old_rows(self) -> dict[str, int]:
        """Return the number of old rows by month. It reads an index only, but all of its old part."""
        return self._months(self._table, Span(self._bound))

    def _months(self, table: Table, span: Span) -> dict[str, int]:
        self._session.run("SET statement_timeout = 0")
        rows = dict(self._session.run(statements.months(table, span)))
        self._session.run(f"SET statement_timeout = {self._wanted.timeouts.statement}")
        return rows

    def _pending(self) -> list[str]:
        return [*self._state.begun(), *self._state.partitions()] if self._state.exists() else []

    def _work(self) -> None:
        wanted, table = self._wanted, self._table
        if self._shelf is not None:
            self._archive = self._shelf.ready()
        old = old_partitions(self._session, table, self._bound)
        if wanted.keeping is not None or old:
            self._state.make()
        if wanted.keeping is not None:
            self._store = Store(self._walker, wanted.keeping, self._state, self._login.dbname)
        self._partitions = Partitions(self._walker, table, self._state)
        left = self._partitions.left() if self._state.exists() else []
        if self._store is not None:
            self._store.resume([table, *left])
            if self._state.begun():
                # Others hold rows that are stored already: whatever came next would store them again.
                return
        for each in left:
            self._whole(each)
        for name in old:
            if self._walker.spent():
                return
            partition = self._partitions.detach(name)
            if partition is not None:
                self._whole(partition)
        self._rows(table, self._bound)

    def _whole(self, partition: Table) -> None:
        """Archive all of a partition that was taken off, and drop it."""
        if self._partitions is None:
            return
        if self._wanted.goal == DELETE:
            months = self._months(partition, Span("infinity"))
            self._partitions.drop(partition, with_rows=True)
            for month, rows in months.items():
                self._walker.tally.add(month, rows)
            return
        self._rows(partition, "infinity")
        if not self._walker.spent():
            self._partitions.drop(partition, with_rows=False)

    def _rows(self, table: Table, bound: str) -> None:
        for segment in self._walker.segments(table, bound):
            if self._store is not None:
                self._store.archive(table, segment)
            elif self._archive is not None and self._shelf is not None:
                self._shelf.make_room(self._archive, segment.begin, segment.end)
                self._walker.batches(table, segment, mover(self._walker, table, self._archive))
            else:
                self._walker.batches(table, segment, lambda span: self._session.count(statements.delete(table, span)))

    def _vacuum(self, rows: int) -> bool:
        """Give the space of the rows back to the table, and count anew, where that pays; tell whether it was done."""
        if rows < max(_WORTH_ROWS, int(self._table.estimate * _WORTH_PART)):
            return False
        return vacuum(self._session, [self._table, *([self._archive] if self._archive else [])], self._walker.warn)


def vacuum(session: Session, tables: list[Table], warn: Callable[[str], object]) -> bool:
    """VACUUM and ANALYZE ``tables``, without the lock that cutting off their ends would take."""
    session.run("SET statement_timeout = 0")
    for each in tables:
        try:
            session.run(f"VACUUM (ANALYZE, TRUNCATE FALSE) {each.sql}")
        except ToolError as error:
            warn(f"The rows were moved, but {each.label} was not vacuumed: {error.message}")
            return False
    return True


def archive_name(
    table: tuple[str, str], given: str | None, split: Callable[[str, str], tuple[str, str]]
) -> tuple[str, str]:
    """Return the archive table's name: the given one, or that of the table with _archive behind it."""
    return split(given, "archive_table") if given else (table[0], beside_name(table[1], "_archive"))


def _outcome(months: Mapping[str, int], *, complete: bool, seconds: float) -> dict[str, Any]:
    return {"rows": sum(months.values()), "months": dict(months), "complete": complete, "duration_seconds": seconds}


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 3)
