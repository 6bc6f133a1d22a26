# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retention over a whole stack: sets stay whole, and nothing goes that nothing replaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._retention.guards import (
    amounts,
    require_forward_clock,
    require_no_shrinkage,
    require_rules,
)
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules
from ansible_collections.chatbot.ops.plugins.module_utils._retention.stack import Member, plan_stack

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LAST = Rules(keep_last=1)


def made(
    days_ago: float,
    source: str = "n8n",
    *,
    in_set: str | None = "",
    good: bool = True,
    verified: bool = False,
    held: dict[str, int] | None = None,
) -> Member:
    """A backup, alone in its set unless that is named; ``in_set=None`` is one whose manifest cannot be read."""
    name = f"{source} {days_ago:g}"
    set_id = f"alone {name}" if in_set == "" else in_set
    return Member(
        name,
        NOON - timedelta(days=days_ago),
        good,
        verified,
        source,
        set_id,
        tuple(({"rows": 100} if held is None else held).items()),
    )


def bad(days_ago: float) -> Member:
    return made(days_ago, good=False)


def unreadable(days_ago: float) -> Member:
    return made(days_ago, good=False, in_set=None)


def unsure(days_ago: float) -> Member:
    return replace(bad(days_ago), unsure=True)


def verified(days_ago: float) -> Member:
    return made(days_ago, verified=True)


@pytest.mark.parametrize(
    ("members", "rules", "removed"),
    [
        pytest.param([verified(0), made(1), made(2)], LAST, ["n8n 2", "n8n 1"], id="superseded"),
        pytest.param([made(0), made(1), made(2)], LAST, [], id="none verified: no good one goes"),
        pytest.param([made(0), bad(1), bad(2)], LAST, ["n8n 2", "n8n 1"], id="none verified: bad ones go"),
        pytest.param([made(0), made(1), verified(2), made(3)], LAST, ["n8n 3", "n8n 1"], id="verified stays"),
        pytest.param(
            [made(0), verified(1), verified(2), verified(3)],
            Rules(keep_last=1, keep_verified=2),
            ["n8n 3"],
            id="so many verified stay",
        ),
        pytest.param([bad(0), verified(1), bad(2)], LAST, ["n8n 2"], id="a bad one goes once a good one is newer"),
        pytest.param([bad(0), bad(1)], LAST, [], id="nothing good: nothing goes"),
        pytest.param([verified(0), unreadable(1)], LAST, [], id="not ours, perhaps"),
        pytest.param([verified(0), unsure(1), bad(2)], LAST, ["n8n 2"], id="it may be good"),
        pytest.param([unsure(0), verified(1), made(2)], LAST, ["n8n 2"], id="it pushes no good one out"),
        pytest.param([], LAST, [], id="nothing there"),
    ],
)
def test_what_goes(members: list[Member], rules: Rules, removed: list[str]) -> None:
    fates = plan_stack(members, rules, UTC)
    assert [each.member.backup_id for each in reversed(fates) if not each.decision.keep] == removed


def test_a_set_stays_whole() -> None:
    """The rules want only the newest of each source; the verified one of n8n holds its whole set."""
    members = [
        made(0, in_set="new"),
        made(0, "database", in_set="new", verified=True),
        made(1, in_set="between"),
        made(1, "database", in_set="between"),
        made(2, in_set="old", verified=True),
        made(2, "database", in_set="old"),
        made(2, "config", in_set="old", good=False),
        made(0, "config"),
    ]
    reasons = {each.member.backup_id: each.decision.reasons for each in plan_stack(members, LAST, UTC)}
    assert reasons == {
        "n8n 0": ("last",),
        "database 0": ("last", "verified"),
        "n8n 1": ("superseded",),
        "database 1": ("superseded",),
        "n8n 2": ("verified",),
        "database 2": ("set of n8n 2",),
        "config 2": ("set of n8n 2",),
        "config 0": ("last", "none was verified"),
    }


