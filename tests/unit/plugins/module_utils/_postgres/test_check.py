# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check at the end of a restore's transaction: it lets pass what the backup claims, and nothing less."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres import catalog, check
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope

from tests.support.postgres_server import PostgresServerError
from tests.unit.plugins.module_utils._postgres.conftest import Database

MORE = """
    CREATE SEQUENCE up START 10; SELECT nextval('up');
    CREATE SEQUENCE down INCREMENT -2 START 10 MAXVALUE 100; SELECT nextval('down'), nextval('down');
    SELECT lo_from_bytea(0, 'a large object');
    CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42';
"""


def claim(database: Database, **more: Any) -> dict[str, Any]:
    database.sql(MORE)
    return dict(database.back_up(globals=False, **more)["manifest"]["proof"])


def judge(database: Database, claimed: dict[str, Any], scope: Scope | None = None) -> None:
    database.server.psql(f"BEGIN; {check.script(claimed, scope or Scope())} COMMIT;", database.name)


def test_what_is_as_claimed_passes_and_more_beside_it_does_no_harm(database: Database) -> None:
    claimed = claim(database)
    judge(database, claimed)
    database.sql("CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT 1 AS x")
    judge(database, claimed)


def test_of_one_schema_nothing_is_asked_that_no_schema_holds(database: Database) -> None:
    claimed = claim(database, schemas=["public"])
    database.sql("SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
    judge(database, claimed, Scope(schemas=("public",)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM system_logs WHERE ctid = (SELECT min(ctid) FROM system_logs)", "table public.system_logs"),
        ("CREATE TABLE later (x int)", "table public.later"),
        ("DROP TABLE system_logs CASCADE", "table public.system_logs"),
        ("SELECT setval('up', 11)", "sequence public.up"),
        ("SELECT setval('up', 10, false)", "sequence public.up"),
        ("SELECT setval('down', 10)", "sequence public.down"),
        ("SELECT setval('down', 6)", "sequence public.down"),
        ("DROP SEQUENCE up", "sequence public.up"),
        ("DROP FUNCTION answer()", "functions"),
        ("DROP EXTENSION pgcrypto CASCADE", "extension pgcrypto"),
        ("SELECT lo_put(oid, 0, 'A') FROM pg_largeobject_metadata", "large objects"),
    ],
)
def test_what_is_not_as_claimed_is_named(database: Database, change: str, told: str) -> None:
    claimed = claim(database)
    database.sql(change)
    with pytest.raises(PostgresServerError, match=f"not what the backup claims: (.*, )?{told}"):
        judge(database, claimed)


def test_a_role_that_owns_nothing_any_more(database: Database) -> None:
    role = f"{database.name}_owner"
    database.sql(f"CREATE ROLE {role}; CREATE TABLE owned (x int); ALTER TABLE owned OWNER TO {role}")
    try:
        claimed = claim(database)
        judge(database, claimed)
        database.sql("ALTER TABLE owned OWNER TO CURRENT_USER")
        with pytest.raises(PostgresServerError, match=f"claims: role {role}"):
            judge(database, claimed)
    finally:
        database.sql(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_where_the_dump_saw_a_sequence_move_any_place_on_its_way_will_do(database: Database) -> None:
    claimed = claim(database)
    claimed["sequences"]["public.up"] = {"from": [10, True], "to": [12, True]}
    claimed["sequences"]["public.down"] = {"from": [10, False], "to": [6, True]}
    for up, down in ((10, 10), (11, 8), (12, 6)):
        database.sql(f"SELECT setval('up', {up}), setval('down', {down})")
        judge(database, claimed)
    database.sql("SELECT setval('up', 13), setval('down', 4)")
    with pytest.raises(PostgresServerError, match=r"claims: sequence public\.down, sequence public\.up"):
        judge(database, claimed)
    claimed["sequences"] = {"public.up": None, "public.down": None}
    judge(database, claimed)


KINDS = [
    ("smallint", "1", "2"),
    ("bigint", "1", "NULL"),
    ("boolean", "true", "false"),
    ("text", "'a'", "'a '"),
    ("char(5)", "'a'", "'b'"),
    ("bpchar", "'a'", "'a '"),
    ("numeric", "1.0", "1.00"),
    ("double precision", "'0'", "'-0'"),
    ("interval", "'1 month'", "'30 days'"),
    ("date", "'2026-11-24'", "'2026-11-25'"),
    ("timestamptz", "'2026-11-24 03:15+00'", "'2026-11-24 03:15+01'"),
    ("timestamp", "'infinity'", "'-infinity'"),
    ("time", "'03:15'", "'03:16'"),
    ("uuid", "'c8b0b6a2-0000-4000-8000-000000000000'", "'c8b0b6a2-0000-4000-8000-000000000001'"),
    ("jsonb", """'{"a": [1, null]}'""", """'{"a": [null, 1]}'"""),
    ("json", """'{"a": 1}'""", """'{"a":1}'"""),
    ("bytea", "'\\x00'", "'\\x0000'"),
    ("int[]", "'{1,2}'", "'{{1,2}}'"),
    ("tsvector", "'a:1'", "'a:2'"),
    ("point", "'(1,2)'", "'(2,1)'"),
    ("mood", "'sad'", "'ok'"),
]


@pytest.mark.parametrize(("kind", "value", "other"), KINDS, ids=[kind for kind, _value, _other in KINDS])
def test_a_digest_tells_one_value_from_another(database: Database, kind: str, value: str, other: str) -> None:
    database.sql(
        f"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE one (a {kind}, b int); INSERT INTO one VALUES ({value}, 1)"
    )
    digests = []
    for change in ("SELECT 1", f"UPDATE one SET a = {other}", f"UPDATE one SET a = {value}"):
        database.sql(change)
        query = database.sql(f"SELECT query FROM ({catalog.tables(Scope())}) AS q WHERE title = 'public.one'")
        digests.append(database.sql(f"SET timezone = 'UTC'; {query}"))
    assert digests[0] == digests[2] != digests[1]
