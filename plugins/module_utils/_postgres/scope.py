# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a database is meant: schemas and tables. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier, text_array


@dataclass(frozen=True)
class Table:
    """A table that holds rows of its own: an ordinary one or a partition. ``title`` is its name in the proof."""

    schema: str
    name: str
    title: str

    @property
    def quoted(self) -> str:
        """The name in SQL, and as a pattern of pg_dump that fits it alone."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"


@dataclass(frozen=True)
class Scope:
    """Part of a database: ``schemas`` (exact names; none: all) less ``exclude_schemas``.

    Of the tables that a pattern in ``exclude_table_data`` fits (``schema.table`` or ``table``, with ``*`` and ``?``),
    the definition is meant, the rows are not.
    """

    schemas: tuple[str, ...] = ()
    exclude_schemas: tuple[str, ...] = ()
    exclude_table_data: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether what belongs to no schema (extensions, large objects, publications) is meant too.

        That is pg_dump's own rule: it leaves them out as soon as schemas are chosen, not when some are excluded.
        """
        return not self.schemas

    def includes(self, schema: str) -> str:
        """Return the condition that ``schema`` (an SQL expression for a schema's name) is in scope."""
        conditions = [rf"{schema} !~ '^pg_'", f"{schema} <> 'information_schema'"]
        if self.schemas:
            conditions.append(f"{schema} = ANY ({text_array(self.schemas)})")
        if self.exclude_schemas:
            conditions.append(f"{schema} <> ALL ({text_array(self.exclude_schemas)})")
        return f"({' AND '.join(conditions)})"

    def without_data(self, tables: Iterable[Table]) -> dict[str, list[Table]]:
        """Return which of ``tables`` each pattern of ``exclude_table_data`` fits."""
        known = list(tables)
        return {pattern: [each for each in known if fits(pattern, each)] for pattern in self.exclude_table_data}


def fits(pattern: str, table: Table) -> bool:
    """Tell whether ``pattern`` means ``table``; without a dot it means tables of that name in any schema."""
    schema, dot, name = pattern.rpartition(".")
    return _matches(name, table.name) and (not dot or _matches(schema, table.schema))


def _matches(pattern: str, name: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name, re.DOTALL) is not None
