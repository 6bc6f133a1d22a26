# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database dumped, lost and restored, on a real server; what comes back is looked at with psql."""

from __future__ import annotations

import pathlib

import psycopg2
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import jobs_from
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.verify import verifier_from

from tests.unit.plugins.module_utils._postgres.conftest import PLACE, Database


def test_what_was_lost_comes_back_and_a_second_run_changes_nothing(database: Database) -> None:
    taken = database.back_up()
    rows = int(database.sql("SELECT count(*) FROM system_logs"))
    assert taken["manifest"]["proof"]["tables"]["public.system_logs"]["rows"] == rows
    database.sql("DROP TABLE system_logs CASCADE")
    plan = database.restore(check_mode=True)
    assert plan["diff"]["after"]["rows"]["public.system_logs"] == rows
    done = database.restore()
    assert done["proof"]["equal"] is True
    assert (done["database"], done["user"]) == (database.name, database.params()["user"])
    assert int(database.sql("SELECT count(*) FROM system_logs")) == rows
    assert database.sql("SELECT to_regclass('system_logs')", done["previous"]) == ""
    assert database.restore()["changed"] is False
    assert list(database.work.iterdir()) == []


def test_what_a_run_left_that_was_killed_after_its_swap_goes_with_the_next(database: Database) -> None:
    database.back_up()
    left = f"{database.name}_restore_0123abcd"
    database.server.psql(f"CREATE DATABASE {left} CONNECTION LIMIT 10307")
    (database.work / "chatbot-ops-4194305-x").mkdir()  # no process has such a number
    exists = f"SELECT count(*) FROM pg_database WHERE datname = '{left}'"
    assert database.restore(check_mode=True)["changed"] is False
    assert database.sql(exists) == "1"
    assert database.restore(work_dir=str(database.work / "missing"))["changed"] is False
    assert database.restore()["changed"] is False
    assert database.sql(exists) == "0"
    assert list(database.work.iterdir()) == []


def test_a_database_that_was_set_up_anew_is_not_backed_up(database: Database) -> None:
    database.back_up()
    tables = database.sql("SELECT string_agg(tablename, ', ') FROM pg_tables WHERE schemaname = 'public'")
    database.sql(f"TRUNCATE {tables}")
    with pytest.raises(RefusedError, match="holds no row in any table"):
        database.back_up()


def test_a_dropped_database_comes_back_under_its_name(database: Database) -> None:
    database.back_up()
    database.server.psql(f"DROP DATABASE {database.name}")
    assert database.restore(replace=False)["previous"] is None
    assert int(database.sql("SELECT count(*) FROM system_logs")) > 0


def test_in_place_keeps_the_database_and_a_backup_of_what_was_there(database: Database) -> None:
    database.back_up()
    oid = f"SELECT oid FROM pg_database WHERE datname = '{database.name}'"
    before = database.sql(oid), database.sql("SELECT count(*) FROM system_logs")
    database.sql("DELETE FROM system_logs")
    done = database.restore(method="in_place")
    assert done["proof"]["equal"] is True
    assert (database.sql(oid), database.sql("SELECT count(*) FROM system_logs")) == before
    assert done["user"] == database.params()["user"]
    copy, taken = database.repository.entries(PLACE)
    assert copy.manifest is not None
    assert (copy.backup_id, copy.manifest.safety_copy_for) == (done["previous"], taken.backup_id)
    # The newest backup is still the one that was restored, not that of what was there.
    assert database.restore(method="in_place")["changed"] is False
    assert database.sql("SELECT count(*) FROM system_logs") == before[1]


def test_in_place_takes_everything_back_where_the_restored_is_not_the_backup(database: Database) -> None:
    taken = database.back_up()
    # What the backup does not know stays, and here spoils what comes back.
    database.sql(
        """CREATE FUNCTION spoil() RETURNS event_trigger LANGUAGE plpgsql AS $$
           BEGIN DELETE FROM public.system_logs; END $$;
           CREATE EVENT TRIGGER spoil ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION spoil();
           DELETE FROM system_logs WHERE level = 'error'"""
    )
    before = database.sql("SELECT count(*) FROM system_logs")
    with pytest.raises(OpsError, match=r"not what the backup claims: table public\.system_logs"):
        database.restore(method="in_place")
    assert database.sql("SELECT count(*) FROM system_logs") == before != "0"
    assert list(database.work.iterdir()) == []
    # Run again when that is mended, it restores the same backup, not the copy of what was to be replaced.
    database.sql("DROP EVENT TRIGGER spoil")
    again = database.restore(method="in_place")
    assert (again["changed"], again["backup_id"]) == (True, taken["backup_id"])
    assert database.sql("SELECT count(*) FROM system_logs") == "500"


def test_in_place_refuses_tables_that_the_backup_does_not_know(database: Database) -> None:
    database.back_up()
    database.sql("CREATE TABLE later (x int)")
    with pytest.raises(RefusedError, match=r"tables that the backup does not know: public\.later"):
        database.restore(method="in_place")


