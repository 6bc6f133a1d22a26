# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that walk a table by its timestamp and key, and move, copy and delete ranges of it. Pure.

A position is the timestamp and the key of a row, each as the server spells it in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table, names, typed
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier, literal, text_array

Position = tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """Rows of a table: from ``start`` (None: the first; ``inclusive``: with that row) to ``end`` with that row, all older
    than ``bound`` and none older than ``floor`` (None: no limit), times as the server spells them.
    """

    bound: str
    floor: str | None = None
    start: Position | None = None
    end: Position | None = None
    inclusive: bool = False

    def where(self, table: Table) -> str:
        """Return the condition. That on the timestamp alone, which says the same, is for its index."""
        order = table.order
        stamp = f"t.{identifier(table.timestamp)}"
        row = f"({names(order, 't.')})"
        floor = f"> {typed(order[0], '-infinity')}" if self.floor is None else f">= {typed(order[0], self.floor)}"
        parts = [f"{stamp} < {typed(order[0], self.bound)}", f"{stamp} {floor}"]
        for position, sign, only in (
            (self.start, ">=" if self.inclusive else ">", ">="),
            (self.end, "<=", "<="),
        ):
            if position is not None:
                constants = ", ".join(typed(column, value) for column, value in zip(order, position))
                parts += [f"{stamp} {only} {typed(order[0], position[0])}", f"{row} {sign} ({constants})"]
        return " AND ".join(parts)


def ordered(table: Table) -> str:
    """Return what rows are walked by, as a list for a statement."""
    return names(table.order, "t.")


def spelled(table: Table) -> str:
    """Return the expressions for the position of a row."""
    return ", ".join(f"t.{identifier(each.name)}::text" for each in table.order)


def first_row(table: Table, span: Span) -> str:
    """Return the query for the position of the first row, and the first day of its month and of the next one (UTC)."""
    month = f"date_trunc('month', t.{identifier(table.timestamp)}::timestamp)"
    return (
        f"SELECT {month}::date::text, ({month} + interval '1 month')::date::text, {spelled(table)} "
        f"FROM {table.sql} t WHERE {span.where(table)} ORDER BY {ordered(table)} LIMIT 1"
    )


def nth_row(table: Table, span: Span, number: int) -> str:
    """Return the query for the position of the row of that number, counted from 1; it has no row if there are fewer."""
    return (
        f"SELECT {spelled(table)} FROM {table.sql} t WHERE {span.where(table)} "
        f"ORDER BY {ordered(table)} OFFSET {number - 1} LIMIT 1"
    )


def months(table: Table, span: Span) -> str:
    """Return the query for the number of rows of each month, as ``2026-03``."""
    return (
        f"SELECT to_char(date_trunc('month', t.{identifier(table.timestamp)}::timestamp), 'YYYY-MM'), count(*) "
        f"FROM {table.sql} t WHERE {span.where(table)} GROUP BY 1 ORDER BY 1"
    )


def move(table: Table, span: Span, archive: Table) -> str:
    """Return the statement that takes the rows out of the one table and puts them into the other."""
    columns = names(table.stored)
    return (
        f"WITH moved AS (DELETE FROM {table.sql} t WHERE {span.where(table)} RETURNING {names(table.stored, 't.')}) "
        f"INSERT INTO {archive.sql} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM moved"
    )


def delete(table: Table, span: Span) -> str:
    """Return the statement that deletes the rows."""
    return f"DELETE FROM {table.sql} t WHERE {span.where(table)}"


def delete_twins(table: Table, span: Span, archive: Table) -> str:
    """Return the statement that deletes the rows that the archive has already, the same in every column."""
    same = " AND ".join(f"a.{identifier(each.name)} = t.{identifier(each.name)}" for each in table.order)
    other = table.row_hash.replace("t.", "a.")
    return (
        f"DELETE FROM {table.sql} t USING {archive.sql} a WHERE {span.where(table)} AND {same} "
        f"AND {table.row_hash} = {other}"
    )


def copy_out(table: Table, span: Span, number: int) -> str:
    """Return the statement that gives the first rows in the server's text form, each with its hash as the last column."""
    return (
        f"COPY (SELECT {names(table.stored, 't.')}, {table.row_hash} FROM {table.sql} t WHERE {span.where(table)} "
        f"ORDER BY {ordered(table)} LIMIT {number}) TO STDOUT"
    )


def delete_counted(table: Table, span: Span) -> str:
    """Return the statement that deletes the rows and tells how many they were, and their digest."""
    return (
        f"WITH gone AS (DELETE FROM {table.sql} t WHERE {span.where(table)} RETURNING {table.row_hash} AS h) "
        "SELECT count(*), coalesce(sum(h), 0)::text FROM gone"
    )


def rows(table: Table, span: Span) -> str:
    """Return the query for the hash and the position of each row."""
    return f"SELECT {table.row_hash}, {spelled(table)} FROM {table.sql} t WHERE {span.where(table)}"


def delete_rows(table: Table, positions: Sequence[Position]) -> str:
    """Return the statement that deletes the rows at ``positions`` and tells how many they were, and their digest."""
    arrays = ", ".join(text_array(values) for values in zip(*positions))
    aliases = [f"c{number}" for number in range(len(table.order))]
    same = " AND ".join(
        f"t.{identifier(column.name)} = k.{alias}::{column.type}" for column, alias in zip(table.order, aliases)
    )
    return (
        f"WITH gone AS (DELETE FROM {table.sql} t USING unnest({arrays}) AS k ({', '.join(aliases)}) WHERE {same} "
        f"RETURNING {table.row_hash} AS h) SELECT count(*), coalesce(sum(h), 0)::text FROM gone"
    )


def lock_key(table: Table) -> str:
    """Return the SQL for the key of the lock that keeps two runs on one table apart."""
    return f"hashtextextended({literal(f'chatbot.ops log_archive {table.label}')}, 0)"
