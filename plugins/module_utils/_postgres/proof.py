# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof: what a database amounts to, computed in the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared, differences
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.crew import Crew, crew
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope, Table

#: What an empty table amounts to, and one whose rows were left out.
NO_ROWS: Mapping[str, Any] = {"rows": 0, "digest": "0"}

_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


@dataclass(frozen=True)
class Measure:
    """A table, and the query that measures it; ``node`` is the number of the file that held it when this was read."""

    table: Table
    oid: int
    bytes: int
    node: int
    query: str


def begin_snapshot(session: Session) -> str:
    """Begin a transaction that sees one instant, ready to measure, and return the name of its snapshot."""
    for statement in (catalog.settings(local=False), _BEGIN):
        session.run(statement)
    return str(session.value("SELECT pg_export_snapshot()"))


def joining(snapshot: str) -> Callable[[Session], None]:
    """Return what lets another session see the same instant; it raises ToolError if that is over."""

    def join(session: Session) -> None:
        for statement in (catalog.settings(local=False), _BEGIN):
            session.run(statement)
        try:
            session.run(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        except ToolError as error:
            raise ToolError(
                f"{error.message.rstrip('.')}. The server ended the session whose snapshot that is. Look at the server's log, "
                "and try again.",
                **error.details,
            ) from error

    return join


def measures(session: Session, scope: Scope) -> list[Measure]:
    """Return how to measure the tables in ``scope``, the largest first."""
    rows = session.run(catalog.tables(scope))
    found = [
        Measure(Table(schema, name, title), oid, size, node, query)
        for schema, name, title, oid, size, node, query in rows
    ]
    return sorted(found, key=lambda each: -each.bytes)


class Work:
    """What a crew measures: handed in by whichever thread, awaited by the one that asks for the results."""

    def __init__(self, team: Crew) -> None:
        self._team = team
        self._tables: dict[str, Future[dict[str, Any]]] = {}
        self._large_objects: Future[dict[str, Any]] | None = None

    def tables(self, wanted: Iterable[Measure]) -> None:
        """Have tables measured."""
        for each in wanted:
            self._tables[each.table.title] = self._team.submit(partial(measured, each))

    def large_objects(self) -> None:
        """Have the large objects measured."""
        self._large_objects = self._team.submit(_measure_large_objects)

    def results(self) -> dict[str, Any]:
        """Wait for all, and return what the proof holds of them.

        :raises ToolError: the first error of any.
        """
        found: dict[str, Any] = {"tables": {title: each.result() for title, each in sorted(self._tables.items())}}
        if self._large_objects is not None:
            found["large_objects"] = self._large_objects.result()
        return found


def measured(measure: Measure, session: Session) -> dict[str, Any]:
    """Return what a table amounts to.

    :raises ToolError: if it was truncated meanwhile.
    """
    rows, digest = session.run(measure.query)[0]
    # A snapshot does not hold against TRUNCATE and the like: they show it an empty table. From here on our own lock
    # keeps them off; that the file is still the same one means that none came before.
    if session.value("SELECT pg_relation_filenode(%s)", (measure.oid,)) != measure.node:
        raise ToolError(
            f"Table {measure.table.title} was truncated or rewritten while it was being read. Nothing was kept. "
            "Try again when that work is done."
        )
    return {"rows": rows, "digest": digest}


def _measure_large_objects(session: Session) -> dict[str, Any]:
    count, digest = session.run(catalog.large_objects())[0]
    return {"count": count, "digest": digest}


@dataclass(frozen=True)
class Position:
    """Where a sequence stands: its last value, and whether that was handed out."""

    last_value: int
    is_called: bool
    increment: int

    def to_proof(self) -> list[Any]:
        """Return it as the proof holds it."""
        return [self.last_value, self.is_called]


def positions(session: Session, scope: Scope) -> dict[str, Position]:
    """Return where each sequence stands now: they take no notice of snapshots."""
    queries = [query for (query,) in session.run(catalog.sequences(scope))]
    rows = session.run(" UNION ALL ".join(queries)) if queries else []
    return {title: Position(last, called, increment) for title, increment, last, called in rows}


def claim_sequences(before: Mapping[str, Position], after: Mapping[str, Position]) -> dict[str, Any]:
    """Return what a dump between the two readings claims: ``from`` and ``to``, or None for one that was set back."""
    claims: dict[str, Any] = {}
    for title, first in before.items():
        last = after.get(title, first)
        forward = (last.last_value - first.last_value) * first.increment >= 0
        claims[title] = {"from": first.to_proof(), "to": last.to_proof()} if forward else None
    return claims


def find_proof(login: Login, scope: Scope, jobs: int) -> dict[str, Any]:
    """Return the proof of a whole database as it is now, computed over ``jobs`` connections.

    :raises ToolError: if it cannot be read.
    """
    with login.connect() as session:
        snapshot = begin_snapshot(session)
        with crew(login, jobs, joining(snapshot)) as team:
            work = Work(team)
            work.tables(measures(session, scope))
            if scope.whole:
                work.large_objects()
            return {
                "algorithm": session.value(catalog.ALGORITHM),
                **session.value(catalog.inventory(scope)),
                "sequences": {title: each.to_proof() for title, each in positions(session, scope).items()},
                **work.results(),
            }


def compare(claimed: Mapping[str, Any], found: Mapping[str, Any]) -> Compared:
    """Return the comparison of a found proof with the one that a manifest claims."""
    different = [
        *differences(_settled(claimed), _settled(found)),
        *_sequence_differences(claimed["sequences"], found["sequences"]),
    ]
    return Compared(claimed, found, tuple(different))


def _settled(proof: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in proof.items() if key != "sequences"}


def _sequence_differences(claimed: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    for title in sorted({*claimed, *found}):
        if title not in found:
            yield f"sequences.{title} is missing"
        elif title not in claimed:
            yield f"sequences.{title} was not in the backup"
        elif claimed[title] is not None and not _within(claimed[title], found[title]):
            yield f"sequences.{title} is {found[title]!r}, the backup has {claimed[title]!r}"


def _within(claim: Mapping[str, Any], found: Any) -> bool:
    first, last = claim["from"], claim["to"]
    sign = -1 if last[0] < first[0] else 1
    lowest, value, highest = ((sign * each[0], each[1]) for each in (first, found, last))
    return bool(lowest <= value <= highest)
