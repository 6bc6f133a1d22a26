# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shell commands that open a backup without this collection. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import plain_command
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, GLOBALS, Details
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.properties import (
    create_statement,
    property_statements,
    title_statements,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import conninfo_for

_NO_LIMIT = -1


def recovery_commands(details: Details, objects: Sequence[StoredObject], major: int) -> Iterator[str]:
    """Yield the commands, in their order; PGHOST and its kin in the environment name the server.

    :param objects: the payloads.
    :param major: the version of the server that was dumped.
    """
    database = details.database
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


def _psql(statement: str) -> str:
    return f"psql --no-psqlrc --dbname=postgres --command={shlex.quote(statement)}"
