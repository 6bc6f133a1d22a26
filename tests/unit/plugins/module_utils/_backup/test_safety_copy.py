# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup of what a restore replaced is listed, restored by its id, and is nobody's newest one."""

from __future__ import annotations

import pathlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.catalogue import catalogue, sets_of
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST, Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import CopyRequest, wanted_entries
from ansible_collections.chatbot.ops.plugins.module_utils._backup.due import plan_verification
from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import prune_backups, read_wanted
from ansible_collections.chatbot.ops.plugins.module_utils._backup.runbook import RunbookRequest, keep_runbook
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import fresh_enough, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Wanted, verify_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
from ansible_collections.chatbot.ops.plugins.module_utils._retention.guards import require_no_shrinkage
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules
from ansible_collections.chatbot.ops.plugins.module_utils._retention.stack import (
    SAFETY_COPY_DAYS,
    Member,
    plan_stack,
)

from tests.unit.plugins.module_utils.made import (
    PLACE,
    YEAR,
    TextSource,
    TextVerifier,
    backed_up,
    no_warning,
    put_backup,
    request,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> LocalRepository:
    return LocalRepository(str(tmp_path))


def safety_copy(repository: LocalRepository, of: str, text: str = "") -> str:
    asked = replace(request(), accept_loss=True, safety_copy_for=of)
    return str(take_backup(repository, TextSource(text), asked, no_warning)["backup_id"])


def test_the_newest_is_the_one_before_it_and_by_name_it_is_itself(repository: LocalRepository) -> None:
    backup_id = backed_up(repository)
    copy = safety_copy(repository, backup_id, "damaged")
    entries = repository.entries(PLACE)
    assert entries[0].backup_id == copy
    assert choose(entries, Choice(), "x").backup_id == backup_id
    assert choose(entries, Choice(before=now() + timedelta(hours=1)), "x").backup_id == backup_id
    assert choose(entries, Choice(copy), "x").safety_copy_for == backup_id
    with pytest.raises(RefusedError, match="There is no backup of x"):
        choose(entries[:1], Choice(), "x")


def test_it_is_no_fresh_backup_and_no_measure_of_what_there_was(repository: LocalRepository) -> None:
    full = backed_up(repository)
    safety_copy(repository, full)
    assert fresh_enough(repository.entries(PLACE)[:1], YEAR, now()) is None
    with pytest.raises(RefusedError, match=f"holds no character; backup {full}"):
        backed_up(repository, "")


def test_it_is_neither_verified_nor_copied_nor_kept_a_runbook_beside_as_the_newest(
    repository: LocalRepository,
) -> None:
    backup_id = backed_up(repository)
    copy = safety_copy(repository, backup_id)
    entries = repository.entries(PLACE)
    wanted = Wanted(Choice(), "structure", None, check_mode=True)
    assert verify_backup(repository, PLACE, wanted, TextVerifier())["backup_id"] == backup_id
    one = CopyRequest((PLACE,), LATEST, None, check_mode=True)
    assert [each.backup_id for each in wanted_entries(entries, one, now())] == [backup_id]
    both = replace(one, newer_than=YEAR)
    assert [each.backup_id for each in wanted_entries(entries, both, now())] == [copy, backup_id]
    sets = {each.backup_id: each.manifest.set_id for each in entries if each.manifest}
    asked = RunbookRequest(PLACE.stack, LATEST, {"RUNBOOK.md": "Call Ana."}, (), check_mode=False)
    assert keep_runbook(repository, asked)["set_id"] == sets[backup_id]
    assert keep_runbook(repository, replace(asked, set_id=sets[copy]))["set_id"] == sets[copy]


def test_a_list_shows_it_with_its_mark_and_in_no_set(repository: LocalRepository) -> None:
    backup_id = backed_up(repository)
    copy = safety_copy(repository, backup_id)
    listed = catalogue(repository, PLACE.stack, [PLACE.source], no_warning)
    assert [(each["backup_id"], each["safety_copy_for"]) for each in listed] == [(copy, backup_id), (backup_id, None)]
    assert [each["backups"] for each in sets_of(listed)] == [{PLACE.source: backup_id}]


def test_a_plan_to_verify_takes_it_last(repository: LocalRepository) -> None:
    backup_id = backed_up(repository)
    copy = safety_copy(repository, backup_id)
    findings: dict[str, Any] = {
        "listings": [{"backups": catalogue(repository, PLACE.stack, [PLACE.source], no_warning)}],
        "sources": [PLACE.source],
        "level": "restore",
        "max_age": "",
        "time_budget": "",
        "byte_budget": 1000,
        "identity": True,
    }
    picked = plan_verification(findings)["backups"]
    assert [(each["backup_id"], each["newest"]) for each in picked] == [(backup_id, True), (copy, False)]


def test_rules_do_not_count_it(repository: LocalRepository) -> None:
    older, newest = put_backup(repository, now() - timedelta(days=1)), backed_up(repository)
    for each in (older, newest):
        wanted = Wanted(Choice(each), "structure", None, check_mode=False)
        verify_backup(repository, PLACE, wanted, TextVerifier())
    copy = safety_copy(repository, newest)
    names = ("daily", "weekly", "monthly", "yearly")
    counts = {"keep_last": 1, **{f"keep_{each}": 0 for each in names}, "keep_verified": 1, "keep_logs_days": 0}
    params = {**counts, "max_shrinkage": 50, "accept_shrinkage": False, "time_zone": "UTC"}
    done = prune_backups(repository, PLACE.stack, read_wanted(params, check_mode=False), no_warning)
    assert [each["backup_id"] for each in done["removed"]] == [older]
    assert {each["backup_id"]: each["reasons"] for each in done["kept"]} == {
        copy: ["safety copy"],
        newest: ["last", "verified"],
    }


def member(days_ago: float, *, safety_copy: bool = False, rows: int = 100) -> Member:
    name = f"{'copy' if safety_copy else 'backup'} {days_ago:g}"
    time, held = NOON - timedelta(days=days_ago), (("rows", rows),)
    return Member(name, time, True, not safety_copy, "n8n", name, held, safety_copy=safety_copy)


@pytest.mark.parametrize(
    ("newest", "age", "stays"),
    [
        pytest.param(0, SAFETY_COPY_DAYS, True, id="not so old yet"),
        pytest.param(0, SAFETY_COPY_DAYS + 1, False, id="too old"),
        pytest.param(5, SAFETY_COPY_DAYS + 1, True, id="no backup was taken since it got so old"),
        pytest.param(SAFETY_COPY_DAYS + 9, SAFETY_COPY_DAYS + 1, True, id="nothing newer"),
    ],
)
def test_how_long_it_stays(newest: int, age: int, stays: bool) -> None:
    old = member(age, safety_copy=True)
    (fate,) = (each for each in plan_stack([member(newest), old], Rules(keep_last=1), UTC) if each.member is old)
    assert fate.decision.keep is stays
    unsure = replace(old, unsure=True)
    assert all(each.decision.keep for each in plan_stack([member(newest), unsure], Rules(keep_last=1), UTC))


def test_how_little_it_holds_keeps_nothing_from_going() -> None:
    members = [member(0, safety_copy=True, rows=0), member(1), member(2)]
    require_no_shrinkage(plan_stack(members, Rules(keep_last=1), UTC), 50)
