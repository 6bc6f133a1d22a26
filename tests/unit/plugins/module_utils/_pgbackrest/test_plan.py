# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a target begins with the right backup, follows the right timeline, or is refused with what there is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.plan import histories_wanted, plan_restore

from tests.unit.plugins.module_utils._pgbackrest.answers_made import (
    DIFF,
    FULL,
    STANZA,
    backups,
    changed,
    findings,
    info,
    listing,
)


@pytest.mark.parametrize(
    ("time", "backup", "timeline"),
    [
        pytest.param("2026-11-25T00:55:52Z", FULL, 1, id="a second after the oldest backup"),
        pytest.param("2026-11-25T00:57:27Z", FULL, 1, id="between backups"),
        # Timeline 2 was begun at 00:59:47, from 00:57:27 of the first one; its backup does not lead here.
        pytest.param("2026-11-25T00:58:40Z", FULL, 1, id="on a timeline that was left"),
        pytest.param("2026-11-24T18:58:40-06:00", FULL, 1, id="in another time zone"),
        # The full backup of timeline 1 ended before timeline 2 left it, so that it leads here, too.
        pytest.param("2026-11-25T01:00:05Z", FULL, 2, id="on the new timeline, before its backup"),
        pytest.param("2026-11-25T01:00:09Z", DIFF, 2, id="after the new timeline's backup"),
    ],
)
def test_a_time_is_reached_from_the_newest_backup_that_leads_there(time: str, backup: str, timeline: int) -> None:
    plan = plan_restore(findings(time=time))
    assert (plan["backup_id"], plan["timeline"]) == (backup, timeline)
    assert plan["arguments"][:2] == [f"--set={backup}", f"--target-timeline={timeline}"]


@pytest.mark.parametrize(
    ("options", "arguments", "words"),
    [
        pytest.param(
            {"time": "2026-11-25T00:57:27.5Z"},
            ["--type=time", "--target=2026-11-25 00:57:27.500000+00", "--target-action=promote"],
            "to 2026-11-25T00:57:27.500000Z",
            id="time",
        ),
        pytest.param(
            {"xid": 731}, ["--type=xid", "--target=731", "--target-action=promote"], "to transaction 731", id="xid"
        ),
        pytest.param(
            {"xid": "731", "exclusive": True},
            ["--type=xid", "--target=731", "--target-exclusive", "--target-action=promote"],
            "just before transaction 731",
            id="before xid",
        ),
        pytest.param(
            {"restore_point": "a b"},
            ["--type=name", "--target=a b", "--target-action=promote"],
            "to restore point a b",
            id="name",
        ),
        pytest.param({"latest": True}, ["--type=default"], "to the end of the archive", id="latest"),
    ],
)
def test_each_target_has_its_arguments(options: dict[str, Any], arguments: list[str], words: str) -> None:
    plan = plan_restore(findings(**options))
    assert (plan["arguments"][2:], plan["target"]) == (arguments, words)


def test_without_a_time_it_is_the_newest_backup_of_the_timeline_in_use() -> None:
    assert (plan := plan_restore(findings(latest=True)))["backup_id"] == DIFF
    assert plan["timeline"] == 2
    assert plan["stop_time"] == ""


def test_the_operator_may_choose_backup_and_timeline() -> None:
    plan = plan_restore(findings(xid="731", backup_id=FULL, timeline="1"))
    assert (plan["backup_id"], plan["timeline"]) == (FULL, 1)
    assert plan_restore(findings(latest=True, backup_id=FULL))["timeline"] == 2


def test_the_range_is_told() -> None:
    plan = plan_restore(findings(time="2026-11-25T00:57:27Z"))
    assert (plan["earliest"], plan["latest"]) == ("2026-11-25T00:55:52.000000Z", "2026-11-25T01:00:09.000000Z")
    assert plan["size_bytes"] == 23005550


