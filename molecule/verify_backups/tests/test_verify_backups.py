# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdicts lie beside the backups, and nothing else was left behind."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

REPOSITORY = "/var/backups/chatbot-ops/lottery-chatbot"


@pytest.mark.parametrize("source", ["n8n", "database", "config"])
def test_it_was_restored(host: Host, source: str) -> None:
    (path,) = host.run_expect([0], f"ls {REPOSITORY}/{source}/*/verdict.restore.json").stdout.split()
    verdict = json.loads(host.file(path).content_string)
    assert (verdict["level"], verdict["result"]) == ("restore", "passed")


def test_no_scratch_database_is_left(host: Host) -> None:
    command = "docker exec lottery-chatbot-postgres-1 psql -U postgres -Atc 'SELECT datname FROM pg_database'"
    names = host.run_expect([0], command).stdout.split()
    assert sorted(names) == ["lottery", "postgres", "template0", "template1"]


def test_no_scratch_folder_is_left(host: Host) -> None:
    assert host.run_expect([0], "find /var/tmp -name '*chatbot*'").stdout == ""
