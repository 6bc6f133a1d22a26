# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old partitions of a partitioned table: taken off as a whole, archived as tables of their own, and dropped when empty."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._logs.state import State
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column, Table, find_table
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Walker
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier, literal

# Of a table that is partitioned by its timestamp alone: the partitions that end before the limit, and are not divided
# themselves.
_OLD = """
SELECT n.nspname, c.relname
FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,
     LATERAL (SELECT (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([^'']+)''\\)$'))[1]) AS b (until)
WHERE i.inhparent = {oid} AND c.relkind = 'r' AND pg_get_partkeydef({oid}) = {key} AND b.until IS NOT NULL
      AND b.until::{type} <= {bound}::{type}
ORDER BY b.until::{type}
"""


def old_partitions(session: Session, table: Table, bound: str) -> list[tuple[str, str]]:
    """Return the partitions of ``table`` all of whose rows are older than ``bound``, oldest first: schema and name."""
    if not table.partitioned:
        return []
    query = _OLD.format(
        oid=table.oid,
        key=f"'RANGE (' || quote_ident({literal(table.timestamp)}) || ')'",
        type=table.timestamp_type,
        bound=literal(bound),
    )
    return [(str(schema), str(name)) for schema, name in session.run(query)]


class Partitions:
    """The old partitions of one table, in one run."""

    def __init__(self, walker: Walker, table: Table, state: State) -> None:
        self._walker, self._table, self._state = walker, table, state
        self.detached: list[str] = []

    def left(self) -> list[Table]:
        """Return those that a run before took off and did not bring to their end."""
        found = [self._find((self._table.schema, name)) for name in self._state.partitions()]
        return [each for each in found if each is not None]

    def detach(self, name: tuple[str, str]) -> Table | None:
        """Take a partition off, and return it as a table; None, if others stood in the way for too long."""
        partition = self._find(name)
        if partition is None or name[0] != self._table.schema:
            return None

        def action() -> int:
            session = self._walker.session
            session.run("BEGIN")
            self._state.note_partition(name[1])
            session.run(f"ALTER TABLE {self._table.sql} DETACH PARTITION {partition.sql}")
            session.run("COMMIT")
            return 0

        if self._walker.patiently(action) is None:
            return None
        self.detached.append(".".join(name))
        return partition

    def drop(self, partition: Table, *, with_rows: bool) -> int:
        """Drop a partition that was taken off, unless it still has rows; return how many it had.

        :param with_rows: drop it in any case.
        """

        def action() -> int:
            session = self._walker.session
            session.run(f"BEGIN; LOCK TABLE {partition.sql} IN ACCESS EXCLUSIVE MODE")
            rows = int(session.value(f"SELECT count(*) FROM {partition.sql}")) if with_rows else 0
            if with_rows or not session.run(f"SELECT FROM {partition.sql} LIMIT 1"):
                session.run(f"DROP TABLE {partition.sql}")
                self._state.forget_partition(partition.name)
            session.run("COMMIT")
            return rows

        return self._walker.patiently(action) or 0

    def _find(self, name: tuple[str, str]) -> Table | None:
        try:
            found = find_table(self._walker.session, name, self._table.timestamp, label=self._table.label)
        except ToolError as error:
            raise ToolError(f"Failed to look at the partition {identifier(name[1])}: {error.message}") from error
        # Its rows go where those of the table go, in the table's own order of columns.
        return None if found is None else replace(found, columns=_ordered(found, self._table), owner=self._table.owner)


def _ordered(partition: Table, table: Table) -> tuple[Column, ...]:
    theirs = {each.name: each for each in partition.columns}
    return tuple(theirs[each.name] for each in table.columns if each.name in theirs)
