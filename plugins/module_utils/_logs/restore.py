# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring archived rows of a time range back into a table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import require_known
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    RefusedError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._logs import statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.archive import vacuum
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import Details, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._logs.fetch import Scratch
from ansible_collections.chatbot.ops.plugins.module_utils._logs.move import mover
from ansible_collections.chatbot.ops.plugins.module_utils._logs.pace import Limits
from ansible_collections.chatbot.ops.plugins.module_utils._logs.shelf import Shape, make_table
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table, find_table, names
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Timeouts, Walker
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository


@dataclass(frozen=True)
class Wanted:
    """What the user asked for; see the documentation of ``log_restore``. From ``repository``, or from ``archive``."""

    table: tuple[str, str]
    timestamp: str
    target: tuple[str, str]
    archive: tuple[str, str] | None
    repository: Repository | None
    place: Place | None
    since: datetime | None
    until: datetime | None
    identities: Identities
    work_dir: str
    limits: Limits
    timeouts: Timeouts
    vacuum: bool
    check_mode: bool

    @property
    def label(self) -> str:
        """The archived table's name."""
        return ".".join(self.table)

    @property
    def span(self) -> Span:
        """The rows of the time range."""
        return Span(to_iso(self.until) if self.until else "infinity", to_iso(self.since) if self.since else None)


def restore_rows(login: Login, wanted: Wanted, warn: Callable[[str], object]) -> dict[str, Any]:
    """Bring the rows back and return the module's result.

    :raises OpsError: and what came back before is whole; a second run adds the rest.
    """
    begun = time.monotonic()
    with Walker(login, wanted.limits, wanted.timeouts, warn) as walker:
        if wanted.repository is None or wanted.place is None:
            result = _from_table(walker, wanted, login)
        else:
            result = _FromRepository(walker, wanted, wanted.repository, wanted.place).result()
    return {**result, "duration_seconds": round(time.monotonic() - begun, 3)}


class _FromRepository:
    def __init__(self, walker: Walker, wanted: Wanted, repository: Repository, place: Place) -> None:
        self._walker, self._session, self._wanted = walker, walker.session, wanted
        self._repository, self._place = repository, place

    def result(self) -> dict[str, Any]:
        wanted = self._wanted
        chosen = self._chosen()
        if not chosen:
            raise RefusedError(
                f"There are no archived rows of {wanted.label} in that time in {self._repository.title}. "
                "backup_info with source: logs lists what there is."
            )
        target = find_table(self._session, wanted.target, wanted.timestamp)
        for manifest, details in chosen:
            if target is not None:
                _require_columns(details, target)
            Fetcher(self._repository, manifest, wanted.identities).require_readable()
        months = _months(chosen)
        title = ".".join(wanted.target)
        diff = {
            "before": {"table": title, "exists": target is not None, "archived_rows": {}},
            "after": {"table": title, "exists": True, "archived_rows": months},
        }
        ids = [manifest.backup_id for manifest, _details in chosen]
        result = {"table": title, "backups": ids, "months": months, "diff": diff, "complete": True}
        if wanted.check_mode:
            return {**result, "changed": True, "rows": sum(months.values()), "present": 0, "proofs": []}
        if target is None:
            target = self._made(chosen[-1][1])
        added, present, proofs = 0, 0, []
        self._session.run("SET statement_timeout = 0")
        for manifest, details in chosen:
            rows, there, proof = self._bring(manifest, details, target)
            added, present = added + rows, present + there
            proofs.append({"backup_id": manifest.backup_id, **proof})
        if added and wanted.vacuum:
            vacuum(self._session, [target], self._walker.warn)
        return {**result, "changed": bool(added), "rows": added, "present": present, "proofs": proofs}

    def _chosen(self) -> list[tuple[Manifest, Details]]:
        """Return the good archives that have rows in the time range, oldest first.

        :raises DamagedError: if one that may have cannot be relied on.
        :raises RepositoryError: if that cannot be told just now.
        """
        found = []
        for entry in reversed(self._repository.entries(self._place)):
            details = details_of(entry.manifest) if entry.manifest else None
            if details is not None and not (details.label == self._wanted.label and self._overlaps(details)):
                continue
            require_known(entry, f"{self._place} in {self._repository.title}")
            if entry.manifest is None or details is None or not entry.good:
                raise DamagedError(
                    f"The archive {entry.backup_id} cannot be relied on: {entry.problem or 'its verification failed.'} Bring "
                    "it back by backup_copy from another repository, or remove it; what is in it would be missing."
                )
            found.append((entry.manifest, details))
        return sorted(found, key=lambda each: (each[1].first, each[0].backup_id))

    def _overlaps(self, details: Details) -> bool:
        since, until = self._wanted.since, self._wanted.until
        return (since is None or _instant(details.last) >= since) and (until is None or _instant(details.first) < until)

    def _made(self, details: Details) -> Table:
        source = find_table(self._session, self._wanted.table, self._wanted.timestamp)
        known = {each.name: each.type for each in source.columns} if source else {}
        columns = [
            each if each.builtin or known.get(each.name) == each.type else replace(each, type="text")
            for each in details.columns
        ]
        owner, secured = (source.owner, source.row_security) if source else (None, False)
        order = details.table(*self._wanted.target).order
        make_table(self._session, Shape(self._wanted.target, columns, order, owner, secured))
        made = find_table(self._session, self._wanted.target, self._wanted.timestamp)
        if made is None:
            raise RefusedError(f"The table {'.'.join(self._wanted.target)} is gone again. Who dropped it?")
        return made

    def _bring(self, manifest: Manifest, details: Details, target: Table) -> tuple[int, int, dict[str, Any]]:
        """Bring the rows of one archive back: how many came, how many were there, and the proof."""
        wanted = self._wanted
        scratch = Scratch(self._session, details, target.columns)
        compared = scratch.fill(manifest, Fetcher(self._repository, manifest, wanted.identities), wanted.work_dir)
        compared.require(f"The archive {manifest.backup_id}")
        where = wanted.span.where(scratch.table)
        types = {each.name: each.type for each in target.columns}
        values = ", ".join(f"t.{identifier(each.name)}::{types[each.name]}" for each in details.columns)
        rows = int(self._session.value(f"SELECT count(*) FROM {scratch.table.sql} t WHERE {where}"))
        added = self._session.count(
            f"INSERT INTO {target.sql} ({names(details.columns)}) OVERRIDING SYSTEM VALUE SELECT {values} "
            f"FROM {scratch.table.sql} t WHERE {where} ON CONFLICT DO NOTHING"
        )
        return added, rows - added, {"rows": rows, "equal": compared.equal}


