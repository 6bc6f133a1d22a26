# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role whatsapp_guard against the double of Meta: what it writes, and where, as the reader of it finds it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.postgres_server import PostgresServer
from tests.support.role_play import RolePlay, play
from tests.support.whatsapp_api import WhatsAppApi
from tests.support.whatsapp_double import NUMBER_ID, TOKEN, graph_error

HOOK_TOKEN = "hook-t0ken"
INVENTORY = {
    "all": {"hosts": {"here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}},
}


class Site:
    """A number, and a stack whose API has a rate; ``checks`` is what the last run handed to the health check."""

    def __init__(self, api: WhatsAppApi, folder: Path) -> None:
        self.api, self.folder = api, folder
        self.file, self.memory = folder / "rate.json", folder / "state/lottery-sales.json"

    def run(self, *arguments: str, **more: Any) -> RolePlay:
        variables = {
            "chatbot_stack": {"name": "lottery", "whatsapp": {"phone_number_id": NUMBER_ID, "label": "sales"}},
            "whatsapp_guard_access_token": TOKEN,
            "whatsapp_guard_api_url": self.api.url,
            "whatsapp_guard_json_path": str(self.file),
            "whatsapp_guard_state_folder": str(self.folder / "state"),
            "whatsapp_guard_python": sys.executable,
            **more,
        }
        told = {
            "content": "{{ health_extra_checks | to_json }}",
            "dest": str(self.folder / "checks.json"),
            "mode": "0600",
        }
        tell = {"ansible.builtin.copy": told, "changed_when": False, "check_mode": False}
        role = {"role": "chatbot.ops.whatsapp_guard"}
        return play(
            self.folder,
            INVENTORY,
            [{"hosts": "all", "gather_facts": False, "vars": variables, "roles": [role], "post_tasks": [tell]}],
            *arguments,
        )

    @property
    def checks(self) -> dict[str, str]:
        found = json.loads((self.folder / "checks.json").read_text(encoding="utf-8"))
        return {each["id"].removeprefix("whatsapp.sales."): each["status"] for each in found}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with WhatsAppApi() as api:
        yield Site(api, tmp_path)
        assert api.violations == []


def test_a_file_follows_the_quality_and_a_number_that_cannot_be_read_changes_nothing(site: Site) -> None:
    site.api.state.number["quality_rating"] = "RED"
    planned = site.run("--check", "--diff")
    assert (planned.exit_status, planned.changed("here") > 0, site.file.exists(), site.memory.exists()) == (
        0,
        True,
        False,
        False,
    )
    assert '"rate_per_second": 2.0' in planned.text
    done = site.run()
    assert done.exit_status == 0, done.output
    written = site.file.read_text(encoding="utf-8")
    assert (json.loads(written)["rate_per_second"], json.loads(written)["daily_cap"]) == (2.0, 200)
    assert site.checks == {"token": "ok", "status": "ok", "quality": "critical", "limit": "ok", "guard": "warning"}
    site.api.state.troubles, site.api.state.lasting = [graph_error(401, 190, "Expired", error_subcode=463)], True
    failed = site.run()
    assert failed.exit_status == 2
    assert "error 190 (Expired)" in failed.text
    assert failed.changed("here") == 0
    assert site.file.read_text(encoding="utf-8") == written
    tolerated = site.run(whatsapp_guard_fail_unread=False)
    assert (tolerated.exit_status, tolerated.changed("here")) == (0, 0)
    assert site.checks == {"token": "critical", **dict.fromkeys(("status", "quality", "limit", "guard"), "unknown")}
    assert TOKEN not in "".join(each.output for each in (planned, done, failed, tolerated))


@pytest.fixture
def database() -> Iterator[PostgresServer]:
    with PostgresServer(fsync=False) as running:
        running.psql(
            "CREATE TABLE limits (number text PRIMARY KEY, rate numeric, daily_cap integer);"
            "INSERT INTO limits VALUES ('sales', 80, NULL);"
            "CREATE TABLE messages (phone text);"
            "INSERT INTO messages SELECT (n % 1700)::text FROM generate_series(1, 5000) n"
        )
        yield running


@pytest.mark.thorough
def test_a_setting_in_a_database_follows_what_is_counted_there(site: Site, database: PostgresServer) -> None:
    login = database.connection("postgres")
    options = {
        "whatsapp_guard_target": "sql",
        "whatsapp_guard_usage_query": "SELECT count(DISTINCT phone) FROM messages",
        "whatsapp_guard_sql_query": "SELECT rate, daily_cap FROM limits WHERE number = 'sales'",
        "whatsapp_guard_sql_statement": (
            "UPDATE limits SET rate = %(rate)s, daily_cap = %(daily_cap)s WHERE number = 'sales'"
        ),
        **{f"whatsapp_guard_database_{name}": login[name] for name in ("host", "port", "user", "password")},
        "whatsapp_guard_database_name": "postgres",
    }
    done = site.run(**options)
    assert done.exit_status == 0, done.output
    assert "1,700 of 2,000 conversations" in done.text
    assert database.psql("SELECT rate, daily_cap FROM limits").split("|") == ["10.0", "1000"]
    assert site.checks["limit"] == "warning"
    assert site.run(**options).changed("here") == 0
    assert not site.file.exists()
    database.psql("DELETE FROM messages")
    assert site.run(**options).exit_status == 0
    assert database.psql("SELECT rate, daily_cap FROM limits").split("|") == ["20.0", "2000"]


class Hook:
    """An API's hook; ``refuse`` is how many calls it refuses."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuse = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hook.calls.append((self.headers["Authorization"], body))
                hook.refuse -= 1
                self.send_response(500 if hook.refuse >= 0 else 204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.mark.thorough
def test_a_hook_is_called_once_and_again_if_it_did_not_take_it(site: Site) -> None:
    hook = Hook()
    options = {
        "whatsapp_guard_target": "http",
        "whatsapp_guard_http_url": f"http://127.0.0.1:{hook.server.server_port}/limits",
        "whatsapp_guard_http_token": HOOK_TOKEN,
    }
    hook.refuse = 99
    failed = site.run(**options)
    assert (failed.exit_status, site.memory.exists()) == (2, False)
    assert "The hook at 127.0.0.1 did not take the rate (status 500)" in failed.text
    hook.refuse = 0
    hook.calls.clear()
    done = site.run(**options)
    assert (done.exit_status, done.changed("here") > 0) == (0, True), done.output
    again = site.run(**options)
    assert again.changed("here") == 0
    [(authorization, body)] = hook.calls
    assert (authorization, body["rate_per_second"], body["daily_cap"]) == (f"Bearer {HOOK_TOKEN}", 20.0, 2000)
    assert HOOK_TOKEN not in failed.output + done.output
    hook.server.shutdown()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"whatsapp_guard_target": "sql"}, "whatsapp_guard_sql_query"),
        (
            {
                "whatsapp_guard_target": "http",
                "whatsapp_guard_http_url": "http://api.example.org",
                "whatsapp_guard_http_token": "x",
            },
            "unencrypted",
        ),
        ({"whatsapp_guard_sent_24h": "5", "whatsapp_guard_usage_query": "SELECT 1"}, "or none"),
        ({"whatsapp_guard_label": "two words"}, "no short name"),
    ],
    ids=["sql", "http", "usage", "label"],
)
def test_what_makes_no_sense_is_refused_before_anything_is_touched(
    site: Site, options: dict[str, Any], words: str
) -> None:
    refused = site.run(**options)
    assert (refused.exit_status, words in refused.text, site.file.exists()) == (2, True, False), refused.output
    assert site.api.requests == []
