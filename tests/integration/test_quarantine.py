# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An n8n whose data is in PostgreSQL has no active workflow in quarantine."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.postgres_server import PostgresServer
from tests.tools.link import CHECKOUT

_SCRIPT = CHECKOUT / "roles" / "quarantine" / "files" / "quieten.sql"
#: As n8n makes them (2.x; 1.x has no "activeVersionId"), cut to what counts.
_TABLES = """
CREATE SCHEMA bot;
CREATE TABLE bot."x_workflow_entity" (id varchar(36) PRIMARY KEY, name varchar(128), active boolean NOT NULL, nodes json,
    connections json {more});
CREATE TABLE bot."x_webhook_entity" ("webhookPath" varchar PRIMARY KEY, "workflowId" varchar(36));
INSERT INTO bot."x_workflow_entity" VALUES ('a', 'Inbound', true, '[]', '{{}}' {version}),
    ('b', 'It''s', true, '[]', '{{}}' {version}), ('c', 'Off', false, '[]', '{{}}' {none});
INSERT INTO bot."x_webhook_entity" VALUES ('inbound', 'a'), ('other', 'b');
"""


@pytest.fixture(params=[1, 2])
def database(request: pytest.FixtureRequest, server: PostgresServer) -> Iterator[tuple[int, str]]:
    name = f"n8n_in_quarantine_{request.param}"
    server.create_database(name)
    parts = {"more": "", "version": "", "none": ""}
    if request.param == 2:
        parts = {"more": ', "activeVersionId" varchar(36)', "version": ", 'v1'", "none": ", NULL"}
    server.psql(_TABLES.format(**parts), name)
    yield request.param, name
    server.psql(f"DROP DATABASE {name}")


@pytest.mark.parametrize(
    ("keep", "active", "webhooks"),
    [([], [], []), (["Inbound"], ["a"], ["inbound"]), (["b", "c"], ["b"], ["other"]), (["It's"], ["b"], ["other"])],
    ids=["none", "one by its name", "one by its id, and one that is off", "one with a quote in its name"],
)
def test_only_what_is_named_stays_active(
    server: PostgresServer, database: tuple[int, str], keep: list[str], active: list[str], webhooks: list[str]
) -> None:
    major, name = database
    server.psql(_SCRIPT.read_text(encoding="utf-8"), name, {"keep": json.dumps(keep)})
    assert server.psql('SELECT id FROM bot."x_workflow_entity" WHERE active', name).split() == active
    assert server.psql('SELECT "webhookPath" FROM bot."x_webhook_entity"', name).split() == webhooks
    if major == 2:
        published = 'SELECT id FROM bot."x_workflow_entity" WHERE "activeVersionId" IS NOT NULL'
        assert server.psql(published, name).split() == active


def test_every_n8n_of_the_database_is_found_and_what_is_none_is_left_alone(
    server: PostgresServer, database: tuple[int, str]
) -> None:
    _major, name = database
    server.psql(
        """CREATE TABLE workflow_entity AS SELECT * FROM bot."x_workflow_entity";
           CREATE TABLE bot.my_workflow_entity AS SELECT id, name, active FROM bot."x_workflow_entity";
           CREATE VIEW bot.seen_workflow_entity AS SELECT DISTINCT id, name, active, nodes::text, connections::text
           FROM bot."x_workflow_entity";
           CREATE TABLE lonely_webhook_entity AS SELECT * FROM bot."x_webhook_entity" """,
        name,
    )
    server.psql(_SCRIPT.read_text(encoding="utf-8"), name, {"keep": "[]"})
    active = "SELECT count(*) FROM {} WHERE active"
    tables = ("workflow_entity", 'bot."x_workflow_entity"', "bot.my_workflow_entity")
    assert [server.psql(active.format(each), name).strip() for each in tables] == ["0", "0", "2"]
    assert server.psql("SELECT count(*) FROM lonely_webhook_entity", name).strip() == "2"
