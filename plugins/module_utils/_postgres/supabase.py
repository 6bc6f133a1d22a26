# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a database belongs to Supabase, and how a project's database is reached. Pure.

The lists are those that Supabase's own command-line program goes by (``supabase db dump``, github.com/supabase/cli,
package migration): what it leaves out of a project's schema, the rows that it takes along all the same, and the roles
that every project has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope, Table
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.toc import Entry

POSTGRES = "postgres"
SUPABASE = "supabase"
PROVIDERS = (POSTGRES, SUPABASE)
#: Documented in the fragment ``provider``.
PROVIDER_ARGUMENTS = {"provider": {"type": "str", "choices": list(PROVIDERS), "default": POSTGRES}}

_SCHEMAS = (
    "_analytics",
    "_realtime",
    "_supavisor",
    "auth",
    "cron",
    "dbdev",
    "etl",
    "extensions",
    "graphql",
    "graphql_public",
    "net",
    "pgbouncer",
    "pgmq",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "repack",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "tiger_data",
    "topology",
    "vault",
)
_TIMESCALE = re.compile(r"_?timescaledb_.*")
_ROLES = re.compile(
    r"(anon|authenticated|authenticator|cli_login_.*|dashboard_user|pgbouncer|postgres|service_role|supabase_.*"
    r"|pgsodium_keyholder|pgsodium_keyiduser|pgsodium_keymaker|pgtle_admin)"
)
#: The schemas of Supabase's whose rows are the user's, and the tables among them that no one else may fill.
_MANAGED = ("auth", "cron", "net", "pgmq", "storage", "supabase_functions")
_UNMANAGED = (
    "auth.schema_migrations",
    "storage.buckets_vectors",
    "storage.migrations",
    "storage.vector_indexes",
    "supabase_functions.migrations",
)
_PUBLICATION = "supabase_realtime"
#: The kinds of objects in a proof that lie in no schema: how many there are is Supabase's affair in each project.
_BESIDE = ("casts", "event_triggers", "foreign_servers", "languages", "publications")
_KINDS_BESIDE = ("DEFAULT ACL", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "LANGUAGE", "CAST", "ACL", "COMMENT")
# Attributes that only a superuser may name, even to say that a role lacks them.
_ATTRIBUTES = re.compile(r" (?:NOSUPERUSER|NOREPLICATION|NOBYPASSRLS)\b")

_TRANSACTION_PORT = "6543"
_POOLER = re.compile(r".*\.pooler\.supabase\.com")


def is_reserved_schema(name: str) -> bool:
    """Tell whether schema ``name`` belongs to Supabase."""
    return name in _SCHEMAS or _TIMESCALE.fullmatch(name) is not None


def is_reserved_role(name: str) -> bool:
    """Tell whether role ``name`` is one that every project has."""
    return _ROLES.fullmatch(name) is not None


def project_scope(scope: Scope, known: Iterable[str], title: str) -> Scope:
    """Return ``scope`` less the schemas that are Supabase's, in this project or another.

    :param known: the schemas that the database has.
    :raises RefusedError: if the user names one of them.
    """
    asked = [each for each in scope.schemas if is_reserved_schema(each)]
    if asked:
        raise RefusedError(
            f"{title}: schema {', '.join(asked)} belongs to Supabase, which makes it in each project. Leave it out: the "
            "rows of auth and storage are backed up with the rest."
        )
    reserved = [each for each in known if is_reserved_schema(each)]
    return replace(scope, exclude_schemas=tuple(sorted({*scope.exclude_schemas, *reserved, *_SCHEMAS})))


def managed_scope(scope: Scope, known: Iterable[str]) -> Scope | None:
    """Return what of Supabase's own schemas is backed up, as rows: none where the user chose schemas or left these out."""
    wanted = sorted(set(_MANAGED) & set(known)) if scope.whole else []
    return Scope(schemas=tuple(wanted)) if wanted else None


def is_managed(table: Table) -> bool:
    """Tell whether the rows of ``table``, of one of those schemas, are backed up."""
    return f"{table.schema}.{table.name}" not in _UNMANAGED


def is_left(entry: Entry) -> bool:
    """Tell whether ``entry`` is left to Supabase: what describes an extension belongs to whoever owns that."""
    return entry.kind == "COMMENT" and entry.name.startswith("EXTENSION ")


def is_tolerated(entry: Entry) -> bool:
    """Tell whether the database is as good if ``entry`` cannot be restored: it is part of what Supabase provides."""
    if entry.kind in ("PUBLICATION", "PUBLICATION TABLE"):
        return entry.name.split(" ")[0].startswith(_PUBLICATION)
    if is_reserved_schema(entry.schema) or entry.schema == "pg_catalog":
        return True
    beside = entry.kind in _KINDS_BESIDE and (entry.schema == "-" or entry.kind == "DEFAULT ACL")
    return beside and entry.owner != "postgres" and is_reserved_role(entry.owner)


def own_claims(claimed: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a proof claims less what another project may have more or less of."""
    return {
        **claimed,
        "objects": {kind: number for kind, number in claimed["objects"].items() if kind not in _BESIDE},
        "roles": [each for each in claimed["roles"] if not is_reserved_role(each)],
    }


def role_statement(statement: str) -> str:
    """Return ``statement``, which makes a role, without the attributes that a project's user may not name."""
    return _ATTRIBUTES.sub("", statement) if re.match(r"ALTER ROLE .* WITH ", statement) else statement


def require_route(login: Login) -> None:
    """Refuse the pooler's transaction mode, which gives each transaction another session.

    :raises RefusedError: if ``login`` leads there.
    """
    host, port = login.parameters.get("host", ""), login.parameters.get("port", "")
    if _POOLER.fullmatch(host) and port == _TRANSACTION_PORT:
        raise RefusedError(
            f"{login.server} is the pooler's transaction mode, which cannot be used to dump or restore: it keeps neither "
            "a snapshot nor settings. Use its session mode, port 5432, or the direct connection."
        )
    user = login.parameters.get("user", "")
    if _POOLER.fullmatch(host) and user and "." not in user:
        raise RefusedError(
            f"{login.server} is a pooler of many projects, and user {user} names none of them. "
            f"Write the user as {user}.<project ref>, as the dashboard shows it (Connect, Session pooler)."
        )
