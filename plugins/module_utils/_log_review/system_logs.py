# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at the table that the workflows log to: grouped and counted by the server, so that no row of it travels."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import fold, mask, mask_phone
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._log_review import system_log_queries as queries
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.look import STATE_FOLDER
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.memory import Memory, recall, remember
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import signature_id
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session, login_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.container import container_server

_DAY = 86_400.0
_CANCELED = "57014"
_SAMPLE = 300
_SERVICE = "system_logs"


@dataclass(frozen=True)
class TableLook:
    """What to look at: the rows of ``table`` from the last ``span`` seconds, against those of ``before`` seconds before.

    ``limit`` is how many signatures, workflows and users each are told, ``patience`` for how many seconds a query may run.
    """

    table: str
    span: float
    before: float
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    limit: int
    patience: float
    state_file: str
    check_mode: bool


def table_look_from(params: Mapping[str, Any], login: Login, *, check_mode: bool) -> TableLook:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    span, before = (duration_seconds(each, params[each]) for each in ("since", "compare"))
    patience = duration_seconds("timeout", params["timeout"])
    if min(span, before, patience) <= 0:
        raise RefusedError("Parameters since, compare and timeout: each has to be more than no time.")
    if params["limit"] < 1:
        raise RefusedError(f"Parameter limit: {params['limit']} is less than 1.")
    levels = [tuple(each.lower() for each in params[name]) for name in ("error_levels", "warning_levels")]
    if not levels[0] or set(levels[0]) & set(levels[1]):
        raise RefusedError(
            "Parameters error_levels and warning_levels: name at least one level of errors, and none twice."
        )
    name = f"{login.dbname}.{params['table']}.json".replace("/", "_")
    return TableLook(
        table=params["table"],
        span=span,
        before=before,
        errors=levels[0],
        warnings=levels[1],
        limit=params["limit"],
        patience=patience,
        state_file=params["state_file"] or os.path.join(STATE_FOLDER, name),
        check_mode=check_mode,
    )


def table_login(params: Mapping[str, Any]) -> Login:
    """Return how to reach the server.

    :raises RefusedError: if no database is named, or the container cannot be used.
    """
    known: Mapping[str, str] = {}
    if params["container"] is not None:
        known = container_server(open_engine(), params["container"], params["project"]).parameters
    return login_from(params, known).require_dbname()


def look_at_table(login: Login, look: TableLook) -> dict[str, Any]:
    """Ask the server, and return what it tells as the module's result. It writes nothing there.

    :raises RefusedError: if there is no such table.
    :raises ToolError: if the server refuses, or takes too long.
    """
    memory = recall(look.state_file)
    begun = now()
    with login.connect() as session:
        try:
            session.run(queries.begin(look.patience))
            found = _Table(session, look).result(memory)
        except ToolError as error:
            if error.details.get("sqlstate") != _CANCELED:
                raise
            raise ToolError(
                f"{login.title}: {look.table} was not read within {look.patience:.0f} seconds. Make an index on created_at, "
                "or set timeout higher."
            ) from error
    if not look.check_mode:
        remember(look.state_file, memory.after(to_iso(begun), (each["id"] for each in found["signatures"]), {}))
    told = found["signatures"][: look.limit]
    return {
        **found,
        "database": login.dbname,
        "previous_look": memory.looked,
        "duration_seconds": round((now() - begun).total_seconds(), 3),
        "signatures": told,
        "more_signatures": len(found["signatures"]) - len(told) + found["more_signatures"],
    }


