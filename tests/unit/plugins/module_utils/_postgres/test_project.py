# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Supabase projects dumped and restored, on real servers prepared like theirs; looked at with psql as their superuser."""

from __future__ import annotations

import pathlib
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.verify import verifier_from

from tests.support.supabase_server import APPLICATION, DATABASE, SupabaseServer
from tests.unit.plugins.module_utils._postgres.conftest import PLACE, Database

USERS = "SELECT string_agg(email, ',' ORDER BY email) FROM auth.users"
ORDERS = "SELECT count(*), sum(total) FROM public.orders"
#: What a project's user cannot do anywhere: the server's own functions, defaults of supabase_admin, rows of an audit log.
FAILED_ALWAYS = [
    ("ACL", "pg_catalog.FUNCTION pg_reload_conf()"),
    ("DEFAULT ACL", "public.DEFAULT PRIVILEGES FOR TABLES"),
    ("TABLE DATA", "auth.audit_log_entries"),
]


class Project(Database):
    """A project, as its user reaches it."""

    server: SupabaseServer

    def params(self, **more: Any) -> dict[str, Any]:
        return super().params(**{**self.server.user_connection(), "method": "in_place", "provider": "supabase", **more})


def made(folder: pathlib.Path, migration: str, flavour: str) -> Iterator[Project]:
    folder.mkdir()
    with SupabaseServer(migration, flavour) as server:
        yield Project(server, DATABASE, folder)


@pytest.fixture
def flavour() -> str:
    """The PostgreSQL that the projects run."""
    return "wheel"


@pytest.fixture
def project(tmp_path: pathlib.Path, flavour: str) -> Iterator[Project]:
    for each in made(tmp_path / "one", "1", flavour):
        each.server.as_user(APPLICATION)
        yield each


@pytest.fixture
def other(tmp_path: pathlib.Path, project: Project, flavour: str) -> Iterator[Project]:
    """A new project, which knows the repository of the first one."""
    for each in made(tmp_path / "two", "2", flavour):
        each.repository = project.repository
        yield each


def failed(done: dict[str, Any]) -> list[tuple[str, str]]:
    assert done["failed_objects_count"] == len(done["failed_objects"])
    return [(each["type"], each["name"]) for each in done["failed_objects"]]


def test_a_dump_holds_what_is_the_users_own(project: Project) -> None:
    manifest = project.back_up()["manifest"]
    assert sorted(manifest["proof"]["tables"]) == ["public.customers", "public.orders", "public.system_logs"]
    assert manifest["details"]["managed"]["auth.users"]["rows"] == 20
    assert "auth.schema_migrations" not in manifest["details"]["managed"]
    assert manifest["details"]["provider"] == "supabase"


# Up to version 15, who creates a role does not become its admin.
@pytest.mark.parametrize("flavour", ["wheel", "auto"])
def test_a_new_project_becomes_the_old_one(project: Project, other: Project) -> None:
    project.back_up()
    done = other.restore(create_roles=True)
    assert done["changed"] is True
    for question in (USERS, ORDERS, "SELECT count(*) FROM storage.buckets", "SELECT count(*) FROM auth.refresh_tokens"):
        assert other.sql(question) == project.sql(question) != "0"
    assert other.sql("SELECT version FROM auth.schema_migrations") == "2"
    assert other.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'orders'") == "postgres"
    assert other.sql("SELECT has_table_privilege('shop_reports', 'reports.totals', 'SELECT')") == "t"
    assert other.sql("SELECT has_table_privilege('anon', 'public.orders', 'INSERT')") == "t"
    assert other.sql("SELECT tablename FROM pg_publication_tables WHERE pubname = 'supabase_realtime'") == "orders"
    assert other.sql("SELECT count(*) FROM pg_policies WHERE tablename = 'customers'") == "1"
    assert other.sql("SELECT nextval('auth.refresh_tokens_id_seq')") == "21"
    assert failed(done) == FAILED_ALWAYS
    assert list(other.work.iterdir()) == []


def test_a_second_time_changes_nothing(project: Project) -> None:
    project.back_up()
    assert project.restore()["changed"] is False
    project.sql("DELETE FROM auth.refresh_tokens")
    assert project.restore(check_mode=True)["changed"] is True
    assert project.restore()["changed"] is True
    assert project.sql("SELECT count(*) FROM auth.refresh_tokens") == "20"


def test_the_project_itself_comes_back(project: Project) -> None:
    project.back_up()
    before = [project.sql(each) for each in (USERS, ORDERS)]
    project.sql(
        "DELETE FROM public.orders; DELETE FROM auth.users WHERE email LIKE 'user1%'; DROP TABLE public.system_logs CASCADE"
    )
    done = project.restore()
    assert [project.sql(each) for each in (USERS, ORDERS)] == before
    assert project.sql("SELECT count(*) FROM public.system_logs") == "20"
    assert failed(done) == FAILED_ALWAYS
    assert done["previous"] == project.repository.entries(PLACE)[0].backup_id
    assert project.sql("SELECT count(*) FROM pg_event_trigger") == "1"


