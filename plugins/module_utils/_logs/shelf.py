# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive table: made when it is first needed, kept in the shape of the table, nobody's to read but its owner's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column, Table, find_table, names
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import beside_name, identifier, literal

_GRANTEES = """
SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
FROM pg_catalog.pg_class c, aclexplode(c.relacl) a WHERE c.oid = %s::regclass AND a.grantee <> c.relowner
"""
_MAY_GIVE = (
    "SELECT current_user <> %s AND pg_has_role(current_user, %s, 'MEMBER') AND has_schema_privilege(%s, %s, 'CREATE')"
)


@dataclass(frozen=True)
class Shape:
    """What a table is to be made of."""

    name: tuple[str, str]
    columns: Sequence[Column]
    order: Sequence[Column]
    owner: str | None
    row_security: bool
    partitioned: bool = False

    @property
    def sql(self) -> str:
        """The name for statements."""
        return ".".join(identifier(each) for each in self.name)


def shape_of(table: Table, name: tuple[str, str], *, partitioned: bool) -> Shape:
    """Return the shape of an archive of ``table``."""
    return Shape(name, table.stored, table.order, table.owner, table.row_security, partitioned)


def create_statements(shape: Shape) -> list[str]:
    """Return the statements that make a table: the columns, and the timestamp and the key as its primary key. Pure.

    That key is written in the order in which rows come, and read by time. What the table checked when a row came in is not
    checked again: it may have changed since.
    """
    needed = {each.name for each in shape.order}
    columns = [
        f"{identifier(each.name)} {each.type}{' NOT NULL' if each.name in needed else ''}" for each in shape.columns
    ]
    rest = f" PARTITION BY RANGE ({identifier(shape.order[0].name)})" if shape.partitioned else ""
    statements = [f"CREATE TABLE {shape.sql} ({', '.join(columns)}, PRIMARY KEY ({names(shape.order)})){rest}"]
    if shape.row_security:
        statements.append(f"ALTER TABLE {shape.sql} ENABLE ROW LEVEL SECURITY")
    return statements


def make_table(session: Session, shape: Shape) -> None:
    """Make it, in one transaction. Default privileges (those of Supabase give the web a new table) are taken back.

    :raises ToolError: if the user may not.
    """
    session.run("BEGIN; " + "; ".join(create_statements(shape)))
    close_to_others(session, shape.sql)
    owner = shape.owner
    if owner is not None and session.value(_MAY_GIVE, (owner, owner, owner, shape.name[0])):
        session.run(f"ALTER TABLE {shape.sql} OWNER TO {identifier(owner)}")
    session.run("COMMIT")


def close_to_others(session: Session, sql: str) -> None:
    """Take from everybody but its owner what default privileges gave them on a new table."""
    for (grantee,) in session.run(_GRANTEES, (sql,)):
        session.run(f"REVOKE ALL ON {sql} FROM {grantee}")


class Shelf:
    """The archive table of one table."""

    def __init__(self, session: Session, table: Table, name: tuple[str, str], *, partitioned: bool) -> None:
        self._session, self._table, self._name = session, table, name
        self._shape = shape_of(table, name, partitioned=partitioned)
        self._partitions: set[str] = set()

    def plan(self) -> dict[str, object]:
        """Refuse an archive table that cannot take the rows, touching nothing; tell what is to be made.

        :raises RefusedError: that names the columns that do not fit.
        """
        found = find_table(self._session, self._name, self._table.timestamp)
        if found is None:
            return {"create": ".".join(self._name)}
        return {"add_columns": [each.name for each in self._missing(found)]}

    def ready(self) -> Table:
        """Return the archive table, made, or with the columns that the table got since.

        :raises RefusedError: as :meth:`plan`.
        """
        found = find_table(self._session, self._name, self._table.timestamp)
        if found is None:
            make_table(self._session, self._shape)
        else:
            for each in self._missing(found):
                self._session.run(f"ALTER TABLE {found.sql} ADD COLUMN {identifier(each.name)} {each.type}")
        ready = find_table(self._session, self._name, self._table.timestamp)
        if ready is None:
            raise RefusedError(f"The archive table {'.'.join(self._name)} is gone again. Who dropped it?")
        return ready

    def make_room(self, archive: Table, begin: str, end: str) -> None:
        """Make the partition for the days from ``begin`` to ``end``, if the archive has partitions."""
        if not archive.partitioned or begin in self._partitions:
            return
        name = (
            f"{identifier(archive.schema)}.{identifier(beside_name(archive.name, '_' + begin[:7].replace('-', '_')))}"
        )
        if self._session.value("SELECT to_regclass(%s) IS NULL", (name,)):
            bounds = f"FROM ({literal(begin)}) TO ({literal(end)})"
            self._session.run(f"BEGIN; CREATE TABLE {name} PARTITION OF {archive.sql} FOR VALUES {bounds}")
            if archive.row_security:
                self._session.run(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
            close_to_others(self._session, name)
            self._session.run("COMMIT")
        self._partitions.add(begin)

    def _missing(self, found: Table) -> list[Column]:
        theirs = {each.name: each for each in found.stored}
        wanted = {each.name: each for each in self._table.stored}
        strange = [
            f"{name} ({each.type}, not {theirs[name].type})"
            for name, each in wanted.items()
            if name in theirs and theirs[name].type != each.type
        ]
        strange += [
            f"{name} (which may not be empty)" for name, each in theirs.items() if each.required and name not in wanted
        ]
        walked = {each.name for each in self._table.order}
        if strange or not self._table.key_set <= found.key_set <= walked:
            raise RefusedError(
                f"The archive table {found.label} does not have the shape of {self._table.label}: "
                f"{', '.join(strange) or 'its primary key is another one'}. Rename it, and a new one is made."
            )
        return [each for name, each in wanted.items() if name not in theirs]
