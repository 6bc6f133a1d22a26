# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table is back, the old data is kept, and the server archives on a new timeline."""

from __future__ import annotations

from testinfra.host import Host

AS_POSTGRES = "cd / && runuser -u postgres --"


def _sql(host: Host, statement: str) -> str:
    answer: str = host.run_expect([0], f'{AS_POSTGRES} psql -XAtc "{statement}"').stdout
    return answer.strip()


def test_the_table_is_back(host: Host) -> None:
    assert _sql(host, "SELECT count(*), sum(x) FROM lost") == "100|5050"


def test_the_old_data_is_kept(host: Host) -> None:
    copies = host.run_expect([0], "ls -d /var/lib/postgresql/17/main.previous-*").stdout.split()
    assert len(copies) == 1


def test_it_archives_on(host: Host) -> None:
    assert _sql(host, "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8) > '00000001'") == "t"
    host.run_expect([0], f"{AS_POSTGRES} pgbackrest --stanza=lottery-chatbot check")
