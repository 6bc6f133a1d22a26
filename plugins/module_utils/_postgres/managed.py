# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of Supabase's own schemas that are the user's: measured, and put in the place of those of another project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.proof import Measure
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import literal
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import is_managed, managed_scope

_COLUMNS = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attname COLLATE "C"
"""
_READABLE = "SELECT has_table_privilege(%s, 'SELECT')"
_WRITABLE = "SELECT has_table_privilege(%s, 'INSERT') AND has_table_privilege(%s, 'DELETE')"
_SETTABLE = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND has_table_privilege(c.oid, 'UPDATE')
"""
_REPLICA = "session_replication_role"
_CHECK = """
DO $chatbot_ops$
DECLARE
    measured record;
BEGIN
{checks}END
$chatbot_ops$;
"""
_ONE = """    EXECUTE {query} INTO measured;
    IF (measured.count, {digest}) IS DISTINCT FROM ({rows}::bigint, {claimed}) THEN
        RAISE EXCEPTION 'chatbot.ops: this is not what the backup claims: table %', {title};
    END IF;
"""


@dataclass(frozen=True)
class Managed:
    """Tables to back up, and what cannot be read, in words."""

    measures: Sequence[Measure]
    warnings: Sequence[str]


@dataclass(frozen=True)
class Fitting:
    """Which of the backed-up tables can be filled here, with how each is measured; and why the others cannot."""

    tables: Mapping[str, Measure]
    failures: Sequence[dict[str, str]]


def survey(session: Session, scope: Scope) -> Managed:
    """Return what of Supabase's own schemas is to be backed up."""
    managed = managed_scope(scope, schemas(session))
    found = [each for each in (proof.measures(session, managed) if managed else []) if is_managed(each.table)]
    readable = [each for each in found if session.value(_READABLE, (each.oid,))]
    closed = sorted(each.table.title for each in found if each not in readable)
    return Managed(readable, [f"The rows of {title} are Supabase's own and cannot be read." for title in closed])


def claims(session: Session, managed: Managed) -> dict[str, dict[str, Any]]:
    """Return what the manifest keeps of each table, as the session's snapshot shows it."""
    kept = {}
    for each in managed.measures:
        kept[each.table.title] = {**proof.measured(each, session), "columns": columns(session, each)}
    return kept


def fitting(session: Session, claimed: Mapping[str, Mapping[str, Any]]) -> Fitting:
    """Return which of the tables ``claimed`` can be filled in the database of ``session``."""
    scope = managed_scope(Scope(), schemas(session))
    known = {each.table.title: each for each in (proof.measures(session, scope) if scope else [])}
    reasons = {title: _reason(session, known.get(title), each) for title, each in claimed.items()}
    if claimed and not _may_replicate(session):
        reasons = dict.fromkeys(reasons, f"the user may not set {_REPLICA}, so that triggers would act on the rows")
    return Fitting(
        {title: known[title] for title, reason in reasons.items() if reason is None},
        [failure("TABLE DATA", title, reason) for title, reason in sorted(reasons.items()) if reason is not None],
    )


def failure(kind: str, name: str, reason: str) -> dict[str, str]:
    """Return a failed object as the result holds it."""
    return {"type": kind, "name": name, "reason": reason}


def holds(session: Session, claimed: Mapping[str, Mapping[str, Any]]) -> bool:
    """Tell whether all of the tables that can be filled hold the rows that the backup claims."""
    for title, each in fitting(session, claimed).tables.items():
        found, wanted = proof.measured(each, session), claimed[title]
        same = columns(session, each) == list(wanted["columns"])
        if found["rows"] != wanted["rows"] or (same and found["digest"] != wanted["digest"]):
            return False
    return True


def emptying(fits: Fitting) -> Iterator[str]:
    """Yield the statements that make room for the rows, without a trigger or a foreign key that acts on it."""
    yield f"SET {_REPLICA} = replica;\n"
    for each in fits.tables.values():
        yield f"DELETE FROM ONLY {each.table.quoted};\n"


def ending() -> str:
    """Return the statement after which triggers act again."""
    return f"RESET {_REPLICA};\n"


def check(fits: Fitting, claimed: Mapping[str, Mapping[str, Any]], session: Session) -> str:
    """Return the script that fails unless the tables hold the rows that the backup claims; where this project's table
    has further columns, their number alone counts.
    """
    parts = []
    for title, each in sorted(fits.tables.items()):
        same = columns(session, each) == list(claimed[title]["columns"])
        digest, wanted = ("measured.coalesce", literal(claimed[title]["digest"])) if same else ("''", "''")
        parts.append(
            _ONE.format(
                query=literal(each.query),
                digest=digest,
                rows=int(claimed[title]["rows"]),
                claimed=wanted,
                title=literal(title),
            )
        )
    return _CHECK.format(checks="".join(parts)) if parts else ""


def settable(session: Session) -> set[str]:
    """Return the sequences (``schema.name``) that the user may set."""
    return {name for (name,) in session.run(_SETTABLE)}


def columns(session: Session, measure: Measure) -> list[str]:
    """Return the names of the columns that a dump holds."""
    return [name for (name,) in session.run(_COLUMNS, (measure.oid,))]


def schemas(session: Session) -> list[str]:
    """Return the names of the database's schemas."""
    return [name for (name,) in session.run("SELECT nspname::text FROM pg_namespace ORDER BY 1")]


def _reason(session: Session, measure: Measure | None, claimed: Mapping[str, Any]) -> str | None:
    if measure is None:
        return "this project has no such table"
    if not session.value(_WRITABLE, (measure.oid, measure.oid)):
        return "the user may not replace its rows"
    missing = sorted(set(claimed["columns"]) - set(columns(session, measure)))
    return f"this project's table has no column {', '.join(missing)}" if missing else None


def _may_replicate(session: Session) -> bool:
    """Tell whether the setting can be made: Supabase allows it by means of its own, so that only trying tells."""
    try:
        session.run(f"BEGIN; SET LOCAL {_REPLICA} = replica; ROLLBACK")
    except ToolError:
        session.run("ROLLBACK")
        return False
    return True
