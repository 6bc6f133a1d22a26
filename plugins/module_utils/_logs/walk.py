# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Goes through the old rows of a table in short transactions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._logs import statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits, Pace, Watcher
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session

# lock_not_available, query_canceled (also by our own watcher), deadlock_detected, serialization_failure
_PASSING = ("55P03", "57014", "40P01", "40001")
_ATTEMPTS = 6


@dataclass(frozen=True)
class Timeouts:
    """In milliseconds, for each statement."""

    lock: int
    statement: int


@dataclass(frozen=True)
class Segment:
    """The old rows of one month, from its first one on: ``begin`` and ``end`` are days, ``span`` the rows."""

    begin: str
    end: str
    span: Span

    @property
    def month(self) -> str:
        """The month's name."""
        return self.begin[:7]


@dataclass
class Tally:
    """What was done: rows by month, rows that the archive had already, and batches that were left for the next run."""

    months: dict[str, int] = field(default_factory=dict)
    twins: int = 0
    postponed: int = 0
    complete: bool = True

    def add(self, month: str, rows: int) -> None:
        """Count rows of a month."""
        if rows:
            self.months[month] = self.months.get(month, 0) + rows

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.months.values())


class Walker:
    """One run on one database: its connections, its pace, its tally."""

    def __init__(self, login: Login, limits: Limits, timeouts: Timeouts, warn: Callable[[str], object]) -> None:
        self.session = open_session(login, timeouts)
        self.pace, self.tally, self.warn = Pace(limits), Tally(), warn
        self.watcher = Watcher(login, self.session)

    def __enter__(self) -> Walker:
        self.watcher.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self.watcher.__exit__(*exception)
        self.session.close()

    @contextmanager
    def alone(self, table: Table) -> Iterator[None]:
        """Hold the right to archive ``table``, as long as the connection.

        :raises BusyError: if another run holds it.
        """
        if not self.session.value(f"SELECT pg_try_advisory_lock({statements.lock_key(table)})"):
            raise BusyError(f"Another run archives {table.label} already. Wait for its end.")
        try:
            yield
        finally:
            with suppress(ToolError):
                self.session.run(f"SELECT pg_advisory_unlock({statements.lock_key(table)})")

    def segments(self, table: Table, bound: str, floor: str | None = None) -> Iterator[Segment]:
        """Yield the months that have rows older than ``bound``, one after the other, up to the end of the budget."""
        while True:
            rows = self.session.run(statements.first_row(table, Span(bound, floor)))
            if not rows:
                return
            if self.spent():
                return
            begin, end = rows[0][:2]
            # Both are times as the server spells them: which one comes first is for it to say.
            kind = table.timestamp_type
            until = self.session.value(f"SELECT least(%s::{kind}, %s::{kind})::text", (bound, end))
            yield Segment(begin, end, Span(until, floor, tuple(rows[0][2:]), inclusive=True))
            floor = until

    def spent(self) -> bool:
        """Tell whether the budget is used up, which leaves rows for the next run."""
        if self.pace.spent:
            self.tally.complete = False
        return self.pace.spent

    def batches(self, table: Table, segment: Segment, action: Callable[[Span], int]) -> None:
        """Do ``action`` to the rows of a segment, batch by batch, up to its end or that of the budget.

        A batch that meets somebody's lock is tried again, smaller, after a rest, and left for the next run in the end.

        :raises ToolError: if it failed for another reason.
        """
        span, attempts = segment.span, 0
        while not self.spent():
            rows = self.session.run(statements.nth_row(table, span, self.pace.size))
            batch = replace(span, end=tuple(rows[0])) if rows else span
            done = self.attempt(partial(action, batch), attempts)
            attempts += 1
            if done is None and attempts < _ATTEMPTS:
                continue
            if done is None:
                self.postpone()
            self.tally.add(segment.month, done or 0)
            if not rows:
                return
            span, attempts = replace(span, start=batch.end, inclusive=False), 0

    def patiently(self, action: Callable[[], int]) -> int | None:
        """Do ``action``, again and again as :meth:`batches` does; None if it did not come about."""
        for attempt in range(_ATTEMPTS):
            rows = self.attempt(action, attempt)
            if rows is not None:
                return rows
        self.postpone()
        return None

    def attempt_reading(self, action: Callable[[], int], buffer: IO[bytes]) -> int | None:
        """Read rows into ``buffer``: again, with rests, if a lock stood in the way; None if it did not come about."""
        for number in range(_ATTEMPTS):
            try:
                return action()
            except ToolError as error:
                if error.details.get("sqlstate") not in _PASSING or self.session.closed:
                    raise
                buffer.seek(0)
                buffer.truncate()
                self.pace.smaller()
                time.sleep(0.2 * 2**number)
        self.postpone()
        return None

    def postpone(self) -> None:
        """Leave a batch for the next run."""
        self.tally.postponed += 1
        self.tally.complete = False

    def attempt(self, action: Callable[[], int], number: int = 0) -> int | None:
        """Do a batch, and then make way for others.

        :param action: does it in a transaction of its own, and returns the number of its rows.
        :param number: how often it was tried before.
        :return: that number, or None if somebody's lock stood in the way, or the batch was given up for them.
        """
        begun = time.monotonic()
        try:
            rows = action()
        except ToolError as error:
            if error.details.get("sqlstate") not in _PASSING or self.session.closed:
                raise
            self.session.run("ROLLBACK")
            self.pace.smaller()
            time.sleep(0.2 * 2**number)
            return None
        seconds = time.monotonic() - begun
        self.pace.done(rows, seconds)
        self.pace.rest(seconds, self.watcher)
        return rows


def open_session(login: Login, timeouts: Timeouts) -> Session:
    """Connect, with the settings that fix how values are spelled, and with ``timeouts``."""
    session = login.connect()
    session.run(catalog.settings(local=False))
    session.run(f"SET lock_timeout = {timeouts.lock}; SET statement_timeout = {timeouts.statement}")
    return session