def test_scratch_leaves_the_database_alone(database: Database) -> None:
    database.back_up()
    database.sql("DELETE FROM system_logs")
    name = f"{database.name}_beside"
    assert database.restore(method="scratch", target_dbname=name, replace=False)["database"] == name
    assert database.sql("SELECT count(*) FROM system_logs") == "0"
    assert database.sql("SELECT count(*) FROM system_logs", name) == "500"
    with pytest.raises(RefusedError, match="target_dbname"):
        database.restore(method="scratch")


def test_a_database_that_nobody_agreed_to_replace(database: Database) -> None:
    database.back_up()
    database.sql("CREATE TABLE later (x int)")
    with pytest.raises(RefusedError, match="Say replace: true"):
        database.restore(replace=False)
    assert database.sql("SELECT to_regclass('later')") == "later"


def test_a_missing_role_is_refused_or_created(database: Database) -> None:
    role = f"{database.name}_owner"
    database.sql(
        f"CREATE ROLE {role} LOGIN PASSWORD 'secret'; CREATE TABLE owned (x int); ALTER TABLE owned OWNER TO {role}"
    )
    database.back_up()
    database.server.psql(f"DROP DATABASE {database.name}")
    database.server.psql(f"DROP ROLE {role}")
    with pytest.raises(RefusedError, match=f"lacks the roles {role}"):
        database.restore()
    assert database.restore(create_roles=True)["proof"]["equal"] is True
    assert database.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'") == role
    database.server.psql(f"DROP DATABASE {database.name}")
    database.server.psql(f"DROP ROLE {role}")


def test_connections_are_ended_in_the_moment_of_the_swap(database: Database) -> None:
    database.back_up()
    database.sql("CREATE TABLE later (x int)")
    held = psycopg2.connect(database.server.dsn(database.name))
    assert database.restore()["changed"] is True
    with pytest.raises(psycopg2.OperationalError):
        held.cursor().execute("SELECT 1")
    held.close()


def test_rows_that_are_left_out_come_back_empty(database: Database) -> None:
    database.back_up(exclude_table_data=["public.system_logs"], globals=False)
    database.sql("CREATE TABLE later (x int)")
    assert database.restore()["proof"]["equal"] is True
    assert database.sql("SELECT count(*) FROM system_logs") == "0"
    assert database.sql("SELECT count(*) FROM subscribers") != "0"


def test_one_schema_alone(database: Database) -> None:
    database.sql("CREATE SCHEMA more; CREATE TABLE more.things AS SELECT 1 AS x")
    taken = database.back_up(schemas=["more"])
    assert list(taken["manifest"]["proof"]["tables"]) == ["more.things"]
    with pytest.raises(RefusedError, match="no schema missing"):
        database.back_up(schemas=["missing"])


class TestVerify:
    def test_to_each_level(self, database: Database) -> None:
        database.back_up()
        manifest = choose(database.repository.entries(PLACE), Choice(), "x")
        fetcher, verifier = Fetcher(database.repository, manifest), verifier_from(database.params())
        verifier.structure(manifest, fetcher)
        before = database.sql("SELECT count(*) FROM pg_database")
        assert verifier.restore(manifest, fetcher).equal
        assert database.sql("SELECT count(*) FROM pg_database") == before

    def test_a_cut_payload(self, database: Database) -> None:
        backup_id = database.back_up()["backup_id"]
        manifest = choose(database.repository.entries(PLACE), Choice(), "x")
        payload = pathlib.Path(database.repository.title, str(PLACE), backup_id, "dump.pgdump.zst")
        payload.write_bytes(payload.read_bytes()[:-100])
        with pytest.raises(DamagedError):
            verifier_from(database.params()).structure(manifest, Fetcher(database.repository, manifest))


class TestParameters:
    def test_a_wrong_password_is_told_without_it(self, database: Database) -> None:
        with pytest.raises(OpsError, match="Failed to connect") as caught:
            database.back_up(password="hunter2hunter2")
        assert "hunter2" not in str(caught.value)

    def test_a_dsn(self, database: Database) -> None:
        login = database.server.connection(database.name)
        alone = dict.fromkeys(("host", "port", "user", "password", "dbname"))
        dsn = "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**login)
        assert database.back_up(**alone, dsn=dsn)["changed"] is True
        with pytest.raises(RefusedError, match="no connection string"):
            database.back_up(**alone, dsn="a secret")

    def test_no_database(self, database: Database) -> None:
        with pytest.raises(RefusedError, match="No database is named"):
            database.back_up(dbname=None)

    def test_jobs(self) -> None:
        assert jobs_from({"jobs": 3}) == 3
        with pytest.raises(RefusedError, match="less than 1"):
            jobs_from({"jobs": 0})

    def test_clients_that_are_not_there(self, database: Database) -> None:
        with pytest.raises(OpsError):
            database.back_up(bin_dir="/nonexistent")
