# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack is backed up while customers write to it, and one set brings n8n and the database back."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Load, port_by_name
from tests.bed.site import PROJECT
from tests.e2e.player import Player

# Enough before and behind a backup for a message that it disturbs.
_MARGIN = 3.0


def test_an_online_backup_is_not_noticed(bed: Bed, player: Player) -> None:
    with _load(bed) as load:
        time.sleep(_MARGIN)
        done = player.must("backup_stack", backup_max_age="")
        time.sleep(_MARGIN)
    account = load.account(stack.message_ids(bed.production))
    assert account.acknowledged > 20
    assert (account.failed, account.unacknowledged, account.missing) == (0, 0, frozenset()), load.failures()
    backup = done.result("n8n_volume_backup")
    assert (backup["changed"], backup["downtime_seconds"]) == (True, 0)
    assert backup["manifest"]["versions"]["n8n"].startswith("2.")


@pytest.mark.parametrize("consistency", [pytest.param("pause", marks=pytest.mark.thorough), "stop"])
def test_one_set_brings_back_all_that_was_acknowledged(bed: Bed, player: Player, consistency: str) -> None:
    with _load(bed) as load:
        time.sleep(_MARGIN)
        done = player.must("backup_stack", backup_max_age="", backup_n8n_consistency=consistency)
        time.sleep(_MARGIN)
    manifests = [done.result(each)["manifest"] for each in ("pg_dump", "n8n_volume_backup", "config_backup")]
    assert len({manifest["set_id"] for manifest in manifests}) == 1
    n8n = done.result("n8n_volume_backup")
    assert n8n["manifest"]["consistency"]["mode"] == consistency
    assert 0 < n8n["downtime_seconds"] < 60
    account = load.account(stack.message_ids(bed.production))
    assert account.missing == frozenset()
    skew = max(_time(each["taken"]) for each in manifests) - min(_time(each["taken"]) for each in manifests)
    print(
        f"{consistency}: n8n down for {n8n['downtime_seconds']:.1f} s, {account.acknowledged} messages acknowledged, "
        f"{account.failed} failed, longest outage {account.longest_outage:.1f} s, skew of the set {skew:.1f} s"
    )
    taken = _time(done.result("pg_dump")["manifest"]["taken"])
    before = {each.id for each in load.outcomes if not each.failure and each.sent_at + each.seconds < taken}
    assert before

    workflows = _workflows(n8n)
    stack.psql(bed.production, "TRUNCATE messages")
    restored = player.must("restore_database", restore_confirm=PROJECT)
    assert restored.result("pg_restore")["changed"]
    restored = player.must("restore_n8n", restore_confirm=PROJECT)
    assert restored.result("n8n_volume_restore")["changed"]
    assert before <= stack.message_ids(bed.production)
    assert _workflows(player.must("backup_stack", backup_max_age="").result("n8n_volume_backup")) == workflows
    with _load(bed) as again:
        time.sleep(_MARGIN)
    assert again.account(stack.message_ids(bed.production)).failed == 0, again.failures()


def _load(bed: Bed) -> Load:
    return Load(port_by_name(bed.site), bed.site.authority, rate=5, threads=16)


def _workflows(backup: dict[str, Any]) -> object:
    return backup["manifest"]["proof"]["database"]["workflows"]


def _time(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
