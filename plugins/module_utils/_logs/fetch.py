# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Archived rows from the repository into a table of this session alone, compared with their proof."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared, differences
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import Details, proof_of
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import PARQUET, from_parquet
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Column, Table, names
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier

_NAME = "chatbot_ops_rows"
_TEMPORARY = "pg_temp"
_PIECE = 1 << 20


class Scratch:
    """A temporary table with the columns of the archive. What the server has no type for is text: its hash is the same."""

    def __init__(self, session: Session, details: Details, known: Sequence[Column] = ()) -> None:
        """Make it; ``known`` are columns whose types this server has."""
        self._session, self._details = session, details
        types = {each.name: each.type for each in known}
        self.table: Table = details.table(_TEMPORARY, _NAME)
        columns = ", ".join(
            f"{identifier(each.name)} {each.type if each.builtin or types.get(each.name) == each.type else 'text'}"
            for each in details.columns
        )
        session.run(f"DROP TABLE IF EXISTS {self.table.sql}; CREATE TEMPORARY TABLE {_NAME} ({columns})")
        self._rest = b""

    def fill(self, manifest: Manifest, fetcher: Fetcher, work_dir: str) -> Compared:
        """Bring the rows in, and compare them with the proof.

        :raises DamagedError: if the stored bytes are not what was written.
        """
        if self._details.format == PARQUET:
            with work_folder(work_dir) as folder:
                path = os.path.join(folder, self._details.content)
                with open(path, "wb", opener=_private) as stream:
                    fetcher.decode(self._details.content, sink=stream.write)
                with open(path, "rb") as stream:
                    for piece in from_parquet(stream):
                        self._take(piece)
        else:
            fetcher.decode(self._details.content, sink=self._take)
        self._copy(self._rest)
        ((rows, digest),) = self._session.run(
            f"SELECT count(*), coalesce(sum({self.table.row_hash}), 0)::text FROM {self.table.sql} t"
        )
        found = proof_of(str(self._session.value(catalog.ALGORITHM)), rows, digest)
        return Compared(manifest.proof, found, tuple(differences(manifest.proof, found)))

    def _take(self, chunk: bytes) -> None:
        whole, newline, self._rest = (self._rest + chunk).rpartition(b"\n")
        self._copy(whole + newline)

    def _copy(self, lines: bytes) -> None:
        if lines:
            self._session.copy(f"COPY {self.table.sql} ({names(self._details.columns)}) FROM STDIN", io.BytesIO(lines))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
