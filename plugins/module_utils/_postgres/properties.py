# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that make a database what it was, beside its content. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import Database
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.sql import identifier, literal

# Their values are lists of names, which one string would make a single name (variable_is_guc_list_quote in pg_dump).
_LISTS = {
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
}
# A server that knows more than one provider takes the template's where none is named.
_PROVIDERS_SINCE = 15


def create_statement(name: str, database: Database, major: int, connection_limit: int) -> str:
    """Return the statement that creates an empty ``name`` like ``database``, on a server of version ``major``."""
    parts = [
        f"CREATE DATABASE {identifier(name)} TEMPLATE template0",
        f"OWNER {identifier(database.owner)}",
        f"ENCODING {literal(database.encoding)}",
        f"LC_COLLATE {literal(database.collate)}",
        f"LC_CTYPE {literal(database.ctype)}",
    ]
    if major >= _PROVIDERS_SINCE:
        parts.append(f"LOCALE_PROVIDER {({'i': 'icu', 'b': 'builtin'}).get(database.provider, 'libc')}")
    if database.provider in ("i", "b"):
        parts.append(f"{'ICU' if database.provider == 'i' else 'BUILTIN'}_LOCALE {literal(database.locale or '')}")
    if database.icu_rules is not None:
        parts.append(f"ICU_RULES {literal(database.icu_rules)}")
    return " ".join([*parts, f"CONNECTION LIMIT {connection_limit}"])


def property_statements(name: str, database: Database) -> Iterator[str]:
    """Yield the statements that give database ``name`` the privileges and settings of ``database``."""
    target = f"DATABASE {identifier(name)}"
    if database.acl is not None:
        yield f"REVOKE ALL ON {target} FROM PUBLIC, {identifier(database.owner)}"
        for each in database.acl:
            grantee = "PUBLIC" if each["grantee"] is None else identifier(each["grantee"])
            option = " WITH GRANT OPTION" if each["grantable"] else ""
            yield f"GRANT {each['privilege']} ON {target} TO {grantee}{option}"
    for each in database.settings:
        whose = f"ALTER {target}" if each["role"] is None else f"ALTER ROLE {identifier(each['role'])} IN {target}"
        yield f"{whose} SET {identifier(each['name'])} TO {_value(each)}"


def title_statements(name: str, database: Database) -> Iterator[str]:
    """Yield the statements that give database ``name`` the comment and the connection limit of ``database``."""
    comment = "NULL" if database.comment is None else literal(database.comment)
    yield f"COMMENT ON DATABASE {identifier(name)} IS {comment}"
    yield f"ALTER DATABASE {identifier(name)} CONNECTION LIMIT {database.connection_limit}"


def _value(setting: Mapping[str, Any]) -> str:
    value = str(setting["value"])
    if setting["name"].lower() not in _LISTS:
        return literal(value)
    # Stored as SQL spells it: names apart by commas, quoted where need be, quotes in them doubled, which is CSV.
    names = next(csv.reader([value], skipinitialspace=True), [])
    return ", ".join(literal(each) for each in names) or "''"
