# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that cannot be renamed, restored in one transaction that proves itself before it commits."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import check, commands, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.archive import Archive, fetched
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.fitness import Fit
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.rebuild import restore_arguments, roles_created
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.server import Server
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.target import DatabaseTarget, RestoreOptions

# pg_restore sets this first since 17, and an older server does not know it.
_UNKNOWN_SETTING = b"SET transaction_timeout = 0;\n"
# The last statement; behind it come comments, and a command of psql's own.
_COMMIT = b"\nCOMMIT;\n"
_TAIL = 1024  # bytes that surely hold it


@dataclass(frozen=True)
class Work:
    """What a restore has at hand: the backup and its payloads, the way to the database and how that suits."""

    manifest: Manifest
    fetcher: Fetcher
    login: Login
    access: commands.Access
    archive: Archive
    fit: Fit


class InPlaceTarget(DatabaseTarget):
    """The tables of a database are replaced in one transaction; whoever is connected sees the old or the new ones.

    :param safety_copy: backs up what is there, readable by whom the given backup is, and returns the id of that backup.
    """

    #: The database itself stays the one that it is.
    restores_properties = False

    def __init__(self, options: RestoreOptions, safety_copy: Callable[[Manifest], str]) -> None:
        super().__init__(options)
        self._safety_copy = safety_copy

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        diff = super().preflight(manifest)
        survey = self._survey(manifest)
        if survey.live is None:
            raise RefusedError(f"{self._title}: there is no such database. Create it, or use method: swap.")
        strangers = sorted(set(survey.live.rows) - set(manifest.proof["tables"]))
        if strangers and survey.held is None:
            raise RefusedError(
                f"{self._title}: it has tables that the backup does not know: {', '.join(strangers)}. In one transaction "
                "only what the backup knows is replaced. Move them away, or use method: swap."
            )
        # The script holds the dump once more, as text.
        require_space(
            self._options.work_dir, 2 * manifest.object(DUMP).content_bytes, "the decoded dump and its script"
        )
        return diff

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        details = details_of(manifest)
        with ExitStack() as stack:
            server = stack.enter_context(self._server())
            stack.enter_context(server.held(self._name))
            user, fit = server.session.peer["user"], self._fit(server, manifest)
            archive = stack.enter_context(fetched(manifest, fetcher, self._options.work_dir))
            stack.enter_context(roles_created(server.session, fit, archive, self._role_statement))
            login = server.login.at(self._name)
            access = commands.Access(fit.clients, login.environment(default_transaction_read_only="off"))
            work = Work(manifest, fetcher, login, access, archive, fit)
            script = f"{archive.path}.sql"
            more = self._write(script, work)
            keeps = self._options.keep_previous and self._has_something(manifest)
            previous = self._safety_copy(manifest) if keeps else None
            more = {**more, **self._run(script, work)}
            found = proof.find_proof(login, details.scope, self._options.jobs)
        compared = proof.compare(manifest.proof, found)
        done = {"database": self._name, "user": user, "downtime_seconds": 0.0, "notes": list(compared.differences)}
        return Restored(compared, previous, {**done, **more})

    def _has_something(self, _manifest: Manifest) -> bool:
        """Tell whether there is anything to keep."""
        return True

    def _write(self, script: str, work: Work) -> dict[str, Any]:
        """Write the script that does it all, from BEGIN to COMMIT; return what the result says of it."""
        write_script(script, commands.script(work.access, work.archive.path, restore_arguments(work.fit)))
        insert_before_commit(script, check.script(work.manifest.proof, details_of(work.manifest).scope))
        return {}

    def _run(self, script: str, work: Work) -> dict[str, Any]:
        """Run the script; return what the result says of it."""
        run_pipeline([commands.run_script(work.access, script)])
        return {}

    @staticmethod
    def _role_statement(statement: str) -> str:
        return statement

    def _require_rights(self, server: Server) -> None:
        """Whatever is not allowed fails in the transaction, and takes it back."""


def write_script(path: str, command: Command, see: Callable[[bytes], bytes] = lambda chunk: chunk) -> None:
    """Write what ``command`` says to the end of the file ``path``; ``see`` may alter each chunk of it."""
    with open(path, "ab") as stream:
        os.fchmod(stream.fileno(), 0o600)
        begun = False

        def write(chunk: bytes) -> None:
            nonlocal begun
            stream.write(see(chunk) if begun else see(chunk.replace(_UNKNOWN_SETTING, b"", 1)))
            begun = True

        run_pipeline([command], sink=write)


def insert_before_commit(path: str, statements: str) -> None:
    """Put ``statements`` into a script before the COMMIT that ends it.

    :raises ToolError: if it does not end with one.
    """
    with open(path, "r+b") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _TAIL))
        begins, tail = stream.tell(), stream.read()
        at = tail.rfind(_COMMIT)
        if at < 0:
            raise ToolError("Failed to restore in one transaction: the script that pg_restore wrote was cut short.")
        stream.seek(begins + at)
        stream.write(b"\n" + statements.encode("utf-8") + tail[at:])
