# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL of Debian's packages goes back to a second, a restore point or a transaction, and stays as it was if not.

Its backups are encrypted, in a bucket.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.bed.bed import Bed
from tests.bed.process import wait_until
from tests.bed.server import Server
from tests.bed.site import BUCKET, PROJECT
from tests.e2e.player import Play, Player

pytestmark = pytest.mark.thorough

_DATA = "/var/lib/postgresql/17/main"
_PASSPHRASE = "not-to-be-seen-anywhere"
_LOOK = """
find /etc/postgresql /etc/pgbackrest* -printf '%p %s %T@ %m %u\\n' 2> /dev/null | sort
find /var/lib/postgresql/17 -maxdepth 1 -printf '%p %i\\n' | sort
systemctl show postgresql@17-main --property=MainPID
dpkg --get-selections | sort
"""


@pytest.fixture(scope="module")
def there(bed: Bed) -> dict[str, Any]:
    """The cluster as the role is told of it."""
    return {
        "target": "replacement",
        "chatbot_stack": {"name": PROJECT},
        "postgres_pitr_repository": {
            "type": "s3",
            "bucket": BUCKET,
            "prefix": "pitr",
            "endpoint_url": "https://s3.bed:8333",
            "access_key": "BEDBACKUP",
            "secret_key": bed.site.secrets["s3_backup_secret"],
            "ca_bundle": "/etc/ssl/certs/ca-certificates.crt",
        },
        "postgres_pitr_cipher_passphrase": _PASSPHRASE,
    }


@pytest.fixture(scope="module")
def archiving(replacement: Server, bare_player: Player, there: dict[str, Any]) -> Server:
    """A server whose PostgreSQL archives."""
    replacement.shell(
        "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes postgresql && systemctl enable postgresql",
        timeout=300,
    )
    wait_until(lambda: None if _sql(replacement, "SELECT 1") == "1" else "no answer", "start PostgreSQL", 30)
    before = replacement.shell(_LOOK)
    refused = bare_player.play("install_pitr", **there)
    assert not refused.succeeded
    assert "postgres_pitr_allow_restart=true" in refused.output
    bare_player.must("install_pitr", check=True, postgres_pitr_allow_restart=True, **there)
    assert replacement.shell(_LOOK) == before
    done = bare_player.must("install_pitr", postgres_pitr_allow_restart=True, **there)
    assert done.changed > 0
    assert _PASSPHRASE not in done.output
    again = bare_player.must("install_pitr", **there)
    assert again.changed == 0, again.output
    return replacement


def _sql(server: Server, statement: str) -> str:
    """The rows that psql prints."""
    words = "runuser -u postgres -- psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1"
    return server.ssh(*words.split(), stdin=statement.encode()).strip()


def _restore(player: Player, there: dict[str, Any], **options: Any) -> Play:
    return player.play("restore_point_in_time", postgres_pitr_confirm=PROJECT, **there, **options)


def _previous(server: Server) -> list[str]:
    return server.shell("ls -d /var/lib/postgresql/17/*").split()


def test_a_foreign_repository_is_told_and_leaves_the_server_as_it_was(
    archiving: Server, bare_player: Player, there: dict[str, Any]
) -> None:
    before = archiving.shell("cat /etc/pgbackrest/conf.d/*.conf; cat /etc/postgresql/17/main/conf.d/*.conf")
    wrong: dict[str, Any] = {
        **there,
        "postgres_pitr_repository": {**there["postgres_pitr_repository"], "secret_key": "wrong"},
    }
    failed = bare_player.play("install_pitr", **wrong)
    assert not failed.succeeded
    assert "Both have their old settings again" in failed.output
    assert archiving.shell("cat /etc/pgbackrest/conf.d/*.conf; cat /etc/postgresql/17/main/conf.d/*.conf") == before
    archiving.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "check")


def test_a_backup_is_taken_when_it_is_due(archiving: Server, bare_player: Player, there: dict[str, Any]) -> None:
    assert bare_player.must("backup_cluster", **there).changed == 0
    assert bare_player.must("backup_cluster", postgres_pitr_max_age="1s", **there).changed == 1
    listed = archiving.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "info")
    assert listed.count("full backup:") == 1
    assert listed.count("diff backup:") == 1


