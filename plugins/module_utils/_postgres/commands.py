# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the client programs. Pure: secrets go by the environment that is handed in, never in argv."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, exit_zero
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Clients
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope, Table
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import conninfo_for, identifier

#: How long a dump waits for a table that somebody holds exclusively (milliseconds).
LOCK_PATIENCE = 60_000


# What the programs say when a session was ended: their own, or the one whose snapshot they were to take.
_ENDED = ("server closed the connection", "terminating connection", "invalid snapshot identifier")


def judge(returncode: int, tail: str) -> str | None:
    """The ordinary judgement; where the server ended a session, it says so."""
    verdict = exit_zero(returncode, tail)
    if verdict is None or not any(each in tail for each in _ENDED):
        return verdict
    return f"{verdict}, since the server ended a connection. Look at the server's log, and try again"


@dataclass(frozen=True)
class Access:
    """The programs to use, and the environment that brings them to the server."""

    clients: Clients
    environment: Mapping[str, str]

    def inside(self, path: str) -> str:
        """Return the name by which the programs know the file ``path``."""
        return self.clients.source.inside(path)

    def command(self, program: str, *arguments: str) -> Command:
        """Return the command that runs ``program``."""
        argv = (*self.clients.argv(program), *arguments)
        return Command(argv, name=program, env=self.environment, judge=judge)


def dump(access: Access, scope: Scope, snapshot: str, encoding: str, without_data: Iterable[Table]) -> Command:
    """Return the command that writes an uncompressed custom archive of ``scope`` as ``snapshot`` shows it."""
    return access.command(
        "pg_dump",
        "--format=custom",
        "--compress=0",
        f"--snapshot={snapshot}",
        f"--encoding={encoding}",
        f"--lock-wait-timeout={LOCK_PATIENCE}",
        "--no-password",
        *(f"--schema={identifier(each)}" for each in scope.schemas),
        *(f"--exclude-schema={identifier(each)}" for each in scope.exclude_schemas),
        *(f"--exclude-table-data={each.quoted}" for each in without_data),
    )


def dump_rows(access: Access, tables: Iterable[Table], snapshot: str, encoding: str) -> Command:
    """Return the command that writes an uncompressed custom archive of the rows of ``tables`` as ``snapshot`` shows them."""
    return access.command(
        "pg_dump",
        "--format=custom",
        "--compress=0",
        "--data-only",
        f"--snapshot={snapshot}",
        f"--encoding={encoding}",
        f"--lock-wait-timeout={LOCK_PATIENCE}",
        "--no-password",
        *(f"--table={each.quoted}" for each in tables),
    )


def dump_globals(access: Access, dbname: str, *, passwords: bool) -> Command:
    """Return the command that writes roles and tablespaces as SQL."""
    return access.command(
        "pg_dumpall",
        "--globals-only",
        "--encoding=UTF8",
        "--no-password",
        f"--database={conninfo_for(dbname)}",
        *(() if passwords else ("--no-role-passwords",)),
    )


def restore(access: Access, path: str, dbname: str, *, jobs: int, more: Iterable[str] = ()) -> Command:
    """Return the command that restores archive ``path`` into ``dbname`` over ``jobs`` connections."""
    target = f"--dbname={conninfo_for(dbname)}"
    return access.command("pg_restore", target, f"--jobs={jobs}", "--no-password", *more, access.inside(path))


def script(access: Access, path: str, more: Iterable[str] = ()) -> Command:
    """Return the command that writes the SQL which replaces what archive ``path`` holds, from BEGIN to COMMIT.

    Without the option for it, what pg_restore writes for large objects has a COMMIT of its own.
    """
    return access.command(
        "pg_restore", "--file=-", "--clean", "--if-exists", "--single-transaction", *more, access.inside(path)
    )


def list_entries(access: Access, path: str) -> Command:
    """Return the command that lists what archive ``path`` holds."""
    return access.command("pg_restore", "--list", access.inside(path))


def text_of(access: Access, path: str, chosen: str, more: Iterable[str] = ()) -> Command:
    """Return the command that writes, as SQL, what of archive ``path`` the list in the file ``chosen`` names."""
    return access.command("pg_restore", "--file=-", f"--use-list={access.inside(chosen)}", *more, access.inside(path))


def scan(clients: Clients) -> Command:
    """Return the command that reads a whole archive from standard input and writes nothing.

    Not ``--list``: that reads the table of contents alone, and finds a truncated archive good.
    """
    return Command((*clients.argv("pg_restore"), "--file=/dev/null"), name="pg_restore")


def run_script(access: Access, path: str) -> Command:
    """Return the command that runs the SQL in the file ``path`` up to its first error."""
    return access.command(
        "psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", f"--file={access.inside(path)}"
    )
