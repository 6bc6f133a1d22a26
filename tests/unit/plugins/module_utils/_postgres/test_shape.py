# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a database on a real server: what a migration changes shows, and what daily work changes does not."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import login_for
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.shape import look_at_shape

from tests.unit.plugins.module_utils._postgres.conftest import Database

BOOKS = "CREATE TABLE migrations (id serial, name text); INSERT INTO migrations (name) VALUES ('First1')"
PARTED = "CREATE TABLE parted (at date NOT NULL) PARTITION BY RANGE (at); CREATE TYPE mood AS ENUM ('ok'); "
PARTED += "CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42'; CREATE VIEW seen AS SELECT 1 AS x"


def digest(database: Database) -> str:
    return str(look_at_shape(login_for(database.params()))["digest"])


@pytest.fixture
def known(database: Database) -> Database:
    database.sql(f"{BOOKS}; {PARTED}")
    return database


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE system_logs ADD COLUMN later text",
        "ALTER TABLE system_logs ALTER COLUMN message SET DEFAULT 'none'",
        "ALTER TABLE system_logs ADD CONSTRAINT short CHECK (length(message) < 100000)",
        "CREATE INDEX later ON system_logs (message)",
        "DROP TABLE system_logs CASCADE",
        "CREATE TABLE later (x int)",
        "CREATE OR REPLACE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 43'",
        "CREATE OR REPLACE VIEW seen AS SELECT 2 AS x",
        "ALTER TYPE mood ADD VALUE 'better'",
        "INSERT INTO migrations (name) VALUES ('OnlyRows2')",
    ],
)
def test_a_migration_shows(known: Database, change: str) -> None:
    before = digest(known)
    known.sql(change)
    assert digest(known) != before


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM system_logs",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "VACUUM FULL",
        "CREATE EXTENSION IF NOT EXISTS citext",
    ],
)
def test_daily_work_does_not(known: Database, change: str) -> None:
    before = digest(known)
    known.sql(change)
    assert digest(known) == before


def test_each_object_is_named(known: Database) -> None:
    found = look_at_shape(login_for(known.params()))["objects"]
    assert {"public.system_logs", "public.answer()", "public.seen", "public.mood"} <= found.keys()
    assert found["rows of public.migrations"] == "1"