def test_damaged_pages_fail_the_run_and_push_no_sound_backup_out(
    archiving: Server, bare_player: Player, there: dict[str, Any]
) -> None:
    """Two full backups with a damaged page, of two that are kept: the sound one stays, and restores begin with it."""
    _sql(archiving, "CREATE TABLE damaged AS SELECT generate_series(1, 1000) AS x")
    file = _sql(archiving, "SELECT pg_relation_filepath('damaged')")
    _with_the_server_stopped(archiving, f"/usr/lib/postgresql/17/bin/pg_checksums --enable --pgdata={_DATA}")
    bare_player.must("backup_cluster", postgres_pitr_backup_type="full", **there)
    sound = _backups(archiving)[-1]
    _with_the_server_stopped(archiving, f"printf damage | dd of={_DATA}/{file} bs=1 seek=500 conv=notrunc")
    for _each in range(2):
        failed = bare_player.play("backup_cluster", **there, postgres_pitr_backup_type="full")
        assert not failed.succeeded
        assert "pages with wrong checksums" in failed.output
    assert [backup for backup in _backups(archiving) if backup[1]] == [_backups(archiving)[-1]]
    assert sound in _backups(archiving)
    way = bare_player.must(
        "restore_point_in_time", check=True, postgres_pitr_confirm=PROJECT, postgres_pitr_latest=True, **there
    )
    assert f"from backup {sound[0]}," in way.output
    _sql(archiving, "DROP TABLE damaged")
    bare_player.must("backup_cluster", **there)
    assert not [backup for backup in _backups(archiving) if backup[1]]
    assert sound in _backups(archiving)


def _backups(server: Server) -> list[tuple[str, bool]]:
    """The label of each backup, and whether it has damaged pages."""
    told = server.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "--output=json", "info")
    return [(backup["label"], backup["error"]) for backup in json.loads(told)[0]["backup"]]


def _with_the_server_stopped(server: Server, command: str) -> None:
    server.shell(
        f"pg_ctlcluster 17 main stop && runuser -u postgres -- sh -c '{command}' && pg_ctlcluster 17 main start"
    )


def test_a_dropped_table_is_back(archiving: Server, bare_player: Player, there: dict[str, Any]) -> None:
    """Written, then a moment, then dropped: the table is back as it was in that moment."""
    _sql(archiving, "CREATE TABLE rows (x int); INSERT INTO rows SELECT generate_series(1, 1000)")
    _sql(archiving, "INSERT INTO rows VALUES (1001)")
    time.sleep(2)
    moment = _sql(archiving, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
    time.sleep(2)
    _sql(archiving, "INSERT INTO rows VALUES (1002)")
    _sql(archiving, "DROP TABLE rows")
    unconfirmed = bare_player.play("restore_point_in_time", postgres_pitr_time=moment, **there)
    assert not unconfirmed.succeeded
    assert f"postgres_pitr_confirm={PROJECT}" in unconfirmed.output
    told = _restore_in_check_mode(archiving, bare_player, there, moment)
    assert "can be reached there" in told.replace("\n", " ")
    done = _restore(bare_player, there, postgres_pitr_time=moment)
    assert done.succeeded, done.output
    assert _sql(archiving, "SELECT count(*), max(x) FROM rows") == "1001|1001"
    # The old data is complete beside, and what follows is archived and backed up.
    (previous,) = [path for path in _previous(archiving) if ".previous-" in path]
    assert archiving.ssh("cat", f"{previous}/PG_VERSION").strip() == "17"
    assert _sql(archiving, "SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)") == "00000002"
    archiving.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "check")
    archiving.ssh("rm", "-r", previous)


