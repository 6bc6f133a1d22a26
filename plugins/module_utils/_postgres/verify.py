# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a backup of a database is looked into."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import commands
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.archive import fetched, read_globals
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Programs, find_clients
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, MANAGED, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.fitness import examine, major_of, require_roles
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.rebuild import rebuild
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.server import Server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import SUPABASE


class DatabaseVerifier(Verifier):
    """Looks into the backups of databases.

    :param login: the server for the scratch database, with its maintenance database; used to verify by a restore.
    :param programs: where the client programs are.
    :param jobs: the connections that restore and prove.
    :param work_dir: where the dump is decoded.
    """

    def __init__(self, login: Login, programs: Programs, jobs: int, work_dir: str) -> None:
        self._login, self._programs, self._jobs, self._work_dir = login, programs, jobs, work_dir

    def structure(self, manifest: Manifest, fetcher: Fetcher) -> None:
        made_with = major_of(manifest.versions["pg_dump"])
        clients = find_clients(made_with, self._programs, f"to read backup {manifest.backup_id}")
        fetcher.decode(DUMP, [commands.scan(clients)])
        if details_of(manifest).managed:
            fetcher.decode(MANAGED, [commands.scan(clients)])
        read_globals(manifest, fetcher)

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Compared:
        title = f"Failed to verify backup {manifest.backup_id} on {self._login.server}"
        database = details_of(manifest).database
        if details_of(manifest).provider == SUPABASE:
            raise RefusedError(
                f"{title}: a backup of a Supabase project refers to what only a project has. Verify it to the level "
                "structure here, and restore it to a second project to rehearse."
            )
        with Server(self._login) as server:
            fit = examine(server.session, manifest, self._programs, title)
            require_roles(fit, details_of(manifest), title, create=False)
            with fetched(manifest, fetcher, self._work_dir) as archive, server.scratch(database.name, database) as name:
                return rebuild(server.login.at(name), archive, manifest, fit, self._jobs).compared
