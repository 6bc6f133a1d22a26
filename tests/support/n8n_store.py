# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's data folder as n8n itself writes to it while it executes workflows."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.n8n_content import Json, Workflow, sqlite_time

DATABASE = "database.sqlite"
EVENT_LOG = "n8nEventLog.log"
CRASH_JOURNAL = "crash.journal"
STORAGE = {1: "binaryData", 2: "storage"}

# A JPEG's first bytes: what follows need not be a picture to weigh and to compress like one.
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000")


class N8nStore:
    """The database and the files of a data folder. The caller commits: `with store.database:`.

    :param folder: the data folder, which must have a storage folder of 1.x or 2.x.
    :param database: a connection to its database.
    """

    def __init__(self, folder: Path, database: sqlite3.Connection) -> None:
        self.folder = folder
        self.database = database
        database.execute("PRAGMA foreign_keys = ON")

    @property
    def storage(self) -> Path:
        """The folder of the binary files, by the name it has in the n8n that made it."""
        return next(path for name in STORAGE.values() if (path := self.folder / name).is_dir())

    def insert(self, table: str, rows: Iterable[Json]) -> None:
        """Inserts rows that all have the same columns."""
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" for _name in row)
            self.database.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))

    def begin_execution(self, workflow: Workflow, workflow_data: str, at: datetime) -> int:
        """A running execution, which has no data yet.

        :return: its id.
        """
        time = sqlite_time(at)
        mode = "webhook" if workflow.starts_by_webhook else "trigger"
        cursor = self.database.execute(
            "INSERT INTO execution_entity (workflowId, finished, mode, status, createdAt, startedAt)"
            " VALUES (?, 0, ?, 'running', ?, ?)",
            (workflow.id, mode, time, time),
        )
        execution_id = cursor.lastrowid
        assert execution_id is not None
        self.database.execute(
            "INSERT INTO execution_data (executionId, workflowData, data) VALUES (?, ?, '[{}]')",
            (execution_id, workflow_data),
        )
        return execution_id

    def finish_execution(self, execution_id: int, status: str, data: str, at: datetime) -> None:
        """The end of an execution, with what it leaves behind."""
        self.database.execute(
            "UPDATE execution_entity SET finished = ?, status = ?, stoppedAt = ? WHERE id = ?",
            (status == "success", status, sqlite_time(at), execution_id),
        )
        self.database.execute("UPDATE execution_data SET data = ? WHERE executionId = ?", (data, execution_id))

    def keep_picture(self, workflow_id: str, execution_id: int, chance: random.Random, most: int = 60_000) -> str:
        """Writes a binary file of an execution, of 2,000 to `most` bytes, with its metadata.

        :return: its path in the storage folder, which the execution's data name.
        """
        file_id = uuid.UUID(bytes=chance.randbytes(16), version=4)
        path = f"workflows/{workflow_id}/executions/{execution_id}/binary_data/{file_id}"
        content = JPEG + chance.randbytes(chance.randint(2_000, most) - len(JPEG))
        metadata = {
            "fileName": f"comprobante-{execution_id}.jpg",
            "mimeType": "image/jpeg",
            "fileSize": len(content),
        }
        target = self.storage / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.with_name(f"{file_id}.metadata").write_text(json.dumps(metadata))
        return path

    def soft_delete(self, keep: int, at: datetime) -> None:
        """Marks all but the newest so many executions for deletion."""
        self.database.execute(
            "UPDATE execution_entity SET deletedAt = ? WHERE deletedAt IS NULL AND status <> 'running'"
            " AND id <= (SELECT max(id) FROM execution_entity) - ?",
            (sqlite_time(at), keep),
        )

    def hard_delete(self, at: datetime, buffer: timedelta) -> None:
        """Removes the executions that were marked so long ago, files and rows.

        n8n 2.41 does both at once, so that a marked execution may still be there without its files.
        """
        marked = self.database.execute(
            "SELECT id, workflowId FROM execution_entity WHERE deletedAt < ?", (sqlite_time(at - buffer),)
        ).fetchall()
        for execution_id, workflow_id in marked:
            files = self.storage / "workflows" / workflow_id / "executions" / str(execution_id)
            if files.is_dir():
                shutil.rmtree(files)
        self.database.executemany("DELETE FROM execution_entity WHERE id = ?", [(row[0],) for row in marked])


def log_event(
    folder: Path, name: str, workflow: Workflow, execution_id: int, at: datetime, chance: random.Random
) -> None:
    """Appends an event and its confirmation to the folder's event log."""
    event_id = str(uuid.UUID(bytes=chance.randbytes(16), version=4))
    time = at.isoformat(timespec="milliseconds")
    event = {
        "__type": "$$EventMessageWorkflow",
        "id": event_id,
        "ts": time,
        "eventName": name,
        "message": name,
        "payload": {"executionId": str(execution_id), "workflowId": workflow.id, "workflowName": workflow.name},
    }
    confirmation = {
        "__type": "$$EventMessageConfirm",
        "confirm": event_id,
        "ts": time,
        "source": {"id": "0", "name": "eventBus"},
    }
    with (folder / EVENT_LOG).open("a", encoding="utf-8") as log:
        log.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in (event, confirmation))


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