@pytest.mark.parametrize(
    ("time", "why"),
    [
        ("2026-11-25T00:55:51Z", "before the end of the oldest sound backup"),
        ("2026-11-25T01:00:10Z", "later than the last"),
    ],
)
def test_a_time_out_of_range_is_refused_with_the_range(time: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why) as caught:
        plan_restore(findings(time=time))
    assert "from 2026-11-25T00:55:52.000000Z to 2026-11-25T01:00:09.000000Z" in caught.value.message


def test_what_is_archived_soon_counts_in_check_mode() -> None:
    plan = plan_restore(findings(time="2026-11-25T01:00:10Z", archived_until="2026-11-25T01:00:11.5+00:00"))
    assert (plan["backup_id"], plan["latest"]) == (DIFF, "2026-11-25T01:00:11.500000Z")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({}, "exactly one way", id="no target"),
        pytest.param({"latest": True, "xid": "1"}, "postgres_pitr_xid, postgres_pitr_latest", id="two targets"),
        pytest.param({"time": "yesterday"}, "postgres_pitr_time", id="no time"),
        pytest.param({"xid": "0x1"}, "no transaction id", id="no transaction"),
        pytest.param({"latest": True, "timeline": "0"}, "no timeline", id="no timeline"),
        pytest.param({"latest": True, "timeline": "7"}, "leads to timeline 7", id="unknown timeline"),
        pytest.param({"latest": True, "backup_id": "20200101-000000F"}, FULL, id="unknown backup"),
        pytest.param({"latest": True, "info": info("empty")}, "no backup of the stanza", id="no backup"),
        pytest.param({"latest": True, "listing": "{}"}, "no WAL of the stanza", id="no archive"),
    ],
)
def test_what_cannot_be_done_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        plan_restore(findings(**options))


def test_history_files_are_wanted_where_there_is_an_archive() -> None:
    known = {"stanza": STANZA, "info": info(), "listing": listing()}
    assert histories_wanted(known) == ["15-1/00000002.history"]
    assert histories_wanted({**known, "info": info("missing")}) == []
    assert histories_wanted({**known, "listing": json.dumps({})}) == []


def test_a_backup_of_a_left_timeline_is_not_taken_for_one_of_the_new() -> None:
    """The full backup ended after the branch: only the new timeline's own backup leads on."""
    late = changed(backup=[{**backup, "lsn": {"stop": "0/8029600"}} for backup in json.loads(info())[0]["backup"]][:1])
    with pytest.raises(RefusedError, match="leads to timeline 2"):
        plan_restore(findings(latest=True, info=late))


@pytest.mark.parametrize("options", [{"latest": True}, {"xid": "731"}, {"time": "2026-11-25T01:03:00Z"}])
def test_it_begins_with_a_sound_backup_or_with_the_one_that_is_named(options: dict[str, Any]) -> None:
    known = {"info": backups("1F", "2F!"), "archived_until": "2026-11-25T01:04:00Z", **options}
    assert ((plan := plan_restore(findings(**known)))["backup_id"], plan["damaged"]) == ("1F", False)
    assert ((plan := plan_restore(findings(**known, backup_id="2F")))["backup_id"], plan["damaged"]) == ("2F", True)


def test_damaged_backups_alone_are_refused_and_told() -> None:
    with pytest.raises(RefusedError, match=r"sound backup .*postgres_pitr_backup_id.* 2F \(timeline 1, with damaged"):
        plan_restore(findings(latest=True, info=backups("1F!", "2F!")))


def test_the_range_begins_with_the_oldest_sound_backup() -> None:
    """The second one ended at 01:01:08."""
    with pytest.raises(RefusedError, match="before the end of the oldest sound backup") as caught:
        plan_restore(findings(time="2026-11-25T01:01:00Z", info=backups("1F!", "2F"), timeline="1"))
    assert "Any time from 2026-11-25T01:01:09.000000Z" in caught.value.message
