# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PostgreSQL archives to a repository of its own, and a full backup is there."""

from __future__ import annotations

import json

from testinfra.host import Host

AS_POSTGRES = "cd / && runuser -u postgres --"


def test_it_archives(host: Host) -> None:
    asked = "SELECT current_setting('archive_mode'), archived_count > 0 FROM pg_stat_archiver"
    assert host.run_expect([0], f'{AS_POSTGRES} psql -XAtc "{asked}"').stdout.strip() == "on|t"


def test_a_full_backup_is_there_and_encrypted(host: Host) -> None:
    told = host.run_expect([0], f"{AS_POSTGRES} pgbackrest --stanza=lottery-chatbot info --output=json").stdout
    (stanza,) = json.loads(told)
    assert [backup["type"] for backup in stanza["backup"]] == ["full"]
    assert stanza["cipher"] == "aes-256-cbc"


def test_only_postgres_reads_the_passphrase(host: Host) -> None:
    file = host.file("/etc/pgbackrest/conf.d/lottery-chatbot-keys.conf")
    assert (file.user, file.group, file.mode) == ("postgres", "postgres", 0o640)
