# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old rows move while clients insert, and are killed on the way: every row is in exactly one place. Looked at by psql,
zstd and age alone.
"""

from __future__ import annotations

import json
import os
import random
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests.integration.logs import Logs
from tests.support.log_table import Clients, fill
from tests.support.zygote import Zygote

OLD, NEW = 20_000, 5_000
KILLS = int(os.environ.get("CHATBOT_KILLS", "8"))


def places(logs: Logs, goal: str) -> list[str]:
    """Return the tables and queries that together hold every row."""
    if goal == "table":
        archive = logs.sql("SELECT to_regclass('public.system_logs_archive')")
        return ["system_logs", *([archive] if archive else [])]
    if goal == "delete":
        return ["system_logs"]
    return ["system_logs", logs.stored()]


@pytest.mark.parametrize("goal", ["table", "repository", "delete"])
def test_every_row_is_in_one_place_while_clients_insert(zygote: Zygote, logs: Logs, goal: str) -> None:
    fill(logs.server, logs.database, OLD, NEW)
    old = "(SELECT * FROM system_logs WHERE created_at < now() - interval '35 days') o"
    before, kept = logs.digest("system_logs"), logs.digest(old)
    assert kept[0] == OLD
    params = {**logs.params, "to": goal, "object_rows": 6_000}

    checked = zygote.run("log_archive", params, check=True)
    assert (checked["changed"], checked["rows"]) == (True, OLD)
    assert sum(checked["diff"]["before"]["rows"].values()) == OLD
    assert logs.digest("system_logs") == before, "check mode touches nothing"
    assert logs.sql("SELECT count(*) FROM pg_class WHERE relname LIKE 'system_logs_archive%'") == "0"

    with Clients(logs.server.dsn(logs.database), 4, pause=0.002).at_work() as clients:
        result = zygote.run("log_archive", params)
    assert clients.errors == []
    assert (result["rows"], result["complete"], result["vacuumed"]) == (OLD, True, True)
    assert result["months"] == checked["months"]
    written = len(clients.acknowledged)
    assert written > 0
    assert logs.sql("SELECT count(*) FROM system_logs") == str(NEW + written)
    mine = "(SELECT * FROM system_logs WHERE message <> 'client') m"
    if goal == "table":
        assert logs.digest(mine, "system_logs_archive") == before
        assert logs.digest("system_logs_archive") == kept
    elif goal == "repository":
        assert logs.digest(mine, logs.stored()) == before
        assert len(logs.manifests()) == len(result["backups"]) >= 4
        assert logs.sql("SELECT count(*) FROM system_logs_archive_state") == "0"
    again = zygote.run("log_archive", params)
    assert (again["changed"], again["rows"]) == (False, 0)


def old_rows(logs: Logs) -> int:
    """How many rows are still to be archived."""
    return int(logs.sql("SELECT count(*) FROM system_logs WHERE created_at < now() - interval '35 days'"))


@pytest.mark.parametrize("goal", ["table", "repository", "delete"])
def test_killed_runs_neither_lose_nor_double_a_row(zygote: Zygote, logs: Logs, goal: str) -> None:
    fill(logs.server, logs.database, OLD, NEW)
    before = logs.digest("system_logs")
    new = logs.digest("(SELECT * FROM system_logs WHERE created_at > now() - interval '35 days') n")
    params = {**logs.params, "to": goal, "batch_size": 100, "object_rows": 1_000, "vacuum": False}
    rng = random.Random(goal)
    halfway = 0
    with Clients(logs.server.dsn(logs.database), 4, pause=0.01).at_work() as clients:
        for number in range(KILLS):
            there = old_rows(logs)
            run = zygote.start("log_archive", params)
            # Each second one in the midst of its work; the others later and later, also before that and after.
            while number % 2 and not run.ended(0.01) and old_rows(logs) == there:
                pass
            run.ended(rng.uniform(0, 0.03 * 1.5**number))
            run.kill()
            halfway += 0 < old_rows(logs) < OLD
            mine = [f"(SELECT * FROM {each} WHERE message <> 'client') x" for each in places(logs, goal)]
            if goal == "table":
                assert logs.digest(*mine) == before, "at any instant"
            logs.settle()
        result = zygote.run("log_archive", params)
    assert halfway, "at least one was killed in its work"
    assert (result["complete"], clients.errors) == (True, [])
    mine = [f"(SELECT * FROM {each} WHERE message <> 'client') x" for each in places(logs, goal)]
    if goal == "delete":
        assert logs.digest(*mine) == new
    else:
        assert logs.digest(*mine) == before
        assert logs.digest(mine[0]) == new
    ids = logs.sql("SELECT count(*) FROM system_logs WHERE message = 'client'")
    assert ids == str(len(clients.acknowledged)), "what the server acknowledged is there"


def test_a_late_and_a_changed_row_stay_where_a_killed_run_is_resumed(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 3_000, 10, months=1)
    # Nothing can be deleted while another session holds the rows: the run stores them, gives up, and is complete next time.
    params = {**logs.params, "to": "repository", "vacuum": False}
    logs.sql(
        "CREATE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''not now''; END';"
        "CREATE TRIGGER forbid BEFORE DELETE ON system_logs FOR EACH STATEMENT EXECUTE FUNCTION forbid()"
    )
    failed = zygote.run("log_archive", params, fails=True)
    assert "not now" in failed["msg"]
    assert logs.sql("SELECT count(*) FROM system_logs") == "3010"
    logs.sql("DROP TRIGGER forbid ON system_logs; ALTER TABLE system_logs ADD COLUMN trace bigint DEFAULT 5")
    logs.sql(
        "INSERT INTO system_logs (level, message, created_at) SELECT 'info', 'late', min(created_at) + interval '1 second' "
        "FROM system_logs;"
        "UPDATE system_logs SET message = 'changed' WHERE id = (SELECT id FROM system_logs ORDER BY created_at LIMIT 1);"
        "DELETE FROM system_logs WHERE message NOT IN ('late', 'changed') AND created_at < now() - interval '35 days' "
        "AND id = (SELECT id FROM system_logs WHERE message NOT IN ('late', 'changed') ORDER BY created_at LIMIT 1)"
    )
    (manifest,) = logs.manifests()
    rows = json.loads(manifest.read_text(encoding="utf-8"))["proof"]["rows"]
    for other in ({"to": "table"}, {"to": "delete"}, {"stack": "another"}):
        refused = zygote.run("log_archive", {**params, **other}, fails=True)
        assert manifest.parent.name in refused["msg"]
    checked = zygote.run("log_archive", {**params, "row_budget": 1}, check=True)
    assert checked["diff"]["before"]["unfinished"] == [manifest.parent.name]
    # A budget that is spent by what is resumed: nothing new is begun.
    result = zygote.run("log_archive", {**params, "row_budget": 1})
    assert (result["resumed"], result["rows"], logs.manifests()) == ([manifest.parent.name], rows - 2, [manifest])
    left = "SELECT string_agg(message, ',' ORDER BY message) FROM system_logs WHERE message IN ('late', 'changed')"
    assert logs.sql(left) == "changed,late"
    assert zygote.run("log_archive", params)["rows"] == 3_000 - rows + 2
    assert logs.sql("SELECT count(*) FROM system_logs") == "10"


def test_an_archive_table_by_month_follows_the_table(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 2_000, 10)
    before = logs.digest("system_logs")
    logs.sql(
        "CREATE ROLE web NOLOGIN; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO web;"
        "ALTER TABLE system_logs ENABLE ROW LEVEL SECURITY"
    )
    params = {**logs.params, "partition": "month"}
    try:
        first = zygote.run("log_archive", {**params, "row_budget": 700})
        assert (first["rows"], first["complete"]) == (700, False)
        logs.sql("ALTER TABLE system_logs ADD COLUMN trace bigint; UPDATE system_logs SET trace = 7")
        second = zygote.run("log_archive", params)
        assert (second["rows"], second["complete"]) == (1_300, True)
        assert logs.digest("system_logs", "system_logs_archive") == before
        assert logs.sql("SELECT count(*), sum(trace) FROM system_logs_archive") == f"2000|{7 * 1_300}"
        partitions = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'system_logs_archive'::regclass"
        assert int(logs.sql(partitions)) == len({*first["months"], *second["months"]}) >= 3
        open_to_web = "relrowsecurity AND NOT has_table_privilege('web', oid, 'SELECT')"
        assert (
            logs.sql(f"SELECT bool_and({open_to_web}) FROM pg_class WHERE relname ~ '^system_logs_archive(_20.._..)?$'")
            == "t"
        )
        back = zygote.run("log_restore", {**logs.params, "source": "table"})
        assert back["rows"] == 2_000
        assert logs.digest("system_logs") == before
        assert logs.sql("SELECT count(*) FROM system_logs_archive") == "0"
    finally:
        logs.sql("DROP OWNED BY web; DROP ROLE web")


def test_rows_that_were_brought_back_and_are_the_same_are_archived_once(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 100, 10)
    zygote.run("log_archive", logs.params)
    logs.sql("INSERT INTO system_logs SELECT * FROM system_logs_archive ORDER BY created_at LIMIT 30")
    result = zygote.run("log_archive", logs.params)
    assert (result["changed"], result["rows"], result["already_archived"]) == (True, 0, 30)
    logs.sql(
        "INSERT INTO system_logs SELECT * FROM system_logs_archive LIMIT 1; UPDATE system_logs_archive SET level = 'debug'"
    )
    failed = zygote.run("log_archive", logs.params, fails=True)
    assert "that differ" in failed["msg"]
    assert logs.sql("SELECT count(*) FROM system_logs") == "11"


@pytest.mark.parametrize(
    "key",
    [
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "id int, part text DEFAULT E'a\\tb', PRIMARY KEY (part, id)",
    ],
    ids=["bigint", "composite"],
)
@pytest.mark.parametrize("kind", ["timestamp", "date"])
def test_any_key_and_any_time_serves(zygote: Zygote, logs: Logs, key: str, kind: str) -> None:
    logs.sql(
        f"CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('good', 'bad');"
        f'CREATE TABLE app."Events" ("At" {kind}, value numeric, mood app.mood DEFAULT \'good\', {key});'
        f'INSERT INTO app."Events" ("At", value{", id" if "part" in key else ""}) '
        f"SELECT now() AT TIME ZONE 'UTC' - n * interval '1 day', n * 1.50{', n' if 'part' in key else ''} "
        "FROM generate_series(0, 299) n"
    )
    before = logs.sql('SELECT md5(string_agg(e::text, chr(10) ORDER BY id)) FROM app."Events" e')
    params = {**logs.params, "table": 'app."Events"', "timestamp_column": "At"}
    moved = zygote.run("log_archive", {**params, "older_than": "100d", "batch_size": 7, "row_budget": 90})
    assert (moved["rows"], moved["complete"]) == (90, False)
    stored = zygote.run("log_archive", {**params, "older_than": "100d", "to": "repository"})
    assert 108 <= stored["rows"] <= 110
    assert zygote.run("log_restore", params)["rows"] == stored["rows"]
    assert zygote.run("log_restore", {**params, "source": "table"})["rows"] == 90
    assert logs.sql('SELECT md5(string_agg(e::text, chr(10) ORDER BY id)) FROM app."Events" e') == before


@pytest.mark.parametrize("goal", ["table", "repository", "delete"])
def test_whole_old_partitions_are_taken_off(zygote: Zygote, logs: Logs, goal: str) -> None:
    logs.sql(
        "CREATE TABLE system_logs (id uuid DEFAULT gen_random_uuid(), level text, message text, context jsonb, user_phone text, "
        "workflow_id text, created_at timestamptz, PRIMARY KEY (id, created_at)) PARTITION BY RANGE (created_at);"
        "DO $$ DECLARE m timestamptz := date_trunc('month', now()) - interval '5 months'; BEGIN WHILE m <= now() LOOP "
        "EXECUTE format('CREATE TABLE system_logs_%s PARTITION OF system_logs FOR VALUES FROM (%L) TO (%L)', "
        "to_char(m, 'YYYY_MM'), m, m + interval '1 month'); m := m + interval '1 month'; END LOOP; END $$;"
        "INSERT INTO system_logs (level, message, created_at) SELECT 'info', n::text, now() - n * interval '1 hour' "
        "FROM generate_series(0, 2999) n WHERE now() - n * interval '1 hour' >= date_trunc('month', now()) - interval '5 months'"
    )
    before = logs.digest("system_logs")
    new = logs.digest("(SELECT * FROM system_logs WHERE created_at >= now() - interval '40 days') n")
    params = {**logs.params, "to": goal, "older_than": "40d", "vacuum": False}
    partitions = "SELECT count(*) FROM pg_class WHERE relname ~ '^system_logs_20.._..$'"
    assert logs.sql(partitions) == "6"
    rng = random.Random(goal)
    for _number in range(3):
        zygote.start("log_archive", params).kill() if rng.random() < 0.3 else None
        run = zygote.start("log_archive", params)
        run.ended(rng.uniform(0.05, 0.4))
        run.kill()
    logs.settle()
    result = zygote.run("log_archive", params)
    assert result["complete"] is True
    assert int(logs.sql(partitions)) < 6
    found = [logs.digest("system_logs")[0], logs.digest("system_logs")[1]]
    assert abs(found[0] - new[0]) <= 1, "an hour may have begun meanwhile"
    if goal == "table":
        assert logs.digest("system_logs", "system_logs_archive") == before
    elif goal == "repository":
        assert logs.digest("system_logs", logs.stored()) == before
    assert logs.sql("SELECT count(*) FROM system_logs_archive_state") == "0"


def test_rows_that_others_hold_are_left_and_nobody_waits_long(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 2_000, 10)
    with closing(psycopg2.connect(logs.server.dsn(logs.database))) as other, other.cursor() as cursor:
        cursor.execute("SELECT id FROM system_logs ORDER BY created_at LIMIT 1 FOR UPDATE")
        params = {**logs.params, "batch_size": 200, "lock_timeout": "0.05s"}
        result = zygote.run("log_archive", params)
        assert (result["complete"], result["postponed"]) == (False, 1)
        assert 1_800 <= result["rows"] < 2_000
    assert zygote.run("log_archive", params)["rows"] == 2_000 - result["rows"]


def test_two_at_once_are_one(zygote: Zygote, logs: Logs) -> None:
    fill(logs.server, logs.database, 2_000, 10)
    with closing(psycopg2.connect(logs.server.dsn(logs.database))) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('chatbot.ops log_archive public.system_logs', 0))")
        failed = zygote.run("log_archive", logs.params, fails=True)
    assert failed["error_kind"] == "busy"
    assert logs.sql("SELECT count(*) FROM system_logs") == "2010"


@pytest.mark.parametrize(
    ("change", "params", "words"),
    [
        ("ALTER TABLE system_logs DROP CONSTRAINT system_logs_pkey", {}, "no primary key"),
        (
            "CREATE TABLE notes (log uuid REFERENCES system_logs ON DELETE CASCADE)",
            {},
            "rows of public.notes refer to it",
        ),
        ("", {"timestamp_column": "when"}, "It has created_at"),
        ("", {"table": "system_logs"}, "no table with its schema"),
        ("", {"table": "public.nothing"}, "there is no public.nothing"),
        ("", {"older_than": "a month"}, "not a duration"),
        ("", {"lock_timeout": "0"}, "0 would be no limit"),
        ("", {"to": "delete", "partition": "month"}, "for to: table alone"),
        ("", {"to": "repository", "recipients": ["nobody"]}, "for no recipient"),
        (
            "CREATE TABLE system_logs_archive (id int PRIMARY KEY, created_at timestamptz)",
            {},
            "does not have the shape",
        ),
        (
            "DROP INDEX system_logs_by_time; UPDATE pg_class SET reltuples = 1e6 WHERE oid = 'system_logs'::regclass",
            {},
            "CREATE INDEX CONCURRENTLY",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_touched(
    zygote: Zygote, logs: Logs, change: str, params: dict[str, Any], words: str
) -> None:
    fill(logs.server, logs.database, 10, 10)
    if change:
        logs.sql(change)
    for check in (True, False):
        failed = zygote.run("log_archive", {**logs.params, **params}, check=check, fails=True)
        assert (words in failed["msg"], failed["error_kind"]) == (True, "refused"), failed["msg"]
    assert logs.sql("SELECT count(*) FROM system_logs") == "20"