def _restore_in_check_mode(server: Server, player: Player, there: dict[str, Any], moment: str) -> str:
    before = server.shell(_LOOK)
    told = player.must(
        "restore_point_in_time", check=True, postgres_pitr_confirm=PROJECT, postgres_pitr_time=moment, **there
    )
    assert server.shell(_LOOK) == before
    return told.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"postgres_pitr_time": "2020-01-01T00:00:00Z"}, "before the end of the oldest", id="too early"),
        pytest.param({"postgres_pitr_time": "2100-01-01T00:00:00Z"}, "later than the last archived", id="too late"),
        pytest.param({}, "exactly one way", id="no target"),
        pytest.param({"postgres_pitr_latest": True, "postgres_pitr_xid": "9"}, "exactly one way", id="two targets"),
    ],
)
def test_what_cannot_be_reached_is_refused(
    archiving: Server, bare_player: Player, there: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    before = archiving.shell(_LOOK)
    refused = _restore(bare_player, there, **options)
    assert not refused.succeeded
    assert message in refused.output.replace("\n        ", " ")
    assert archiving.shell(_LOOK) == before


def test_one_that_fails_halfway_leaves_the_server_as_it_was(
    archiving: Server, bare_player: Player, there: dict[str, Any]
) -> None:
    """A restore point that nobody made: the replay ends without it, and PostgreSQL gives up."""
    _sql(archiving, "CREATE TABLE before_failure (x int)")
    paths = _previous(archiving)
    failed = _restore(bare_player, there, postgres_pitr_restore_point="nowhere")
    assert not failed.succeeded
    assert "runs with it as before" in failed.output.replace("\n        ", " ")
    assert _sql(archiving, "SELECT count(*) FROM before_failure") == "0"
    assert _previous(archiving) == paths
    archiving.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "check")


def test_one_that_is_killed_is_undone_and_done_by_the_next(
    archiving: Server, bare_player: Player, there: dict[str, Any]
) -> None:
    _sql(archiving, "CREATE TABLE kept (x int); SELECT pg_create_restore_point('before-the-drop'); DROP TABLE kept")
    options = {**there, "postgres_pitr_confirm": PROJECT, "postgres_pitr_restore_point": "before-the-drop"}
    started = bare_player.start("restore_point_in_time", **options)
    look = "ls -d /var/lib/postgresql/17/main.previous-* 2> /dev/null || true"
    wait_until(lambda: None if archiving.shell(look).strip() else "not yet", "swap the data", 240, interval=0.1)
    started.kill()
    done = bare_player.must("restore_point_in_time", **options)
    assert "before-the-drop" in done.output
    assert _sql(archiving, "SELECT count(*) FROM kept") == "0"
    assert archiving.shell(f"ls /var/lib/chatbot-ops/postgres_pitr; ls -d {_DATA}.restoring || true").strip() == ""


def test_just_before_a_transaction(archiving: Server, bare_player: Player, there: dict[str, Any]) -> None:
    _sql(archiving, "CREATE TABLE before_delete (x int); INSERT INTO before_delete VALUES (1), (2)")
    deleted = _sql(archiving, "BEGIN; DELETE FROM before_delete; SELECT txid_current(); COMMIT")
    done = _restore(bare_player, there, postgres_pitr_xid=deleted, postgres_pitr_exclusive=True)
    assert done.succeeded, done.output
    assert _sql(archiving, "SELECT count(*) FROM before_delete") == "2"


def test_a_server_whose_data_is_gone_is_restored_to_the_end(
    archiving: Server, bare_player: Player, there: dict[str, Any]
) -> None:
    _sql(archiving, "CREATE TABLE last_one (x int); SELECT pg_switch_wal()")
    archiving.ssh("runuser", "-u", "postgres", "--", "pgbackrest", f"--stanza={PROJECT}", "check")
    archiving.shell(f"systemctl stop postgresql@17-main; rm -r {_DATA}")
    done = _restore(bare_player, there, postgres_pitr_latest=True)
    assert done.succeeded, done.output
    assert _sql(archiving, "SELECT count(*) FROM last_one") == "0"


def test_no_secret_is_in_arguments_or_open_files(archiving: Server, bed: Bed) -> None:
    files = "/etc/pgbackrest/conf.d"
    assert archiving.ssh("find", files, "-name", "'*keys*'", "-printf", "'%m %u %g\\n'").split("\n")[0] == (
        "640 postgres postgres"
    )
    secrets = [_PASSPHRASE, bed.site.secrets["s3_backup_secret"]]
    for secret in secrets:
        found = archiving.shell(
            f"grep -rlF -e '{secret}' /etc /var/log /var/lib/chatbot-ops 2> /dev/null || true"
        ).split()
        assert found
        assert all(path.startswith(f"{files}/{PROJECT}-keys.conf") for path in found)
