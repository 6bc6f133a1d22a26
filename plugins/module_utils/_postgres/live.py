# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database that a restore would replace."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.crew import crew
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Database, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope


@dataclass(frozen=True)
class Live:
    """The number of rows of each table, whether there is nothing at all in it, and the database itself."""

    rows: Mapping[str, int]
    is_empty: bool
    database: Database


def look(login: Login, scope: Scope, jobs: int) -> Live:
    """Count the rows of the tables in ``scope``, over ``jobs`` connections.

    :raises ToolError: if they cannot be read.
    """
    with login.connect() as session:
        snapshot = proof.begin_snapshot(session)
        objects = session.value(catalog.inventory(Scope()))["objects"]
        with crew(login, jobs, proof.joining(snapshot)) as team:
            counts = {
                each.table.title: team.submit(partial(_count, each.table.quoted))
                for each in proof.measures(session, scope)
            }
            rows = {title: each.result() for title, each in sorted(counts.items())}
        return Live(rows, not objects, Database(**session.value(catalog.DATABASE)))


def _count(quoted: str, session: Session) -> int:
    return int(session.value(f"SELECT count(*) FROM ONLY {quoted}"))


def held(login: Login, live: Live, manifest: Manifest, jobs: int, *, itself: bool) -> Compared | None:
    """Return the comparison if the database holds exactly the backup, else None; the first look spares the second.

    :param itself: whether the database itself counts too: its owner, privileges, settings, comment.
    """
    details = details_of(manifest)
    if live.rows != {title: each["rows"] for title, each in manifest.proof["tables"].items()}:
        return None
    if itself and _bare(live.database) != _bare(details.database):
        return None
    with suppress(ToolError):  # what cannot even be read is not this backup
        compared = proof.compare(manifest.proof, proof.find_proof(login, details.scope, jobs))
        return compared if compared.equal else None
    return None


def _bare(database: Database) -> Database:
    """Return ``database`` without what a restore may change, and with its lists in one order."""
    acl = None if database.acl is None else sorted(database.acl, key=repr)
    return replace(database, name="", bytes=0, acl=acl, settings=sorted(database.settings, key=repr))


def require_consent(live: Live | None, title: str, *, replace: bool) -> None:
    """Refuse to replace what nobody agreed to replace.

    :raises RefusedError: if there is something.
    """
    if live is not None and not live.is_empty and not replace:
        raise RefusedError(
            f"{title}: the database is not empty. Say replace: true to put the backup in its place; "
            "what is there is kept unless keep_previous is false."
        )


def difference(name: str, live: Live | None, manifest: Manifest) -> dict[str, Any]:
    """Return the restore as a diff: each table with its number of rows."""
    after = {title: each["rows"] for title, each in sorted(manifest.proof["tables"].items())}
    return {
        "before": {"database": name, "rows": None if live is None else dict(live.rows)},
        "after": {"database": name, "rows": after},
    }
