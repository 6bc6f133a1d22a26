# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands that open a backup without this collection. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import plain_command
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, GLOBALS, MANAGED, Details
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.properties import (
    create_statement,
    property_statements,
    title_statements,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import conninfo_for
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import SUPABASE

_NO_LIMIT = -1


def recovery_commands(details: Details, objects: Sequence[StoredObject], major: int) -> Iterator[str]:
    """Yield the commands, in their order; PGHOST and its kin in the environment name the server.

    :param objects: the payloads.
    :param major: the version of the server that was dumped.
    """
    database = details.database
    if details.provider == SUPABASE:
        yield from _project_commands(details, objects)
        return
    plain = {each.content: plain_command(each) for each in objects}
    if details.passwords is not None:
        # Not with ON_ERROR_STOP: the roles that are there already, the connecting one at least, are refused.
        yield f"{plain[GLOBALS]} | psql --no-psqlrc --quiet --dbname=postgres"
    yield _psql(create_statement(database.name, database, major, _NO_LIMIT))
    target = shlex.quote(f"--dbname={conninfo_for(database.name)}")
    if "public" in details.scope.schemas:
        yield f"psql --no-psqlrc {target} --command='DROP SCHEMA public'"  # the dump brings it
    yield f"{plain[DUMP]} > dump.pgdump"
    yield f"pg_restore --exit-on-error --jobs=2 {target} dump.pgdump"
    for statement in (*property_statements(database.name, database), *title_statements(database.name, database)):
        yield _psql(statement)


def _project_commands(details: Details, objects: Sequence[StoredObject]) -> Iterator[str]:
    """Yield the commands for a Supabase project, a new one: what it has already, and what is not ours, is refused there."""
    plain = {each.content: plain_command(each) for each in objects}
    if details.passwords is not None:
        yield f"{plain[GLOBALS]} > globals.sql  # the roles of your own are to be made by hand from it"
    if details.managed:
        yield f"{plain[MANAGED]} > {MANAGED}"
        yield (f"PGOPTIONS='-c session_replication_role=replica' pg_restore --data-only --dbname=postgres {MANAGED}")
    yield f"{plain[DUMP]} > {DUMP}"
    yield f"pg_restore --dbname=postgres {DUMP}"


def _psql(statement: str) -> str:
    return f"psql --no-psqlrc --dbname=postgres --command={shlex.quote(statement)}"
