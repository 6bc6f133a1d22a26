# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows are back, the old database is kept, and the API serves."""

from __future__ import annotations

from testinfra.host import Host

PSQL = "docker exec lottery-chatbot-postgres-1 psql -U postgres -At"


def test_the_rows_are_back(host: Host) -> None:
    counts = "SELECT (SELECT count(*) FROM system_logs) >= 20000, (SELECT count(*) FROM knowledge_base) > 0"
    assert host.run_expect([0], f"{PSQL} -d lottery -c '{counts}'").stdout.strip() == "t|t"


def test_what_was_there_is_kept(host: Host) -> None:
    names = "SELECT datname FROM pg_database"
    (previous,) = [
        name
        for name in host.run_expect([0], f"{PSQL} -c '{names}'").stdout.split()
        if name.startswith("lottery_previous_")
    ]
    assert host.run_expect([0], f"{PSQL} -d {previous} -c 'TABLE system_logs'").stdout == ""


def test_the_api_finds_its_database(host: Host) -> None:
    assert host.run("docker exec lottery-chatbot-nginx-1 curl -sfk https://127.0.0.1/health").rc == 0
