# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build a database anew from a backup, and prove it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog, commands, proof
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.archive import Archive, load
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.crew import crew
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.fitness import Fit
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.roles import read_roles
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier

_INDEX_MEMORY = 512  # MiB for all jobs together
_CREATOR_IS_ADMIN = 16  # the first version that makes whoever creates a role its admin


@dataclass(frozen=True)
class Rebuilt:
    """The proof of what was built, and what of it is not as it was, though its content is."""

    compared: Compared
    notes: list[str]


def rebuild(login: Login, archive: Archive, manifest: Manifest, fit: Fit, jobs: int) -> Rebuilt:
    """Fill the empty database of ``login`` from ``archive``, over ``jobs`` connections, and prove it.

    :raises ToolError: if it cannot be filled.
    """
    details = details_of(manifest)
    with login.connect() as session:
        if "public" in details.scope.schemas:
            session.run("DROP SCHEMA IF EXISTS public")  # chosen by name, it comes with the dump
        environment = login.environment(
            maintenance_work_mem=f"{max(64, _INDEX_MEMORY // jobs)}MB",
            synchronous_commit="off",
            default_transaction_read_only="off",
        )
        access = commands.Access(fit.clients, environment)
        more = restore_arguments(fit)

        def command(*further: str) -> Command:
            return commands.restore(access, archive.path, login.dbname, jobs=jobs, more=(*more, *further))

        load(command, fit.clients, session.major)
        with crew(login, 1) as analyst:
            analysis = analyst.submit(lambda each: each.run("ANALYZE"))
            found = proof.find_proof(login, details.scope, jobs)
            analysis.result()
        return Rebuilt(proof.compare(manifest.proof, found), list(_notes(session, manifest, fit)))


def restore_arguments(fit: Fit) -> tuple[str, ...]:
    """Return what pg_restore is to be told beside the obvious."""
    return ("--no-tablespaces",) if fit.missing_tablespaces else ()


@contextmanager
def roles_created(
    session: Session, fit: Fit, archive: Archive, adapt: Callable[[str], str] = lambda statement: statement
) -> Iterator[list[str]]:
    """Create the roles that the server lacks, and drop them again if the body fails; give their names.

    :param adapt: alters each statement to suit the server.
    :raises RefusedError: if the backup's globals do not tell of one.
    """
    if not fit.missing_roles:
        yield []
        return
    roles = read_roles(archive.globals)
    unknown = sorted(set(fit.missing_roles) - set(roles.statements))
    if unknown:
        raise RefusedError(f"The backup's globals hold no role {', '.join(unknown)}. Create it by hand.")
    existing = {name for (name,) in session.run("SELECT rolname FROM pg_roles")}
    user, is_superuser = session.run("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")[0]
    becomes_admin = session.major >= _CREATOR_IS_ADMIN and not is_superuser
    created, statements = roles.creation(fit.missing_roles, existing, user if becomes_admin else "")
    try:
        session.run("BEGIN")
        if is_superuser:
            # The statements hold passwords, if hashed ones: keep them out of the server's log.
            session.run("SET LOCAL log_statement = 'none'; SET LOCAL log_min_error_statement = 'panic'")
        for statement in statements:
            session.run(adapt(statement))
        session.run("COMMIT")
        yield created
    except BaseException:
        session.run("ROLLBACK")
        session.run(f"DROP ROLE IF EXISTS {', '.join(identifier(each) for each in created)}")
        raise


def _notes(session: Session, manifest: Manifest, fit: Fit) -> Iterator[str]:
    details = details_of(manifest)
    if details.scope.whole:
        for name, version in session.run(catalog.EXTENSIONS):
            before = details.extensions.get(name)
            if before not in (version, None):
                yield f"Extension {name} is version {version} here; it was {before}."
    if fit.missing_tablespaces:
        yield f"The server has no tablespace {', '.join(fit.missing_tablespaces)}: everything lies in the default one."
    if fit.missing_roles and details.passwords is False:
        yield "The backup holds no passwords: roles that were created from it cannot log in with one until it is set."
