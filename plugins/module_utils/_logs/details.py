# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the manifest of an archive of rows keeps beside its proof. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import NAMES
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column, Table, names
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import plain_command

SOURCE = "logs"


@dataclass(frozen=True)
class Details:
    """The table (``label``: schema and name), its columns and its key, the month, and how the rows are written.

    ``first`` and ``last`` are the oldest and the newest time of a row, as the server spells it in UTC.
    """

    database: str
    label: str
    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    timestamp: str
    month: str
    format: str
    first: str
    last: str

    @property
    def content(self) -> str:
        """The name of the payload."""
        return NAMES[self.format]

    def table(self, schema: str, name: str) -> Table:
        """Return a table of this shape under another name."""
        return Table(
            0,
            schema,
            name,
            self.label,
            self.columns,
            self.key,
            self.timestamp,
            "",
            0,
            partitioned=False,
            row_security=False,
        )

    def to_document(self) -> dict[str, Any]:
        """Return the details as JSON values."""
        document = asdict(self)
        return {**document, "columns": list(document["columns"]), "key": list(self.key)}


def details_of(manifest: Manifest) -> Details:
    """Return the details in ``manifest``.

    :raises DamagedError: if they are none of an archive of rows.
    """
    document = manifest.details
    try:
        columns = tuple(Column(**each) for each in document["columns"])
        return Details(**{**document, "columns": columns, "key": tuple(document["key"])})
    except (KeyError, TypeError) as error:
        raise DamagedError(f"The manifest of {manifest.backup_id} is none of archived rows: {error}.") from error


def proof_of(algorithm: str, rows: int, digest: str) -> dict[str, Any]:
    """Return the proof of so many rows."""
    return {"algorithm": algorithm, "rows": rows, "digest": digest}


def recovery_commands(details: Details, stored: StoredObject) -> Sequence[str]:
    """Return the shell commands that bring the rows back by hand: into a table of that name, which must be there."""
    plain = plain_command(stored)
    if details.content != NAMES["copy"]:
        return [f"{plain} > {shlex.quote(details.content)}"]
    table = details.table(details.schema, details.name)
    copy = f"COPY {table.sql} ({names(details.columns)}) FROM STDIN"
    return [
        f"{plain} | psql --no-psqlrc --set=ON_ERROR_STOP=1 --dbname={shlex.quote(details.database)} --command={shlex.quote(copy)}"
    ]


def counted(proof: Mapping[str, Any]) -> int:
    """Return the number of rows in a proof."""
    return int(proof["rows"])
