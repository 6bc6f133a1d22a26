# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database as something that can be backed up: one instant of it, dumped and proven at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, Tap
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog, commands, managed, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Clients, Programs, find_clients
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.crew import crew
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import (
    DUMP,
    GLOBALS,
    MANAGED,
    Database,
    Details,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.recovery import recovery_commands
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import (
    POSTGRES,
    SUPABASE,
    project_scope,
)

_OLDEST = 12
_WARNING = ": warning: "
_SHOWN_TABLES = 5
_MOST_WARNINGS = 50


@dataclass(frozen=True)
class DumpOptions:
    """What the user asked for; see the documentation of ``pg_dump``."""

    login: Login
    programs: Programs
    scope: Scope
    globals: bool
    jobs: int
    provider: str = POSTGRES


class DatabaseSource(Source):
    """One database of a server that can be reached."""

    def __init__(self, options: DumpOptions) -> None:
        self._options = options

    def preflight(self) -> dict[str, Any]:
        find_program("zstd")
        with self._options.login.connect() as session:
            self._clients(session)
            options = _scoped(session, self._options)
            _require_schemas(session, options)
            tables = _require_access(session, options)
            size = session.value("SELECT pg_database_size(current_database())")
        return {"database": self._options.login.dbname, "tables": tables, "database_bytes": size}

    def copy(self, packer: Packer) -> Copied:
        with self._options.login.connect() as holder:
            options = _scoped(holder, replace(self._options, login=self._options.login.pinned(holder)))
            clients = self._clients(holder)
            snapshot = proof.begin_snapshot(holder)
            return _Copy(options, clients, holder, snapshot).into(packer)

    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        return "row in any table" if _rows(before) > 0 and _rows(after) == 0 else None

    def _clients(self, session: Session) -> Clients:
        if session.major < _OLDEST:
            raise RefusedError(
                f"Failed to dump {self._options.login.title}: the server is PostgreSQL {session.major}, "
                f"and chatbot.ops knows {_OLDEST} and newer. Upgrade it."
            )
        return find_clients(session.major, self._options.programs, f"to dump {self._options.login.title}")


def _scoped(session: Session, options: DumpOptions) -> DumpOptions:
    """Return ``options`` less what belongs to the provider."""
    if options.provider != SUPABASE:
        return options
    title = f"Failed to dump {options.login.title}"
    return replace(options, scope=project_scope(options.scope, managed.schemas(session), title))


def _require_schemas(session: Session, options: DumpOptions) -> None:
    known = {name for (name,) in session.run("SELECT nspname FROM pg_namespace")}
    unknown = sorted(set(options.scope.schemas) - known)
    if unknown:
        raise RefusedError(f"Failed to dump {options.login.title}: it has no schema {', '.join(unknown)}.")


def _require_access(session: Session, options: DumpOptions) -> int:
    """Return the number of tables to dump.

    :raises RefusedError: if some may not be read.
    """
    measures = proof.measures(session, options.scope)
    oids = [each.oid for each in measures]
    rows = session.run("SELECT o FROM unnest(%s::oid[]) o WHERE NOT has_table_privilege(o, 'SELECT')", (oids,))
    closed = {oid for (oid,) in rows}
    titles = sorted(each.table.title for each in measures if each.oid in closed)
    if titles:
        shown = ", ".join(titles[:_SHOWN_TABLES]) + (", …" if len(titles) > _SHOWN_TABLES else "")
        raise RefusedError(
            f"Failed to dump {options.login.title}: the user may not read {shown}. "
            "Grant it pg_read_all_data, or use the tables' owner or a superuser."
        )
    return len(measures)


@dataclass
class _Warnings:
    """Keeps what a program warns of."""

    lines: list[str] = field(default_factory=list)

    def watching(self, command: Command) -> Command:
        """Return ``command`` with its warnings kept."""
        return replace(command, watch=self._see)

    def _see(self, line: str) -> None:
        if _WARNING in line and len(self.lines) < _MOST_WARNINGS:
            self.lines.append(line)


class _FirstByte(Tap):
    """Calls ``action`` when the first byte goes by."""

    def __init__(self, action: Callable[[], None]) -> None:
        super().__init__()
        self._action: Callable[[], None] | None = action

    def see(self, _chunk: bytes) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()


class _Copy:
    """One copy: the dump, and beside it the proof, both as the snapshot shows the database."""

    def __init__(self, options: DumpOptions, clients: Clients, holder: Session, snapshot: str) -> None:
        self._options, self._holder, self._snapshot = options, holder, snapshot
        self._access = commands.Access(clients, options.login.environment())
        self._warnings = _Warnings()
        self._taken = now()
        self._database = Database(**holder.value(catalog.DATABASE))
        self._measures = proof.measures(holder, options.scope)
        of_project = options.provider == SUPABASE
        self._managed = managed.survey(holder, options.scope) if of_project else managed.Managed((), ())
        self._without_data = options.scope.without_data(each.table for each in self._measures)

    def into(self, packer: Packer) -> Copied:
        """Put the payloads into ``packer`` and report."""
        options, scope = self._options, self._options.scope
        excluded = {table.title: table for tables in self._without_data.values() for table in tables}
        wanted = [each for each in self._measures if each.table.title not in excluded]
        dump = commands.dump(self._access, scope, self._snapshot, self._database.encoding, excluded.values())
        before = proof.positions(self._holder, scope)
        with crew(options.login, options.jobs, proof.joining(self._snapshot)) as team:
            work = proof.Work(team)

            def measure() -> None:
                work.tables(wanted)
                if scope.whole:
                    work.large_objects()

            # pg_dump writes nothing before it has locked every table. Were ours read earlier, somebody who waits for
            # us could empty a table in between, and the proof would claim rows that the dump does not hold.
            objects = [packer.store(DUMP, self._watched(dump), [_FirstByte(measure)])]
            after = proof.positions(self._holder, scope)
            managed_claims = managed.claims(self._holder, self._managed)
            objects += self._store_managed(packer)
            passwords = self._may_read_passwords()
            if options.globals:
                roles = commands.dump_globals(self._access, options.login.dbname, passwords=passwords)
                objects.append(packer.store(GLOBALS, self._watched(roles)))
            claimed = {
                "algorithm": self._holder.value(catalog.ALGORITHM),
                **self._holder.value(catalog.inventory(scope)),
                "sequences": proof.claim_sequences(before, after),
                **work.results(),
            }
        claimed["tables"].update({title: dict(proof.NO_ROWS) for title in excluded})
        details = self._details(passwords if options.globals else None, managed_claims)
        return Copied(
            taken=self._taken,
            objects=tuple(objects),
            proof=claimed,
            versions=self._versions(),
            consistency={"mode": "snapshot", "downtime_seconds": 0.0, "reason": None},
            recovery=tuple(recovery_commands(details, objects, self._holder.major)),
            details=details.to_document(),
        )

    def _store_managed(self, packer: Packer) -> list[StoredObject]:
        if not self._managed.measures:
            return []
        tables = [each.table for each in self._managed.measures]
        return [
            packer.store(
                MANAGED,
                self._watched(commands.dump_rows(self._access, tables, self._snapshot, self._database.encoding)),
            )
        ]

    def _watched(self, command: Command) -> Command:
        return self._warnings.watching(command)

    def _may_read_passwords(self) -> bool:
        return bool(self._holder.value("SELECT has_table_privilege('pg_catalog.pg_authid', 'SELECT')"))

    def _versions(self) -> dict[str, str]:
        server = str(self._holder.value("SHOW server_version"))
        return {"postgresql": server, "pg_dump": self._access.clients.version}

    def _details(self, passwords: bool | None, managed_claims: Mapping[str, Mapping[str, Any]]) -> Details:
        scope, run = self._options.scope, self._holder.run
        return Details(
            database=self._database,
            scope=scope,
            without_data={pattern: [each.title for each in found] for pattern, found in self._without_data.items()},
            passwords=passwords,
            owners=_column(run(catalog.owners(scope))),
            extensions=dict(run(catalog.EXTENSIONS)),
            tablespaces=_column(run(catalog.tablespaces(scope))),
            warnings=(*self._warnings.lines, *self._managed.warnings),
            provider=self._options.provider,
            managed=managed_claims,
        )


def _rows(claimed: Mapping[str, Any]) -> int:
    return sum(int(each["rows"]) for each in claimed["tables"].values())


def _column(rows: list[tuple[Any, ...]]) -> list[str]:
    return [str(row[0]) for row in rows]