def test_each_source_counts_for_itself() -> None:
    members = [made(day, source, verified=day == 0) for day in range(4) for source in ("n8n", "database")]
    kept = [each.member.backup_id for each in plan_stack(members, Rules(keep_last=2), UTC) if each.decision.keep]
    assert sorted(kept) == ["database 0", "database 1", "n8n 0", "n8n 1"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (Rules(), "all of them are 0"),
        (Rules(keep_verified=5), "all of them are 0"),
        (Rules(keep_last=1, keep_verified=0), "at least 1"),
        (Rules(keep_last=1, keep_daily=-1), "negative"),
    ],
)
def test_rules_that_keep_nothing_are_refused(rules: Rules, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        require_rules(rules)


def test_a_backup_from_the_future_is_refused() -> None:
    require_forward_clock([], NOON)
    require_forward_clock([made(-0.01), made(3)], NOON)
    with pytest.raises(RefusedError, match=r"n8n -0\.02 is from the future"):
        require_forward_clock([made(3), made(-0.02)], NOON)


@pytest.mark.parametrize(
    ("newest", "older", "complaint"),
    [
        pytest.param({"rows": 50}, {"rows": 100}, None, id="half is just allowed"),
        pytest.param({"rows": 49}, {"rows": 100}, "holds 49 rows, and n8n 1 held 100: 51 % less", id="less than half"),
        pytest.param({"rows": 100, "bytes": 4}, {"rows": 100, "bytes": 10}, "4 bytes", id="any kind counts"),
        pytest.param({"rows": 500}, {"rows": 1}, None, id="growth"),
        pytest.param({"rows": 0}, {"rows": 0}, None, id="empty all along"),
        pytest.param({}, {"rows": 9}, "holds 0 rows", id="not counted any more"),
        pytest.param({"rows": 1}, {}, None, id="not counted before"),
    ],
)
def test_shrinkage(newest: dict[str, int], older: dict[str, int], complaint: str | None) -> None:
    members = [made(0, held=newest, verified=True), made(1, held=older)]
    fates = plan_stack(members, LAST, UTC)
    if complaint is None:
        require_no_shrinkage(fates, 50)
    else:
        with pytest.raises(RefusedError, match=complaint):
            require_no_shrinkage(fates, 50)
    require_no_shrinkage(fates, 100)


def test_shrinkage_that_went_unnoticed_for_long_is_seen_once_the_last_full_one_would_go() -> None:
    small, large = {"rows": 5}, {"rows": 100}
    members = [made(0, held=small, verified=True), made(1, held=small), made(2, held=small), made(9, held=large)]
    with pytest.raises(RefusedError, match="n8n 9 held 100"):
        require_no_shrinkage(plan_stack(members, Rules(keep_last=2), UTC), 50)
    require_no_shrinkage(plan_stack(members, Rules(keep_last=4), UTC), 50)


def test_bad_backups_are_no_measure() -> None:
    members = [made(0, held={"rows": 100}, verified=True), made(1, good=False, held={"rows": 10**6})]
    require_no_shrinkage(plan_stack(members, LAST, UTC), 50)


@pytest.mark.parametrize(
    ("source", "proof", "expected"),
    [
        ("database", {"tables": {"a": {"rows": 3}, "b": {"rows": 4}}, "sequences": {}}, {"rows": 7}),
        (
            "n8n",
            {"database": {"workflows": {"total": 2}, "credentials": {"total": 1}}, "files": {"count": 9}},
            {"workflows": 2, "credentials": 1, "files": 9},
        ),
        ("n8n", {"database": None, "files": {"count": 9}}, {"workflows": 0, "credentials": 0, "files": 9}),
        ("config", {"files": {"compose.yml": {}, ".env": {}}, "images": {}}, {"files": 2}),
        ("config", {}, {"files": 0}),
    ],
)
def test_what_a_backup_holds(source: str, proof: dict[str, object], expected: dict[str, int]) -> None:
    payload = StoredObject("data", 5, "", 12, "")
    manifest = Manifest("", "", "", source, "", "", "", "", (payload,), proof, {}, {}, ())
    assert dict(amounts(manifest)) == {"bytes": 12, **expected}


def test_archived_rows_stay_whatever_the_rules_for_ever_or_for_their_days() -> None:
    members = [
        Member(
            f"2026{month:02}01T000000Z-logs-0000",
            datetime(2026, month, 1, tzinfo=UTC),
            good,
            False,
            "logs",
            f"s{month}",
        )
        for month, good in ((1, True), (2, False), (3, True))
    ]
    for_days = Rules(keep_last=1, keep_logs_days=90)
    # Nothing was backed up since: who knows whether it is March, or years later?
    assert all(each.decision.keep for each in plan_stack(members, for_days, UTC))
    members.append(made(30))
    assert all(each.decision.keep for each in plan_stack(members, Rules(keep_last=1), UTC))
    kept = [
        each.member for each in plan_stack(members, for_days, UTC) if each.decision.keep and each.member in members[:3]
    ]
    assert [each.time.month for each in kept] == [2], "a bad one may be all there is"
