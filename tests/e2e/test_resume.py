# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each runbook fails halfway, leaves the stack as it was, and does the rest when it is run again."""

from __future__ import annotations

import json
import pathlib
import shlex
from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import PROJECT, REPOSITORY
from tests.e2e.player import Player


def _source(result: dict[str, Any]) -> str:
    return str(result["backup_id"]).split("-")[1]


@pytest.mark.thorough
@pytest.mark.usefixtures("replacement")
def test_the_tool_chain_without_an_index(bare_player: Player) -> None:
    failed = bare_player.play(
        "install_toolchain", target="replacement", toolchain_libraries=["chatbot-ops-has-no-such"]
    )
    assert not failed.succeeded
    assert "chatbot-ops-has-no-such" in failed.output
    assert bare_player.must("install_toolchain", target="replacement").changed > 0
    assert bare_player.must("install_toolchain", target="replacement").changed == 0


def test_a_backup_without_the_database(bed: Bed, player: Player) -> None:
    bed.production.shell(f"rm -rf {REPOSITORY}/*")
    stack.compose(bed.production, "stop", "postgres")
    try:
        failed = player.play("backup_stack")
    finally:
        stack.up(bed.production)
    assert not failed.succeeded
    assert "database: " in failed.output
    assert failed.results["n8n_volume_backup"][0]["changed"]
    assert failed.results["config_backup"][0]["changed"]
    resumed = player.must("backup_stack")
    assert not resumed.result("n8n_volume_backup")["changed"]
    assert not resumed.result("config_backup")["changed"]
    assert resumed.result("pg_dump")["changed"]


@pytest.mark.thorough
def test_a_backup_onto_a_full_disk(bed: Bed, player: Player) -> None:
    """n8n, which was stopped for it, serves again; nothing is listed; with room, the next run succeeds."""
    folder = "/mnt/full"
    bed.production.shell(f"mkdir -p {folder} && mount -t tmpfs -o size=64k tmpfs {folder}")
    variables: dict[str, Any] = {
        "backup_repositories": [{"type": "local", "path": folder}],
        "backup_sources": ["n8n"],
        "backup_n8n_consistency": "stop",
    }
    try:
        failed = player.play("backup_stack", **variables)
        assert not failed.succeeded
        assert "it is full; free some space" in failed.result("n8n_volume_backup")["msg"]
        assert bed.production.shell(f"find {folder} -name 'manifest.json' -o -name '*data.tar.zst*'") == ""
        assert stack.obstacle(bed.production) is None
        assert bed.production.shell("ls /var/lib/chatbot-ops/windows") == ""
        bed.production.shell(f"mount -o remount,size=64m {folder}")
        assert player.must("backup_stack", **variables).result("n8n_volume_backup")["changed"]
    finally:
        bed.production.shell(f"umount {folder}")


@pytest.mark.thorough
def test_a_verification_of_a_damaged_backup(bed: Bed, player: Player) -> None:
    bed.production.shell(f"rm -rf {REPOSITORY}/*")
    player.must("backup_stack")
    archive = bed.production.shell(f"ls {REPOSITORY}/{PROJECT}/n8n/*/data.tar.zst").strip()
    bed.production.shell(
        f"cp {archive} /root/good && printf x | dd of={archive} bs=1 seek=1000 conv=notrunc status=none"
    )
    failed = player.play("verify_backups")
    assert not failed.succeeded
    assert "damaged" in failed.output
    passed = [each for each in failed.results["backup_verify"] if each.get("verified")]
    assert sorted(_source(each) for each in passed) == ["config", "database"]
    bed.production.shell(f"cp /root/good {archive}")
    resumed = player.must("verify_backups").results["backup_verify"]
    assert [(_source(each), each["changed"]) for each in resumed] == [("n8n", True)]


def test_a_restore_of_n8n_that_cannot_be_finished(bed: Bed, player: Player) -> None:
    """The payload is gone: n8n is not even stopped, and runs on with what it had."""
    player.must("backup_stack", backup_max_age="", backup_sources=["n8n"])
    started = bed.production.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1")
    archive = bed.production.shell(f"ls -t {REPOSITORY}/{PROJECT}/n8n/*/data.tar.zst | head -1").strip()
    bed.production.shell(f"mv {archive} {archive}.away")
    failed = player.play("restore_n8n", restore_confirm=PROJECT, restore_backup_id=archive.split("/")[-2])
    bed.production.shell(f"mv {archive}.away {archive}")
    assert not failed.succeeded
    assert bed.production.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1") == started
    assert stack.obstacle(bed.production) is None
    assert player.must("restore_n8n", restore_confirm=PROJECT).result("n8n_volume_restore")["changed"]
    assert stack.obstacle(bed.production) is None
    bed.production.shell(f"rm -rf {stack.VOLUME_FOLDER}.previous-*")


def test_a_restore_of_the_database_whose_server_goes_away(bed: Bed, player: Player) -> None:
    """Killed while it restores: the old database serves, and no half one is left."""
    player.must("backup_stack", backup_max_age="", backup_sources=["database"])
    stack.psql(bed.production, "DELETE FROM orders")
    before = _databases(bed)
    started = player.start("restore_database", restore_confirm=PROJECT)
    # The folder of the new database is there from its first moment on.
    count = f"$(ls /var/lib/docker/volumes/{PROJECT}_postgres_data/_data/base | wc -l)"
    wait = f"n={count}; until [ {count} -gt $n ]; do :; done"
    bed.production.shell(f"timeout 50 sh -c {shlex.quote(wait)} && docker kill {PROJECT}-postgres-1")
    failed = started.wait()
    stack.up(bed.production)
    assert not failed.succeeded
    assert stack.psql(bed.production, "SELECT count(*) FROM orders").strip() == "0"
    assert player.must("restore_database", restore_confirm=PROJECT).result("pg_restore")["changed"]
    assert int(stack.psql(bed.production, "SELECT count(*) FROM orders")) > 0
    (kept,) = _databases(bed) - before
    assert kept.startswith("lottery_previous_")
    stack.psql(bed.production, f"DROP DATABASE {kept}")


def _databases(bed: Bed) -> set[str]:
    return set(stack.psql(bed.production, "SELECT datname FROM pg_database").split())


@pytest.mark.thorough
def test_a_rehearsal_that_fails_says_so_and_leaves_nothing(bed: Bed, player: Player, tmp_path: pathlib.Path) -> None:
    reports = str(tmp_path)
    failed = player.play("rehearse_recovery", verification_database_user="nobody", rehearsal_report_folder=reports)
    assert not failed.succeeded
    (record,) = tmp_path.glob("*.json")
    assert any("database" in each for each in json.loads(record.read_text())["failure"])
    player.must("rehearse_recovery", rehearsal_report_folder=reports)
    assert stack.obstacle(bed.production) is None
