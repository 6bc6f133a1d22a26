# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a killed run leaves for the next one: which rows lie in which backup, and are still in their table.

It is a table beside the one that is archived: a row for each batch, from before it is stored until its rows are deleted.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._logs.shelf import close_to_others
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Position
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import beside_name, identifier

#: What the kind of a row says: rows of a backup, or a partition that was detached.
BATCH, PARTITION = "batch", "partition"


@dataclass(frozen=True)
class Batch:
    """Rows of ``relation`` (the table, or a partition that was detached) that lie in a backup of the repository ``home``:
    from the position ``first`` to ``last``, and the hash of each.
    """

    home: str
    relation: str
    backup_id: str
    number: int
    first: Position
    last: Position
    hashes: tuple[int, ...]

    @property
    def digest(self) -> str:
        """The sum of the hashes, as the server gives it."""
        return str(sum(self.hashes))


class State:
    """The state table of one table."""

    def __init__(self, session: Session, table: Table) -> None:
        self._session = session
        self.name = (table.schema, beside_name(table.name, "_archive_state"))
        self.sql = ".".join(identifier(each) for each in self.name)

    def exists(self) -> bool:
        """Tell whether there is one."""
        return bool(self._session.value("SELECT to_regclass(%s) IS NOT NULL", (self.sql,)))

    def make(self) -> None:
        """Make it, unless it is there."""
        if self.exists():
            return
        self._session.run(
            f"BEGIN; CREATE TABLE {self.sql} (kind text NOT NULL, name text NOT NULL, number int NOT NULL, "
            "home text, relation text, first text, last text, hashes bytea, PRIMARY KEY (kind, name, number)); "
            f"ALTER TABLE {self.sql} ENABLE ROW LEVEL SECURITY; "
            f"COMMENT ON TABLE {self.sql} IS 'What log_archive has begun and not ended; leave it to it'"
        )
        close_to_others(self._session, self.sql)
        self._session.run("COMMIT")

    def begun(self) -> list[str]:
        """Return the ids of the backups that have rows which may still be in the table, oldest first."""
        rows = self._session.run(f"SELECT DISTINCT name FROM {self.sql} WHERE kind = %s ORDER BY 1", (BATCH,))
        return [name for (name,) in rows]

    def batches(self, backup_id: str) -> list[Batch]:
        """Return the batches of a backup whose rows may still be in the table."""
        rows = self._session.run(
            f"SELECT home, relation, number, first, last, hashes FROM {self.sql} WHERE kind = %s AND name = %s ORDER BY number",
            (BATCH, backup_id),
        )
        return [
            Batch(
                home,
                relation,
                backup_id,
                number,
                tuple(json.loads(first)),
                tuple(json.loads(last)),
                _unpacked(bytes(hashes)),
            )
            for home, relation, number, first, last, hashes in rows
        ]

    def note(self, batch: Batch) -> None:
        """Keep a batch."""
        self._session.run(
            f"INSERT INTO {self.sql} (kind, name, number, home, relation, first, last, hashes) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                BATCH,
                batch.backup_id,
                batch.number,
                batch.home,
                batch.relation,
                json.dumps(batch.first),
                json.dumps(batch.last),
                _packed(batch.hashes),
            ),
        )

    def forget(self, batch: Batch) -> None:
        """Remove a batch: its rows are deleted, in the same transaction."""
        self._session.run(
            f"DELETE FROM {self.sql} WHERE kind = %s AND name = %s AND number = %s",
            (BATCH, batch.backup_id, batch.number),
        )

    def forget_backup(self, backup_id: str) -> None:
        """Remove all batches of a backup that never came about."""
        self._session.run(f"DELETE FROM {self.sql} WHERE kind = %s AND name = %s", (BATCH, backup_id))

    def partitions(self) -> list[str]:
        """Return the names of the partitions that were detached and are not empty yet."""
        rows = self._session.run(f"SELECT name FROM {self.sql} WHERE kind = %s ORDER BY 1", (PARTITION,))
        return [name for (name,) in rows]

    def note_partition(self, name: str) -> None:
        """Keep the name of a partition that is being detached, in the same transaction."""
        self._session.run(
            f"INSERT INTO {self.sql} (kind, name, number) VALUES (%s, %s, 0) ON CONFLICT DO NOTHING", (PARTITION, name)
        )

    def forget_partition(self, name: str) -> None:
        """Remove it: it is dropped, in the same transaction."""
        self._session.run(f"DELETE FROM {self.sql} WHERE kind = %s AND name = %s", (PARTITION, name))


def _packed(hashes: Iterable[int]) -> bytes:
    values = tuple(hashes)
    return struct.pack(f">{len(values)}q", *values)


def _unpacked(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(content) // 8}q", content)