def _from_table(walker: Walker, wanted: Wanted, login: Login) -> dict[str, Any]:
    archive_name = wanted.archive or wanted.table
    archive, target = (_table(walker, name, wanted.timestamp, login) for name in (archive_name, wanted.target))
    lacking = [each.name for each in archive.stored if each.name not in {other.name for other in target.stored}]
    if lacking:
        raise RefusedError(f"{target.label} lacks the columns {', '.join(lacking)} of {archive.label}. Add them first.")
    months = dict(walker.session.run(statements.months(archive, wanted.span)))
    result = {
        "table": target.label,
        "backups": [],
        "months": months,
        "proofs": [],
        "diff": _diff(archive, target, months, months),
        "complete": True,
    }
    if wanted.check_mode or not months:
        return {**result, "changed": bool(months), "rows": sum(months.values()), "present": 0}
    with walker.alone(target):
        for segment in walker.segments(archive, wanted.span.bound, wanted.span.floor):
            walker.batches(archive, segment, mover(walker, archive, target))
    if wanted.vacuum:
        vacuum(walker.session, [archive, target], walker.warn)
    tally = walker.tally
    done = {
        "changed": bool(tally.rows or tally.twins),
        "rows": tally.rows,
        "present": tally.twins,
        "complete": tally.complete,
        "diff": _diff(archive, target, months, tally.months),
    }
    if tally.postponed:
        raise BusyError(
            f"Failed to bring all rows of {archive.label} back to {target.label}: somebody holds rows of "
            f"{tally.postponed} batches locked. {tally.rows} rows came back. Run it again later, which brings the rest.",
            **done,
        )
    if not tally.complete:
        walker.warn(
            f"The budget is used up, and rows of {archive.label} are left. Run it again, which brings the rest."
        )
    return {**result, **done}


def _diff(archive: Table, target: Table, before: Mapping[str, int], moved: Mapping[str, int]) -> dict[str, Any]:
    """Return which rows the archive has, and which of them the target gets, by month."""
    return {
        "before": {"table": archive.label, "rows": dict(before)},
        "after": {"table": target.label, "rows": dict(moved)},
    }


def _table(walker: Walker, name: tuple[str, str], timestamp: str, login: Login) -> Table:
    found = find_table(walker.session, name, timestamp)
    if found is None:
        raise RefusedError(f"There is no table {'.'.join(name)} in {login.title}.")
    return found


def _require_columns(details: Details, target: Table) -> None:
    theirs = {each.name for each in target.stored}
    lacking = [each.name for each in details.columns if each.name not in theirs]
    if lacking:
        raise RefusedError(
            f"{target.label} lacks the columns {', '.join(lacking)} of the archived rows. Add them, or restore to another "
            "table by to_table."
        )


def _months(chosen: Sequence[tuple[Manifest, Details]]) -> dict[str, int]:
    months: dict[str, int] = {}
    for manifest, details in chosen:
        months[details.month] = months.get(details.month, 0) + int(manifest.proof["rows"])
    return dict(sorted(months.items()))


def _instant(spelled: str) -> datetime:
    """Return the instant that the server spells so: it writes the zone as hours only, and cuts trailing zeros."""
    head, _plus, _zone = spelled.partition("+")
    whole, dot, fraction = head.partition(".")
    return from_iso(whole + (f".{fraction:0<6}" if dot else ""))
