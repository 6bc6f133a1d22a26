# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is at work in a database is seen, however short what they do."""

from __future__ import annotations

import time
from contextlib import closing

import psycopg2
from ansible_collections.chatbot.ops.plugins.module_utils._logs import pace
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login

from tests.support.postgres_server import PostgresServer


def test_clients_of_short_statements_are_at_work_and_those_that_only_stay_connected_are_not(
    server: PostgresServer,
) -> None:
    server.create_database("pace")
    login = Login({name: value for name, value in server.connection().items() if name != "dbname"}, "pace")
    work = login.connect()
    with closing(work), closing(psycopg2.connect(server.dsn("pace"))) as other, other.cursor() as cursor:
        other.autocommit = True
        with pace.Watcher(login, work) as watcher:
            assert watcher.seen() == (False, True), "before anybody has looked"
            seen = []
            for _number in range(12):
                cursor.execute("SELECT 1")
                time.sleep(0.4)
                seen.append(watcher.seen())
            assert seen == [(False, True)] * 12
            # Seen once more, a moment ago.
            time.sleep(4.5)
            assert watcher.seen() == (False, False)
    server.psql("DROP DATABASE pace WITH (FORCE)")