class _Table:
    """One look, within one transaction: all of its numbers are of the same instant."""

    def __init__(self, session: Session, look: TableLook) -> None:
        self._session, self._look = session, look
        self._sql = queries.Queries(_quoted(session, look.table), _columns(session, look.table))
        # The server's clock is that of the rows.
        until: datetime = session.value("SELECT now()")
        self._until, self._begin = until, until - timedelta(seconds=look.span)
        self._values = {
            "until": until,
            "begin": self._begin,
            "before": self._begin - timedelta(seconds=look.before),
            "errors": list(look.errors),
            "warnings": list(look.warnings),
            "levels": [*look.errors, *look.warnings],
        }

    def result(self, memory: Memory) -> dict[str, Any]:
        rows, oldest, newest = self._row(self._sql.extent)
        errors, warnings, users = self._row(self._sql.totals)
        days = self._compared_days(oldest)
        signatures, more = self._signatures(memory)
        per_day = errors * _DAY / self._look.span
        before = self._row(self._sql.errors_before)[0]
        before_per_day = before / days if days else None
        return {
            "table": self._look.table,
            "since": to_iso(self._begin),
            "until": to_iso(self._until),
            "rows": rows,
            "oldest": to_iso(oldest) if oldest else None,
            "newest": to_iso(newest) if newest else None,
            "error_count": errors,
            "warning_count": warnings,
            "errors_per_day": round(per_day, 3),
            "compared_days": round(days, 3),
            "errors_per_day_before": None if before_per_day is None else round(before_per_day, 3),
            "ratio": _ratio(per_day, before_per_day),
            "users": users,
            "users_hit": self._users(),
            "workflows": self._workflows(days),
            "signatures": signatures,
            "new_signatures": sum(each["new"] for each in signatures),
            "more_signatures": more,
        }

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._session.run(sql, self._values)

    def _row(self, sql: str) -> tuple[Any, ...]:
        return self._rows(sql)[0]

    def _compared_days(self, oldest: datetime | None) -> float:
        """Return of how many of the days before there are rows: a table that was archived or is new reaches less far."""
        if oldest is None:
            return 0.0
        reaches = (self._begin - oldest).total_seconds()
        return max(0.0, min(self._look.before, reaches)) / _DAY

    def _users(self) -> list[dict[str, Any]]:
        rows = self._rows(f"{self._sql.users} LIMIT {self._look.limit}")
        return [{"user": mask_phone(phone), "errors": count} for phone, count in rows]

    def _workflows(self, days: float) -> list[dict[str, Any]]:
        before: dict[Any, int] = dict(self._rows(self._sql.workflows_before)) if days else {}
        told = []
        for workflow, errors, warnings, users, last in self._rows(f"{self._sql.workflows} LIMIT {self._look.limit}"):
            rate = before.get(workflow, 0) / days if days else None
            told.append(
                {
                    "workflow_id": workflow,
                    "error_count": errors,
                    "warning_count": warnings,
                    "users": users,
                    "last": to_iso(last),
                    "errors_per_day_before": None if rate is None else round(rate, 3),
                    "ratio": _ratio(errors * _DAY / self._look.span, rate),
                }
            )
        return told

    def _signatures(self, memory: Memory) -> tuple[list[dict[str, Any]], int]:
        """Return the signatures, new ones first, then errors, then the most frequent; and how many were too many."""
        found: dict[str, dict[str, Any]] = {}
        rows = self._rows(f"{self._sql.signatures} LIMIT {queries.MOST + 1}")
        for row in rows[: queries.MOST]:
            each = _signature(row, memory)
            same = found.setdefault(each["id"], each)
            if same is not each:
                _join(same, each)
        ordered = sorted(
            found.values(),
            key=lambda each: (not each["new"], each["severity"] != "error", -each["count"], each["signature"]),
        )
        return ordered, max(len(rows) - queries.MOST, 0)


def _signature(row: Sequence[Any], memory: Memory) -> dict[str, Any]:
    severity, folded, count, users, workflows, first, last, sample = row
    signature = fold(folded)
    identity = signature_id(_SERVICE, severity, signature)
    return {
        "id": identity,
        "signature": signature,
        "severity": severity,
        "count": count,
        "users": users,
        "workflows": workflows,
        "first": to_iso(first),
        "last": to_iso(last),
        "sample": mask(sample)[:_SAMPLE],
        "new": identity not in memory.signatures,
    }


def _join(one: dict[str, Any], other: Mapping[str, Any]) -> None:
    """Add ``other``, whose signature turned out to be the same; of users and workflows, nobody knows which are the same."""
    one["count"] += other["count"]
    for each in ("users", "workflows"):
        one[each] = max(one[each], other[each])
    one["first"], one["last"] = min(one["first"], other["first"]), max(one["last"], other["last"])


def _ratio(rate: float, before: float | None) -> float | None:
    return round(rate / before, 3) if before else None


def _quoted(session: Session, table: str) -> str:
    """Return the table's name for SQL.

    :raises RefusedError: if the database has none such.
    """
    name = session.value(queries.NAME, (table,))
    if name is None:
        raise RefusedError(
            f"Parameter table: the database has no table {table!r}, or this user may not see it. Name it as schema.table."
        )
    return str(name)


def _columns(session: Session, table: str) -> frozenset[str]:
    columns = frozenset(str(row[0]) for row in session.run(queries.COLUMNS, (table,)))
    missing = sorted(queries.NEEDED - columns)
    if missing:
        raise RefusedError(f"Parameter table: {table} has no column {', '.join(missing)}. Is it the table of the logs?")
    return columns
