# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table with a timestamp and a primary key, as the server's catalog describes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier, literal

_NAME = re.compile(r'\s*(?:([^".\s]+)|"((?:[^"]|"")+)")\s*')
_TIMES = ("timestamp with time zone", "timestamp without time zone", "date")
#: A table with fewer rows is read whole in no time: it needs no index.
_SMALL = 100_000

_RELATION = """
SELECT c.oid::int8, n.nspname, c.relname, c.relkind::text, c.relrowsecurity, pg_get_userbyid(c.relowner),
       greatest(c.reltuples, 0)::int8
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s
"""
_COLUMNS = f"""
SELECT a.attname, format_type(a.atttypid, a.atttypmod), {catalog.column_number().replace("%", "%%")},
       y.typnamespace = 'pg_catalog'::regnamespace, a.attgenerated <> '', a.attnotnull
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
_KEY = """
SELECT a.attname
FROM pg_catalog.pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (number, position)
     JOIN pg_catalog.pg_attribute a ON a.attnum = k.number
WHERE i.indrelid = %s AND i.indisprimary AND a.attrelid = i.indrelid AND k.position <= i.indnkeyatts
ORDER BY k.position
"""
_INDEXED = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a
                 ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam
               WHERE i.indrelid = %s AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree' AND a.attname = %s)
"""
_REFERRING = """
SELECT DISTINCT conrelid::regclass::text FROM pg_catalog.pg_constraint WHERE contype = 'f' AND confrelid = %s ORDER BY 1
"""
_LACKING = """
SELECT p FROM unnest(%s) p WHERE NOT has_table_privilege(%s::oid, p)
"""


@dataclass(frozen=True)
class Column:
    """A column. ``number`` is the SQL expression for what stands for its value in a row's hash; ``builtin`` tells
    whether every server has its type.
    """

    name: str
    type: str
    number: str
    builtin: bool
    generated: bool
    required: bool


@dataclass(frozen=True)
class Table:
    """A table. ``label`` is what people call it: a partition goes by the name of the table that it was of.

    ``key`` is the primary key, ``estimate`` the number of rows that the server believes in.
    """

    oid: int
    schema: str
    name: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    timestamp: str
    owner: str
    estimate: int
    partitioned: bool
    row_security: bool

    @property
    def sql(self) -> str:
        """The name for statements."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns that are data: generated ones come by themselves."""
        return tuple(each for each in self.columns if not each.generated)

    @property
    def order(self) -> tuple[Column, ...]:
        """The columns that rows are walked by: the timestamp, then the key."""
        by_name = {each.name: each for each in self.columns}
        return tuple(by_name[name] for name in dict.fromkeys((self.timestamp, *self.key)))

    @property
    def key_set(self) -> set[str]:
        """The names of the key's columns."""
        return set(self.key)

    @property
    def timestamp_type(self) -> str:
        """The timestamp's type, as the server calls it."""
        return self.order[0].type

    @property
    def row_hash(self) -> str:
        """The SQL expression for the hash of a row ``t``: 64 bits over the data, by the columns' names."""
        numbers = ", ".join(each.number for each in sorted(self.stored, key=lambda each: each.name.encode()))
        return f"hash_array_extended(ARRAY[{numbers}]::int8[], 0)"


def split_name(name: str, parameter: str = "table") -> tuple[str, str]:
    """Return schema and name in ``public.system_logs``; either may be in double quotes.

    :raises RefusedError: if it is not two names.
    """
    parts: list[str] = []
    position = 0
    while match := _NAME.match(name, position):
        parts.append(match.group(1) or match.group(2).replace('""', '"'))
        position = match.end()
        if name[position : position + 1] != ".":
            break
        position += 1
    if len(parts) != 2 or position != len(name):
        raise RefusedError(f"Parameter {parameter}: {name!r} is no table with its schema, such as public.system_logs.")
    return parts[0], parts[1]


def find_table(session: Session, name: tuple[str, str], timestamp: str, *, label: str | None = None) -> Table | None:
    """Return the table ``name``, or None if there is none.

    :raises RefusedError: if it is none with such a timestamp and a primary key.
    """
    rows = session.run(_RELATION, name)
    if not rows:
        return None
    oid, schema, relation, kind, row_security, owner, estimate = rows[0]
    title = label or ".".join(name)
    if kind not in ("r", "p"):
        raise RefusedError(f"{title} is no table. Name the table itself, not a view of it.")
    columns = tuple(Column(*row) for row in session.run(_COLUMNS, (oid,)))
    key = tuple(column for (column,) in session.run(_KEY, (oid,)))
    types = {each.name: each.type for each in columns}
    if re.sub(r"\(\d\)", "", types.get(timestamp, "")) not in _TIMES:
        found = ", ".join(name for name, kind in types.items() if kind in _TIMES) or "none"
        raise RefusedError(
            f"Parameter timestamp_column: {title} has no column {timestamp} that holds a time. It has {found}."
        )
    if not key:
        raise RefusedError(
            f"{title} has no primary key, so that nobody could tell which rows were moved. Give it one, such as "
            "ALTER TABLE ... ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY."
        )
    return Table(oid, schema, relation, title, columns, key, timestamp, owner, estimate, kind == "p", row_security)


def require_movable(session: Session, table: Table) -> None:
    """Refuse a table whose rows cannot be taken away in safety, or not without reading all of it again and again.

    :raises RefusedError: that says what stands against it.
    """
    title = f"Failed to archive {table.label}"
    computed = sorted(each.name for each in table.order if each.generated)
    if computed:
        raise RefusedError(
            f"{title}: it computes {', '.join(computed)} by itself. As a time or a key that does not serve."
        )
    referring = [name for (name,) in session.run(_REFERRING, (table.oid,))]
    if referring:
        raise RefusedError(
            f"{title}: rows of {', '.join(referring)} refer to it. They would go with it, or forbid it. Archive those first, "
            "and drop the foreign key."
        )
    lacking = [name for (name,) in session.run(_LACKING, (["SELECT", "DELETE"], table.oid))]
    if lacking:
        raise RefusedError(f"{title}: the user lacks {', '.join(lacking)} on it. Connect as its owner, {table.owner}.")
    if table.estimate > _SMALL and not session.value(_INDEXED, (table.oid, table.timestamp)):
        raise RefusedError(
            f"{title}: no index begins with {table.timestamp}, so that every batch would read all of its about "
            f"{table.estimate} rows. Make one: CREATE INDEX CONCURRENTLY ON {table.sql} ({identifier(table.timestamp)})."
        )


def names(columns: Sequence[Column], alias: str = "") -> str:
    """Return the columns' names as a list for a statement, with ``alias`` before each."""
    return ", ".join(f"{alias}{identifier(each.name)}" for each in columns)


def typed(column: Column, value: str) -> str:
    """Return ``value`` (as the server spells it) as a constant of the column's type."""
    return f"{literal(value)}::{column.type}"
