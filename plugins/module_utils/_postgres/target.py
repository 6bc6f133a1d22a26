# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database as something that a backup can be restored to: built beside, proven, and given the name."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import sweep
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.archive import fetched
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Programs
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.fitness import (
    Fit,
    examine,
    require_ownership,
    require_roles,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.live import (
    Live,
    difference,
    held,
    look,
    require_consent,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.properties import property_statements
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.rebuild import rebuild, roles_created
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.server import Server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import POSTGRES


@dataclass(frozen=True)
class RestoreOptions:
    """What the user asked for; see the documentation of ``pg_restore``. ``login`` names the database to restore to."""

    login: Login
    programs: Programs
    maintenance_db: str
    replace: bool
    keep_previous: bool
    create_roles: bool
    jobs: int
    work_dir: str
    provider: str = POSTGRES


@dataclass(frozen=True)
class Survey:
    """What is there (None: no such database), and the comparison if it is the backup already."""

    live: Live | None
    held: Compared | None


class DatabaseTarget(Target):
    """What the ways to restore a database have in common: what is checked, and when there is nothing to do."""

    #: Whether the database itself (owner, privileges, settings) is restored too.
    restores_properties = True

    def __init__(self, options: RestoreOptions) -> None:
        self._options = options
        self._name = options.login.dbname
        self._title = f"Failed to restore {options.login.title}"
        self._surveys: dict[str, Survey] = {}

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        survey = self._survey(manifest)
        if survey.held is not None:
            after = difference(self._name, survey.live, manifest)["after"]
            return {"before": after, "after": after}
        require_consent(survey.live, self._title, replace=self._options.replace)
        with self._server() as server:
            self._require_rights(server)
            self._fit(server, manifest)
        require_space(self._options.work_dir, manifest.object(DUMP).content_bytes, "the decoded dump")
        return difference(self._name, survey.live, manifest)

    def holds(self, manifest: Manifest) -> Compared | None:
        return self._survey(manifest).held

    def tidy_up(self) -> None:
        with suppress(OSError):  # a folder that cannot be used matters to who has something to do
            sweep(self._options.work_dir)
        with self._server() as server:
            server.sweep()

    @abstractmethod
    def _require_rights(self, server: Server) -> None:
        """Refuse a user or a database that this way to restore cannot do with."""

    def _server(self) -> Server:
        return Server(self._options.login.at(self._options.maintenance_db))

    def _survey(self, manifest: Manifest) -> Survey:
        """Look at what is there, once for each backup."""
        if manifest.backup_id not in self._surveys:
            jobs, itself = self._options.jobs, self.restores_properties
            with self._server() as server:
                live = self._look(server, manifest)
                login = server.login.at(self._name)
            compared = None if live is None else held(login, live, manifest, jobs, itself=itself)
            self._surveys[manifest.backup_id] = Survey(live, compared)
        return self._surveys[manifest.backup_id]

    def _look(self, server: Server, manifest: Manifest) -> Live | None:
        if not server.has(self._name):
            return None
        return look(server.login.at(self._name), details_of(manifest).scope, self._options.jobs)

    def _fit(self, server: Server, manifest: Manifest) -> Fit:
        details = details_of(manifest)
        fit = examine(server.session, manifest, self._options.programs, self._title)
        require_roles(fit, details, self._title, create=self._options.create_roles)
        require_ownership(server.session, details, fit, self._title)
        return fit


class SwapTarget(DatabaseTarget):
    """A new database takes the name of the old one in one step."""

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        with ExitStack() as stack:
            server = stack.enter_context(self._server())
            stack.enter_context(server.held(self._name))
            fit = self._fit(server, manifest)
            archive = stack.enter_context(fetched(manifest, fetcher, self._options.work_dir))
            stack.enter_context(roles_created(server.session, fit, archive))
            database = details_of(manifest).database
            scratch = stack.enter_context(server.scratch(self._name, database))
            rebuilt = rebuild(server.login.at(scratch), archive, manifest, fit, self._options.jobs)
            rebuilt.compared.require(f"Backup {manifest.backup_id}")
            for statement in property_statements(scratch, database):
                server.session.run(statement)
            if not self._options.replace:  # meanwhile, somebody may have created or filled the other one
                require_consent(self._look(server, manifest), self._title, replace=False)
            user = server.session.peer["user"]
            previous, seconds = server.swap(scratch, self._name, database, keep=self._options.keep_previous)
        more = {"database": self._name, "user": user, "downtime_seconds": seconds, "notes": rebuilt.notes}
        return Restored(rebuilt.compared, previous, more)

    def _require_rights(self, server: Server) -> None:
        if self._name == self._options.maintenance_db:
            raise RefusedError(
                f"{self._title}: it is the maintenance database, which cannot be renamed while we are connected to it. "
                "Name another one as maintenance_db (template1, say), or use method: in_place."
            )
        may_create, may_rename = server.session.run(
            "SELECT r.rolsuper OR r.rolcreatedb, coalesce(r.rolsuper OR pg_has_role(d.datdba, 'USAGE'), true) "
            "FROM pg_roles r LEFT JOIN pg_database d ON d.datname = %s WHERE r.rolname = current_user",
            (self._name,),
        )[0]
        if not may_create or not may_rename:
            raise RefusedError(
                f"{self._title}: the user may not {'rename it' if may_create else 'create databases'}. "
                "Restore as a superuser, or use method: in_place."
            )
        prepared = server.session.run("SELECT gid FROM pg_prepared_xacts WHERE database = %s", (self._name,))
        if prepared:
            raise RefusedError(
                f"{self._title}: the prepared transaction {prepared[0][0]} keeps it in use. Commit it or roll it back."
            )
