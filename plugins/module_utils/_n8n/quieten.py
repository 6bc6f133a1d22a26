# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An n8n that starts and does nothing by itself: its workflows are made inactive in a database that nobody uses."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import quote

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError


@dataclass(frozen=True)
class Quietened:
    """Which workflows were made inactive, and which stayed active, by their ids."""

    inactive: tuple[str, ...]
    active: tuple[str, ...]


def quieten(path: str, table_prefix: str, keep_active: Collection[str] = ()) -> Quietened:
    """Make the workflows in n8n's database at ``path`` inactive, but for ``keep_active``, and return which.

    n8n asks at its start for ``active`` (1.x) or ``activeVersionId`` (late 1.x, 2.x); the webhooks of active workflows
    are kept in ``webhook_entity``, and answered from there whatever the workflow is by then.

    :param keep_active: ids or names; those that are not active stay so.
    :raises RefusedError: if one of them is not there.
    :raises ToolError: if the database cannot be written.
    """
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=rw", uri=True)) as connection:
            done = _quieten(connection, table_prefix, keep_active)
            connection.commit()
            return done
    except sqlite3.Error as error:
        raise ToolError(f"Failed to make the workflows in {path} inactive: {error}.") from error


def _quieten(connection: sqlite3.Connection, prefix: str, keep_active: Collection[str]) -> Quietened:
    workflows, webhooks = (_quoted(prefix + table) for table in ("workflow_entity", "webhook_entity"))
    columns = {row[1] for row in connection.execute(f"PRAGMA table_info({workflows})")}
    fields = [each for each in ("active", "activeVersionId") if each in columns]
    rows = connection.execute(f"SELECT id, name, {', '.join(fields)} FROM {workflows} ORDER BY id").fetchall()
    unknown = sorted(set(keep_active) - {str(value) for row in rows for value in row[:2]})
    if unknown:
        raise RefusedError(
            f"The backup has no workflow {', '.join(unknown)}, which is to stay active. Name it by its id or its name."
        )
    running = [row for row in rows if any(row[2:])]
    kept = [str(row[0]) for row in running if {str(row[0]), str(row[1])} & set(keep_active)]
    stopped = [str(row[0]) for row in running if str(row[0]) not in kept]
    values = {"active": "0", "activeVersionId": "NULL"}
    change = ", ".join(f"{_quoted(each)} = {values[each]}" for each in fields)
    one_by_one = [(each,) for each in stopped]
    connection.executemany(f"UPDATE {workflows} SET {change} WHERE id = ?", one_by_one)
    if connection.execute(f"PRAGMA table_info({webhooks})").fetchall():
        connection.executemany(f"DELETE FROM {webhooks} WHERE workflowId = ?", one_by_one)
    return Quietened(tuple(stopped), tuple(kept))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