def test_what_fails_of_ones_own_takes_everything_back(project: Project, other: Project) -> None:
    project.back_up()
    other.server.as_user("CREATE VIEW public.mine AS SELECT 1 AS x; CREATE TABLE public.keep AS SELECT 1 AS x")
    other.server.psql("ALTER TABLE auth.users ALTER COLUMN encrypted_password TYPE varchar(3)")
    before = other.sql("SELECT count(*) FROM pg_class")
    with pytest.raises(OpsError, match="tables that the backup does not know"):
        other.restore(create_roles=True)
    other.server.as_user("DROP TABLE public.keep")
    with pytest.raises(OpsError, match="value too long"):
        other.restore(create_roles=True)
    assert other.sql("SELECT to_regclass('public.orders')") == ""
    assert other.sql("SELECT count(*) FROM auth.users") == "0"
    assert int(before) - int(other.sql("SELECT count(*) FROM pg_class")) <= 3
    assert other.sql("SELECT count(*) FROM pg_roles WHERE rolname = 'shop_reports'") == "0"


def test_a_table_of_another_version_of_supabase(project: Project, other: Project) -> None:
    other.server.psql("ALTER TABLE auth.refresh_tokens DROP COLUMN token; ALTER TABLE auth.users ADD COLUMN phone text")
    other.server.psql("REVOKE UPDATE ON SEQUENCE auth.refresh_tokens_id_seq FROM postgres")
    project.back_up()
    done = other.restore(create_roles=True)
    assert other.sql(USERS) == project.sql(USERS)
    assert {("TABLE DATA", "auth.refresh_tokens"), ("SEQUENCE SET", "auth.refresh_tokens_id_seq")} <= {*failed(done)}
    reasons = [each["reason"] for each in done["failed_objects"] if each["name"] == "auth.refresh_tokens"]
    assert reasons == ["this project's table has no column token"]


def test_a_user_that_may_not_replicate_is_told(project: Project) -> None:
    project.back_up()
    project.sql("REVOKE SET ON PARAMETER session_replication_role FROM postgres; DELETE FROM public.system_logs")
    done = project.restore()
    assert ("TABLE DATA", "auth.users") in failed(done)
    assert project.sql("SELECT count(*) FROM public.system_logs") == "20"


def test_what_supabase_owns_among_ones_own_stays_with_the_user(project: Project, other: Project) -> None:
    project.sql("CREATE TABLE public.by_dashboard AS SELECT 'ALTER TABLE x OWNER TO supabase_admin;' AS text")
    project.sql("ALTER TABLE public.by_dashboard OWNER TO supabase_admin; GRANT ALL ON public.by_dashboard TO postgres")
    project.back_up()
    done = other.restore(create_roles=True)
    assert ("OWNER", "TABLE public.by_dashboard") in failed(done)
    assert other.sql(
        "SELECT tableowner, text FROM pg_tables, public.by_dashboard WHERE tablename = 'by_dashboard'"
    ) == ("postgres|ALTER TABLE x OWNER TO supabase_admin;")


def test_what_cannot_be(project: Project) -> None:
    with pytest.raises(RefusedError, match="schema auth belongs to Supabase"):
        project.back_up(schemas=["auth"])
    project.back_up()
    with pytest.raises(RefusedError, match="Use method: in_place"):
        project.restore(method="swap")
    with pytest.raises(RefusedError, match="transaction mode"):
        project.back_up(host="aws-0-eu-west-1.pooler.supabase.com", port="6543", user="postgres.abcdefghijklmnopqrst")
    with pytest.raises(RefusedError, match="names none of them"):
        project.back_up(host="aws-0-eu-west-1.pooler.supabase.com", port="5432")
    with pytest.raises(OpsError, match=r"needs IPv6.*postgres\.abcdefghijklmnopqrst") as caught:
        project.back_up(host="db.abcdefghijklmnopqrst.supabase.co", port="5432")
    assert project.server.user_password not in str(caught.value)


def test_a_server_that_is_no_project(project: Project, database: Database) -> None:
    project.back_up()
    database.repository = project.repository
    with pytest.raises(RefusedError, match="it is no Supabase project"):
        database.restore(method="in_place", provider="supabase")


def test_verification_looks_into_all_payloads(project: Project) -> None:
    backup_id = project.back_up()["backup_id"]
    manifest = choose(project.repository.entries(PLACE), Choice(), "x")
    fetcher, verifier = Fetcher(project.repository, manifest), verifier_from(project.params())
    verifier.structure(manifest, fetcher)
    with pytest.raises(RefusedError, match="to the level structure"):
        verifier.restore(manifest, fetcher)
    payload = pathlib.Path(project.repository.title, str(PLACE), backup_id, "managed.pgdump.zst")
    payload.write_bytes(payload.read_bytes()[:-10] + secrets.token_bytes(10))
    with pytest.raises(OpsError):
        verifier.structure(manifest, fetcher)
