# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What belongs to Supabase, the list of an archive, and the complaints of psql."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.failures import Failures, OwnersFilter
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.project import shares_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.scope import Scope
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.supabase import (
    is_reserved_role,
    is_reserved_schema,
    managed_scope,
    project_scope,
    require_route,
    role_statement,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.toc import parse_toc, use_list

# As pg_restore 15.18 prints it.
LIST = """;
; Archive created at 2026-11-24 03:15:00 UTC
;     dbname: postgres
;
2; 3079 16400 EXTENSION - pgcrypto
3700; 0 0 COMMENT - EXTENSION pgcrypto
6; 2615 16390 SCHEMA - reports postgres
248; 1255 16700 FUNCTION public add(integer, text) postgres
239; 1259 16500 TABLE public orders postgres
3701; 0 0 ACL public TABLE orders postgres
3702; 0 0 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES postgres
3703; 0 0 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES supabase_admin
3704; 0 0 TABLE DATA public orders postgres
3705; 0 0 SEQUENCE SET public orders_number_seq postgres
3500; 2606 16600 FK CONSTRAINT public orders orders_customer_fkey postgres
3600; 3466 16800 EVENT TRIGGER - pgrst_ddl_watch supabase_admin
3601; 3466 16801 EVENT TRIGGER - mine postgres
3602; 6104 16802 PUBLICATION - supabase_realtime postgres
3603; 6106 16803 PUBLICATION TABLE public supabase_realtime orders postgres
3604; 6104 16804 PUBLICATION - warehouse postgres
3605; 0 0 ACL pg_catalog FUNCTION pg_reload_conf() supabase_admin
""".replace("pgcrypto\n", "pgcrypto \n")  # where there is no owner, there is a blank


def test_the_list_of_an_archive() -> None:
    entries = parse_toc(LIST)
    assert len(entries) == 17
    found = {each.line.split(";")[0]: (each.kind, each.schema, each.name, each.owner) for each in entries}
    assert found["2"] == ("EXTENSION", "-", "pgcrypto", "")
    assert found["248"] == ("FUNCTION", "public", "add(integer, text)", "postgres")
    assert found["3704"] == ("TABLE DATA", "public", "orders", "postgres")
    assert found["3703"] == ("DEFAULT ACL", "public", "DEFAULT PRIVILEGES FOR TABLES", "supabase_admin")
    assert use_list(entries) == "".join(f"{line}\n" for line in LIST.splitlines() if not line.startswith(";"))


def test_who_sees_to_what() -> None:
    shares = shares_of(parse_toc(LIST), event_triggers=["pgrst_ddl_watch"])
    assert [each.name for each in shares.extensions] == ["pgcrypto"]
    assert [each.name for each in shares.left] == ["EXTENSION pgcrypto", "pgrst_ddl_watch"]
    assert [(each.kind, each.name) for each in shares.tolerated] == [
        ("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES"),
        ("PUBLICATION", "supabase_realtime"),
        ("PUBLICATION TABLE", "supabase_realtime orders"),
        ("ACL", "FUNCTION pg_reload_conf()"),
    ]
    assert len(shares.own) == 10
    assert {each.owner for each in shares.own} == {"postgres"}


@pytest.mark.parametrize("name", ["auth", "storage", "vault", "_realtime", "_timescaledb_internal", "timescaledb_x"])
def test_a_schema_of_supabase(name: str) -> None:
    assert is_reserved_schema(name)
    assert not is_reserved_schema(f"my_{name}")
    with pytest.raises(RefusedError, match=f"schema {name} belongs to Supabase"):
        project_scope(Scope(schemas=(name, "public")), [name], "Failed")


@pytest.mark.parametrize("name", ["anon", "service_role", "postgres", "supabase_anything", "cli_login_x"])
def test_a_role_of_supabase(name: str) -> None:
    assert is_reserved_role(name)
    assert not is_reserved_role(f"my_{name}")


def test_what_is_dumped() -> None:
    known = ["public", "auth", "storage", "timescaledb_information"]
    scope = project_scope(Scope(exclude_schemas=("old",)), known, "Failed")
    assert {"old", "auth", "vault", "timescaledb_information"} <= set(scope.exclude_schemas)
    assert "public" not in scope.exclude_schemas
    assert managed_scope(scope, known) == Scope(schemas=("auth", "storage"))
    assert managed_scope(Scope(schemas=("public",)), known) is None
    assert managed_scope(scope, ["public"]) is None


def test_a_role_is_made_without_what_only_a_superuser_may_say() -> None:
    statement = "ALTER ROLE shop WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS"
    assert role_statement(statement) == "ALTER ROLE shop WITH INHERIT NOCREATEROLE NOCREATEDB LOGIN"
    assert role_statement("ALTER ROLE shop SET x TO ' NOSUPERUSER'") == "ALTER ROLE shop SET x TO ' NOSUPERUSER'"


@pytest.mark.parametrize(
    ("host", "port", "user"),
    [
        ("aws-0-us-east-1.pooler.supabase.com", "5432", "postgres.abcdefghijklmnopqrst"),
        ("db.abcdefghijklmnopqrst.supabase.co", "5432", "postgres"),
        ("127.0.0.1", "6543", "postgres"),
    ],
)
def test_a_way_that_is_none_of_the_transaction_mode(host: str, port: str, user: str) -> None:
    login = Login({"host": host, "port": port, "user": user}, "postgres")
    require_route(login)
    with pytest.raises(RefusedError, match="transaction mode"):
        require_route(Login({"host": "aws-1-eu.pooler.supabase.com", "port": "6543", "user": user}, "postgres"))


SCRIPT = """SET lock_timeout = 0;
--
-- Name: supabase_realtime; Type: PUBLICATION; Schema: -; Owner: postgres
--
CREATE PUBLICATION supabase_realtime;
--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: supabase_admin
--
ALTER DEFAULT PRIVILEGES FOR ROLE supabase_admin GRANT ALL ON TABLES TO anon;
"""


def test_complaints_are_kept_by_object() -> None:
    failures = Failures(parse_toc(LIST))
    failures.read(SCRIPT.splitlines(keepends=True))
    for line in (
        "psql:/var/tmp/tolerated.sql:5: ERROR:  42710: publication already exists",
        "LOCATION:  CreatePublication, publicationcmds.c:770",
        "psql:/var/tmp/tolerated.sql:9: ERROR:  42501: permission denied to change default privileges",
        "psql:/var/tmp/dump.pgdump.sql:9: ERROR:  fatal for all",
        "psql:/var/tmp/tolerated.sql:1: ERROR:  42704: unrecognized",
    ):
        failures.see(line)
    assert failures.found == [
        {
            "type": "DEFAULT ACL",
            "name": "public.DEFAULT PRIVILEGES FOR TABLES",
            "reason": "permission denied to change default privileges",
        },
        {"type": "SETTING", "name": "line 1", "reason": "unrecognized"},
    ]


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_owners_that_cannot_be_given_become_comments(size: int) -> None:
    text = (
        b"BEGIN;\nCREATE FUNCTION x AS $$\nBEGIN;\n$$;\nALTER TABLE public.a OWNER TO supabase_admin;\n"
        b"ALTER TABLE public.b OWNER TO postgres;\nCOPY public.a (t) FROM stdin;\n"
        b"ALTER TABLE public.c OWNER TO supabase_admin;\n\\.\nCOMMIT;\nthe rest"
    )
    owners = OwnersFilter(["supabase_admin"])
    found = b"".join(owners.see(text[at : at + size]) for at in range(0, len(text), size)) + owners.rest()
    expected = text.replace(b"ALTER TABLE public.a", b"-- ALTER TABLE public.a").replace(b"BEGIN;\n", b"\n", 1)
    assert found == expected
    assert [each["name"] for each in owners.failures] == ["TABLE public.a"]
