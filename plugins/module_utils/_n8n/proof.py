# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof: what a data folder amounts to. Computed alike from a copy, a restored folder and a scratch one."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import (
    Keyring,
    NotDecryptedError,
    WrappedKey,
    require_cryptography,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.database import open_private
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import Key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.scan import Inventory, look_at, walk

# What a workflow is. Not what n8n itself keeps counting in its row (staticData, triggerCount, updatedAt).
_WORKFLOW_COLUMNS = ("name", "active", "isArchived", "nodes", "connections", "settings", "pinData", "versionId")
# Such an execution still gets new files, or loses those it has; n8n-workflow's ExecutionStatusList has the others.
_UNFINISHED = "'new', 'running', 'unknown', 'waiting'"
_SHOWN_IDS = 10


class Tables:
    """n8n's tables in an open database. Their columns differ between versions; what is asked for may be missing."""

    def __init__(self, connection: sqlite3.Connection, prefix: str) -> None:
        self._connection, self._prefix = connection, prefix
        self._names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    @property
    def count(self) -> int:
        """How many tables there are, SQLite's own among them."""
        return len(self._names)

    def has(self, table: str) -> bool:
        """Tell whether n8n's table ``table`` is there."""
        return self._prefix + table in self._names

    def columns(self, table: str) -> list[str]:
        """Return the names of the columns of ``table``; none if there is no such table."""
        return [row[1] for row in self._connection.execute(f"PRAGMA table_info({self._quoted(table)})")]

    def rows(
        self, table: str, columns: str, rest: str = "", values: tuple[object, ...] = ()
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of ``SELECT columns FROM table rest``."""
        return self._connection.execute(f"SELECT {columns} FROM {self._quoted(table)} {rest}", values)

    def _quoted(self, table: str) -> str:
        return '"' + (self._prefix + table).replace('"', '""') + '"'


def last_migration(tables: Tables) -> dict[str, Any] | None:
    """Return the newest migration, which tells the version of n8n that a database needs, or None."""
    if not tables.has("migrations"):
        return None
    for name, timestamp in tables.rows("migrations", "name, timestamp", "ORDER BY timestamp DESC, id DESC LIMIT 1"):
        return {"name": name, "timestamp": int(timestamp)}
    return None


def survey(tables: Tables) -> dict[str, Any]:
    """Return how much there is of what a user would miss, and the last migration."""
    counted = {"workflows": "workflow_entity", "credentials": "credentials_entity", "executions": "execution_entity"}
    counts = {name: next(tables.rows(table, "count(*)"))[0] for name, table in counted.items() if tables.has(table)}
    return {"last_migration": last_migration(tables), **counts}


def settled_executions(tables: Tables) -> Callable[[str], bool]:
    """Return a function that tells whether an execution, by its id, is finished and not marked for deletion."""
    columns = set(tables.columns("execution_entity"))
    if not columns:
        return none_settled
    wanted = ["id = ?"]
    wanted += ["deletedAt IS NULL"] if "deletedAt" in columns else []
    if "status" in columns:
        wanted.append(f"status NOT IN ({_UNFINISHED})")
    else:
        wanted.append("stoppedAt IS NOT NULL AND waitTill IS NULL")
    condition = f"WHERE {' AND '.join(wanted)}"
    last = ("", False)  # the files of one execution lie together

    def is_settled(execution: str) -> bool:
        nonlocal last
        if last[0] != execution:
            found = execution.isdigit() and any(
                True for _row in tables.rows("execution_entity", "1", condition, (execution,))
            )
            last = (execution, found)
        return last[1]

    return is_settled


@dataclass(frozen=True)
class DatabaseProof:
    """What a database amounts to, and ``lost``: the first ids of the credentials that the key does not open."""

    document: dict[str, Any]
    lost: tuple[str, ...]


def prove_database(tables: Tables, key: Key) -> DatabaseProof:
    """Return the proof of n8n's database.

    :raises RefusedError: if it is no database of n8n.
    """
    migration = last_migration(tables)
    if migration is None or not tables.has("workflow_entity"):
        raise RefusedError(
            "The database holds no tables of n8n. If n8n runs with DB_TABLE_PREFIX, say so as table_prefix; "
            "if it runs with DB_SQLITE_DATABASE, name that file as database_file."
        )
    credentials, lost = _prove_credentials(tables, key)
    executions = next(tables.rows("execution_entity", "count(*), max(id)"))
    return DatabaseProof(
        {
            "tables": tables.count,
            "last_migration": migration,
            "workflows": _prove_workflows(tables),
            "credentials": credentials,
            "executions": {"count": executions[0], "newest": executions[1]},
        },
        lost,
    )


def _prove_workflows(tables: Tables) -> dict[str, Any]:
    present = set(tables.columns("workflow_entity"))
    columns = [each for each in _WORKFLOW_COLUMNS if each in present]
    digests, active = {}, 0
    for identifier, is_active, *values in tables.rows(
        "workflow_entity", ", ".join(f'"{each}"' for each in ("id", "active", *columns))
    ):
        text = json.dumps(dict(zip(columns, values)), sort_keys=True, default=repr)
        digests[str(identifier)] = hashlib.sha256(text.encode("utf-8")).hexdigest()
        active += bool(is_active)
    return {"total": len(digests), "active": active, "digests": digests}


def _prove_credentials(tables: Tables, key: Key) -> tuple[dict[str, int], tuple[str, ...]]:
    """Try the key on every credential: a backup is worth as much as the secrets that come back with it."""
    total, lost = 0, []
    keyring = _keyring(tables, key)
    for identifier, data in tables.rows("credentials_entity", "id, data", "ORDER BY id"):
        total += 1
        if keyring is None or not _opens(keyring, data):
            lost.append(str(identifier))
    return {"total": total, "decryptable": total - len(lost)}, tuple(lost[:_SHOWN_IDS])


def _keyring(tables: Tables, key: Key) -> Keyring | None:
    if key.value is None:
        return None
    require_cryptography()
    wrapped = {}
    if tables.has("deployment_key"):
        where = "WHERE type = 'data_encryption' AND algorithm IS NOT NULL"
        wrapped = {
            row[0]: WrappedKey(row[1], row[2]) for row in tables.rows("deployment_key", "id, algorithm, value", where)
        }
    return Keyring(key.value, wrapped)


def _opens(keyring: Keyring, data: object) -> bool:
    try:
        keyring.open(str(data))
    except NotDecryptedError:
        return False
    return True


@dataclass(frozen=True)
class FolderProof:
    """The proof of a folder, and its marks (see Inventory.to_marks)."""

    document: dict[str, Any]
    marks: dict[str, str]


def assemble(database: dict[str, Any] | None, inventory: Inventory, key: Key) -> dict[str, Any]:
    """Return the proof that a manifest holds."""
    return {"database": database, "files": inventory.to_proof(), "key_fingerprint": key.fingerprint}


def take_inventory(folder: str, database_file: str | None, is_settled: Callable[[str], bool]) -> Inventory:
    """Return the inventory of a folder that nobody writes to, with the folder itself and its database."""
    inventory = Inventory(is_settled)
    for name in (".", database_file):
        found = look_at(os.path.join(folder, name), name) if name is not None else None
        if found is not None:
            inventory.add(found)
    for found in walk(folder, database_file):
        if inventory.counts(found.path):
            inventory.add(found)
    return inventory


def prove_folder(folder: str, database_file: str | None, table_prefix: str, key: Key) -> FolderProof:
    """Return the proof of a folder that nobody writes to, and whose database is settled; nothing is made in it.

    :param database_file: the database's name in it, or None if n8n keeps its data elsewhere.
    :raises RefusedError: if the database is none of n8n.
    """
    if database_file is None:
        inventory = take_inventory(folder, None, none_settled)
        return FolderProof(assemble(None, inventory, key), inventory.to_marks())
    with closing(open_private(os.path.join(folder, database_file))) as connection:
        tables = Tables(connection, table_prefix)
        inventory = take_inventory(folder, database_file, settled_executions(tables))
        proof = prove_database(tables, key)
    return FolderProof(assemble(proof.document, inventory, key), inventory.to_marks())


def none_settled(_execution: str) -> bool:
    """Without n8n's database nobody knows which executions are finished."""
    return False
