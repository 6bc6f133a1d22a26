# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every old row is in the repository, once, and none is in the table."""

from __future__ import annotations

import json

from testinfra.host import Host

REPOSITORY = "/var/backups/chatbot-ops/lottery-chatbot/logs"
PSQL = "docker exec lottery-chatbot-postgres-1 psql -U postgres -d lottery -At"


def test_every_old_row_is_in_the_repository_once(host: Host) -> None:
    manifests = host.run_expect([0], f"ls {REPOSITORY}/*/manifest.json").stdout.split()
    assert len(manifests) >= 2, "one for each month at least"
    keys = []
    for path in manifests:
        document = json.loads(host.file(path).content_string)
        (payload,) = document["objects"]
        text = host.run_expect([0], f"zstd -dc {path.rpartition('/')[0]}/{payload['name']}").stdout
        rows = text.splitlines()
        assert len(rows) == document["proof"]["rows"]
        keys += [row.split("\t")[0] for row in rows]
    wanted = host.file("/root/archive_logs.keys").content_string.split()
    assert len(keys) == len(set(keys))
    assert set(wanted) <= set(keys)


def test_none_is_in_the_table(host: Host) -> None:
    old = "SELECT count(*) FROM system_logs WHERE created_at < now() - interval '31 days'"
    assert host.run_expect([0], f'{PSQL} -c "{old}"').stdout.strip() == "0"


def test_nothing_is_left_half_done(host: Host) -> None:
    assert host.run_expect([0], f"{PSQL} -c 'SELECT count(*) FROM system_logs_archive_state'").stdout.strip() == "0"
