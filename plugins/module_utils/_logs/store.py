# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows to the repository: stored, read back, and only then deleted, exactly those."""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import require_known
from ansible_collections.chatbot.ops.plugins.module_utils._backup.guide import write_pages
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, Fetcher, Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ProofError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._logs import statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import (
    SOURCE,
    Details,
    details_of,
    proof_of,
    recovery_commands,
)
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import PARQUET, as_copy, as_parquet, split_hashes
from ansible_collections.chatbot.ops.plugins.module_utils._logs.state import Batch, State
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Position, Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Segment, Walker
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import id_time, new_backup_id, new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository


@dataclass(frozen=True)
class Keeping:
    """Where and how rows are kept: as which format, and how many of them at most in one backup."""

    repository: Repository
    place: Place
    encoding: Encoding
    format: str
    object_rows: int


class Store:
    """Moves the rows of one table to a repository."""

    def __init__(self, walker: Walker, keeping: Keeping, state: State, database: str) -> None:
        self._walker, self._keeping, self._state, self._database = walker, keeping, state, database
        self._session = walker.session
        self._algorithm = str(self._session.value(catalog.ALGORITHM))
        self.backups: list[str] = []
        self.resumed: list[str] = []

    def resume(self, tables: Sequence[Table]) -> None:
        """Bring to its end what a killed run began: what it stored is deleted from its table, and nothing else.

        :param tables: the table, and the partitions of it that were detached.
        :raises DamagedError: if what it stored cannot be relied on; its rows stay in the table then.
        :raises RepositoryError: if that cannot be told just now; likewise.
        """
        begun = self._state.begun()
        if not begun:
            return
        keeping = self._keeping
        entries = {each.backup_id: each for each in keeping.repository.entries(keeping.place, id_time(begun[0]))}
        for backup_id in begun:
            batches = self._state.batches(backup_id)
            self._require_home(backup_id, batches)
            entry = entries.get(backup_id)
            if entry is None:
                with keeping.repository.lease(keeping.place):
                    keeping.repository.remove(keeping.place, backup_id)
                self._state.forget_backup(backup_id)
                continue
            require_known(entry, f"{keeping.place} in {keeping.repository.title}")
            manifest = _sound(entry)
            self._prove(manifest)
            self._delete(tables, manifest, batches)
            self.resumed.append(backup_id)

    def _require_home(self, backup_id: str, batches: Sequence[Batch]) -> None:
        """Refuse to take a backup for one that never came about, since it is looked for in another place.

        :raises RefusedError: that names the place where it is.
        """
        home = next((each.home for each in batches), self._home)
        if home != self._home:
            raise RefusedError(
                f"A run that was killed began the backup {backup_id} in {home}, and the rows in it may still be in their table. "
                f"This run is to use {self._home}. Run it once more with that repository and stack, and go on with this one then."
            )

    @property
    def _home(self) -> str:
        return f"{self._keeping.repository.title}, {self._keeping.place}"

    def archive(self, table: Table, segment: Segment) -> None:
        """Move the rows of ``segment``, in as many backups as it takes, up to the end of the budget."""
        start: Position | None = None
        while not self._walker.spent():
            span = segment.span if start is None else replace(segment.span, start=start, inclusive=False)
            manifest, batches = self._keep(table, segment, span)
            if manifest is None:
                return
            self._prove(manifest)
            self._delete([table], manifest, batches)
            self.backups.append(manifest.backup_id)
            start = batches[-1].last

    def _keep(self, table: Table, segment: Segment, span: Span) -> tuple[Manifest | None, list[Batch]]:
        """Store the first rows of ``span`` as a backup; none, if there are none."""
        if not self._session.run(statements.first_row(table, span)):
            return None, []
        keeping, started = self._keeping, now()
        backup_id = new_backup_id(SOURCE, started)
        batches: list[Batch] = []
        with keeping.repository.lease(keeping.place), keeping.repository.upload(keeping.place, backup_id) as upload:
            rows = self._read(table, span, backup_id, batches)
            packer = Packer(upload, keeping.encoding)
            content = as_parquet(table.stored, rows) if keeping.format == PARQUET else as_copy(rows)
            details = self._details(table, segment)
            stored = packer.store(details.content, content)
            if not batches:
                return None, []
            details = replace(details, first=batches[0].first[0], last=batches[-1].last[0])
            count, digest = sum(len(each.hashes) for each in batches), str(sum(sum(each.hashes) for each in batches))
            manifest = Manifest(
                backup_id=backup_id,
                set_id=new_set_id(started),
                stack=keeping.place.stack,
                source=SOURCE,
                host=socket.gethostname(),
                started=to_iso(started),
                taken=to_iso(started),
                ended=to_iso(now()),
                objects=(stored,),
                proof=proof_of(self._algorithm, count, digest),
                versions={"postgresql": str(self._session.value("SHOW server_version"))},
                consistency={"mode": "batches", "downtime_seconds": 0.0, "reason": None},
                recovery=tuple(recovery_commands(details, stored)),
                details=details.to_document(),
            )
            upload.commit(manifest)
        write_pages(keeping.repository, manifest.stack, manifest.set_id, self._walker.warn)
        return manifest, batches

    def _details(self, table: Table, segment: Segment) -> Details:
        return Details(
            self._database,
            table.label,
            table.schema,
            table.name,
            table.stored,
            table.key,
            table.timestamp,
            segment.month,
            self._keeping.format,
            "",
            "",
        )

    def _read(self, table: Table, span: Span, backup_id: str, batches: list[Batch]) -> Iterator[Sequence[bytes]]:
        """Yield the rows, some at once, and note each batch of them before it goes on its way."""
        count, names = 0, [each.name for each in table.stored]
        columns = [names.index(each.name) for each in table.order]
        most = self._keeping.object_rows
        if self._walker.pace.left is not None:
            most = min(most, self._walker.pace.left)
        while count < most and not (batches and self._walker.spent()):
            begun = time.monotonic()
            buffer = io.BytesIO()
            statement = statements.copy_out(table, span, min(self._walker.pace.size, most - count))
            if self._walker.attempt_reading(partial(self._session.copy, statement, buffer), buffer) is None:
                return
            found = split_hashes(buffer.getvalue())
            if found is None:
                return
            first, last = (tuple(row[number] or "" for number in columns) for row in (found.first, found.last))
            batch = Batch(self._home, table.name, backup_id, len(batches), first, last, found.hashes)
            self._state.note(batch)
            batches.append(batch)
            count += len(found.lines)
            seconds = time.monotonic() - begun
            self._walker.pace.adapt(seconds)
            self._walker.pace.rest(seconds, self._walker.watcher)
            yield found.lines
            span = replace(span, start=last, inclusive=False)

    def _prove(self, manifest: Manifest) -> None:
        """Read back what was stored, as far as it can be read here: to the rows, or, encrypted, to the last stored byte.

        :raises DamagedError: if it is not what was written.
        """
        fetcher, details = Fetcher(self._keeping.repository, manifest), details_of(manifest)
        if manifest.recipients:
            fetcher.check(details.content)
            return
        lines = _Lines()
        fetcher.decode(details.content, sink=lines.see)
        if details.format != PARQUET and lines.count != manifest.proof["rows"]:
            raise ProofError(
                f"Backup {manifest.backup_id} holds {lines.count} rows, and {manifest.proof['rows']} were written. "
                "Nothing was deleted."
            )

    def _delete(self, tables: Sequence[Table], manifest: Manifest, batches: Sequence[Batch]) -> None:
        details, by_name = details_of(manifest), {each.name: each for each in tables}
        for batch in batches:
            if batch.relation not in by_name:
                raise RefusedError(
                    f"Rows of {batch.relation} lie in the backup {manifest.backup_id}, and the table is gone or was renamed "
                    "before they were deleted. Give it its name back, and run again."
                )
            table = _as_stored(by_name[batch.relation], details, manifest.backup_id)
            rows = self._walker.patiently(partial(self._delete_batch, table, batch))
            self._walker.tally.add(details.month, rows or 0)

    def _delete_batch(self, table: Table, batch: Batch) -> int:
        """Delete the rows of a batch, in one transaction: those, and as they were stored. Return how many there were."""
        span = Span("infinity", None, batch.first, batch.last, inclusive=True)
        session = self._session
        session.run("BEGIN")
        ((count, digest),) = session.run(statements.delete_counted(table, span))
        if (count, digest) != (len(batch.hashes), batch.digest):
            # Rows came in between, or were changed or deleted: those that are in the backup as they are now, and no others.
            session.run("ROLLBACK; BEGIN")
            stored = set(batch.hashes)
            found = [row for row in session.run(statements.rows(table, span)) if row[0] in stored]
            count = 0
            if found:
                positions = [tuple(row[1:]) for row in found]
                ((count, digest),) = session.run(statements.delete_rows(table, positions))
                if (count, digest) != (len(found), str(sum(row[0] for row in found))):
                    session.run("ROLLBACK")
                    raise ProofError(
                        f"Failed to archive {table.label}: {count} rows were deleted where {len(found)} were to be. That was "
                        "taken back; the rows are in the table, and in the backup. Is there a trigger on the table?"
                    )
        self._state.forget(batch)
        session.run("COMMIT")
        return int(count)


def _as_stored(table: Table, details: Details, backup_id: str) -> Table:
    """Return ``table`` with the columns that were stored: rows are known by these, also where it got more of them since.

    :raises RefusedError: if it lost one, or one has another type by now.
    """
    there = {each.name: each.number for each in table.columns}
    changed = [each.name for each in details.columns if there.get(each.name) != each.number]
    if changed:
        raise RefusedError(
            f"Rows of {table.label} lie in the backup {backup_id}, and {', '.join(changed)} of the table was altered before they "
            "were deleted, so that they cannot be told from others. Compare the two, delete those that are in the backup by "
            "hand, and drop the table whose name ends with _archive_state."
        )
    return replace(table, columns=details.columns)


class _Lines:
    def __init__(self) -> None:
        self.count = 0

    def see(self, chunk: bytes) -> None:
        self.count += chunk.count(b"\n")


def _sound(entry: Entry) -> Manifest:
    if entry.manifest is None or entry.problem is not None:
        raise DamagedError(
            f"The backup {entry.backup_id}, which a run that was killed has stored, cannot be relied on: {entry.problem} Its "
            f"rows are still in their table. Remove it from the repository, and run again."
        )
    return entry.manifest
