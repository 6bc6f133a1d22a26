# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each runbook fails halfway, leaves the stack as it was, and does the rest when it is run again."""

from __future__ import annotations

import json
import pathlib
import shlex
from typing import Any

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import REPOSITORY
from tests.e2e.player import Player

_STACK = "lottery-chatbot"
_VOLUME = "/var/lib/docker/volumes/n8n_data"


def _shell(bed: Bed, script: str) -> str:
    return bed.production.ssh("sh", "-c", shlex.quote(script))


def _source(result: dict[str, Any]) -> str:
    return str(result["backup_id"]).split("-")[1]


def test_the_tool_chain_without_an_index(bed: Bed, player: Player) -> None:
    bed.replacement.ssh("rm", "-rf", "/opt/chatbot-ops")
    failed = player.play("install_toolchain", target="replacement", toolchain_libraries=["chatbot-ops-has-no-such"])
    assert not failed.succeeded
    assert "chatbot-ops-has-no-such" in failed.output
    assert player.must("install_toolchain", target="replacement").changed > 0
    assert player.must("install_toolchain", target="replacement").changed == 0


def test_a_backup_without_the_database(bed: Bed, player: Player) -> None:
    _shell(bed, f"rm -rf {REPOSITORY}/*")
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


def test_a_verification_of_a_damaged_backup(bed: Bed, player: Player) -> None:
    _shell(bed, f"rm -rf {REPOSITORY}/*")
    player.must("backup_stack")
    archive = _shell(bed, f"ls {REPOSITORY}/{_STACK}/n8n/*/data.tar.zst").strip()
    _shell(bed, f"cp {archive} /root/good && printf x | dd of={archive} bs=1 seek=1000 conv=notrunc status=none")
    failed = player.play("verify_backups")
    assert not failed.succeeded
    assert "damaged" in failed.output
    passed = [each for each in failed.results["backup_verify"] if each.get("verified")]
    assert sorted(_source(each) for each in passed) == ["config", "database"]
    _shell(bed, f"cp /root/good {archive}")
    resumed = player.must("verify_backups").results["backup_verify"]
    assert sorted((_source(each), each["changed"]) for each in resumed) == [
        ("config", False),
        ("database", False),
        ("n8n", True),
    ]


def test_a_restore_of_n8n_that_cannot_be_finished(bed: Bed, player: Player) -> None:
    """A full disk in the middle: n8n runs on with what it had."""
    player.must("backup_stack", backup_max_age="", backup_sources=["n8n"])
    started = bed.production.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{_STACK}-n8n-1")
    archive = _shell(bed, f"ls -t {REPOSITORY}/{_STACK}/n8n/*/data.tar.zst | head -1").strip()
    _shell(bed, f"mv {archive} {archive}.away")
    failed = player.play("restore_n8n", restore_confirm=_STACK, restore_backup_id=archive.split("/")[-2])
    _shell(bed, f"mv {archive}.away {archive}")
    assert not failed.succeeded
    assert bed.production.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{_STACK}-n8n-1") == started
    assert stack.obstacle(bed.production) is None
    assert player.must("restore_n8n", restore_confirm=_STACK).result("n8n_volume_restore")["changed"]
    assert stack.obstacle(bed.production) is None
    _shell(bed, f"rm -rf {_VOLUME}/_data.previous-*")


def test_a_restore_of_the_database_whose_server_goes_away(bed: Bed, player: Player) -> None:
    """Killed while it restores: the old database serves, and no half one is left."""
    player.must("backup_stack", backup_max_age="", backup_sources=["database"])
    stack.psql(bed.production, "DELETE FROM orders")
    before = _databases(bed)
    started = player.start("restore_database", restore_confirm=_STACK)
    # The folder of the new database is there from its first moment on.
    count = f"$(ls /var/lib/docker/volumes/{_STACK}_postgres_data/_data/base | wc -l)"
    wait = f"n={count}; until [ {count} -gt $n ]; do :; done"
    _shell(bed, f"timeout 50 sh -c {shlex.quote(wait)} && docker kill {_STACK}-postgres-1")
    failed = started.wait()
    stack.up(bed.production)
    assert not failed.succeeded
    assert stack.psql(bed.production, "SELECT count(*) FROM orders").strip() == "0"
    assert player.must("restore_database", restore_confirm=_STACK).result("pg_restore")["changed"]
    assert int(stack.psql(bed.production, "SELECT count(*) FROM orders")) > 0
    (kept,) = _databases(bed) - before
    assert kept.startswith("lottery_previous_")
    stack.psql(bed.production, f"DROP DATABASE {kept}")


def _databases(bed: Bed) -> set[str]:
    return set(stack.psql(bed.production, "SELECT datname FROM pg_database").split())


def test_a_rehearsal_that_fails_says_so_and_leaves_nothing(bed: Bed, player: Player, tmp_path: pathlib.Path) -> None:
    reports = str(tmp_path)
    failed = player.play("rehearse_recovery", verification_database_user="nobody", rehearsal_report_folder=reports)
    assert not failed.succeeded
    (record,) = tmp_path.glob("*.json")
    assert any("database" in each for each in json.loads(record.read_text())["failure"])
    player.must("rehearse_recovery", rehearsal_report_folder=reports)
    assert stack.obstacle(bed.production) is None
