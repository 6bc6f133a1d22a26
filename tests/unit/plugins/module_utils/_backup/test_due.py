# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is verified next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.verification_plan import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._backup.due import plan_verification

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def backup(day: int, source: str = "n8n", verified: tuple[int, str] | None = None, **more: Any) -> dict[str, Any]:
    """A backup of that day in November; ``verified`` is a day and a level."""
    verdict = (
        {"level": verified[1], "time": f"2026-11-{verified[0]:02}T04:00:00Z", "result": "passed"} if verified else None
    )
    objects = [{"stored_bytes": 100, "recipients": more.pop("recipients", [])}]
    backup_id = f"202611{day:02}T030000Z-{source}-aaaa"
    state = {"good": True, "unknown": False, "verified": verdict, **more}
    return {"backup_id": backup_id, "source": source, "objects": objects, **state}


def days(*listings: list[dict[str, Any]], **more: Any) -> list[tuple[int, int]]:
    """Return what is picked, as (repository, day)."""
    findings = {
        "listings": [{"backups": each} for each in listings],
        "sources": ["n8n"],
        "level": "restore",
        "max_age": "6d",
        "time_budget": "",
        "byte_budget": 1000,
        "identity": True,
        **more,
    }
    picked = plan_verification(findings, NOW)["backups"]
    return [(each["repository"], int(each["backup_id"][6:8])) for each in picked]


RESTORE = "restore"
OLD = [backup(day) for day in (10, 9, 8)]


@pytest.mark.parametrize(
    ("listing", "more", "expected"),
    [
        pytest.param(OLD, {}, [10, 8, 9], id="the newest first, then what has waited longest"),
        pytest.param(OLD, {"byte_budget": 0}, [10], id="no budget"),
        pytest.param(OLD, {"byte_budget": 50}, [10, 8], id="the first one may be larger than the budget"),
        pytest.param(OLD, {"byte_budget": 101}, [10, 8, 9], id="as long as something is left"),
        pytest.param([backup(24), *OLD], {}, [24, 8, 9, 10], id="the newest is young"),
        pytest.param([backup(24), *OLD], {"max_age": ""}, [24, 8, 9, 10], id="in any case"),
        pytest.param([backup(10, verified=(23, RESTORE)), backup(9)], {}, [9], id="verified lately"),
        pytest.param([backup(10, verified=(23, "structure")), backup(9)], {}, [10, 9], id="not so far"),
        pytest.param([backup(10), backup(9, verified=(12, RESTORE)), backup(8)], {}, [10, 8, 9], id="long ago"),
        pytest.param([backup(10, good=False), backup(9, good=False), backup(8)], {}, [10, 8], id="bad ones"),
        pytest.param(
            [backup(10), backup(9, good=False), backup(8, good=False, unknown=True)], {}, [10, 8], id="unknown ones"
        ),
        pytest.param([backup(10, good=False, verified=(23, RESTORE))], {}, [10], id="damaged since it was verified"),
        pytest.param(
            [backup(10, recipients=["age1x"], verified=(23, "checksum"))], {"identity": False}, [], id="closed to us"
        ),
        pytest.param([backup(10, recipients=["age1x"], verified=(23, "checksum"))], {}, [10], id="open to us"),
        pytest.param([backup(10, "database"), *OLD], {}, [10, 8, 9], id="another source"),
        pytest.param([], {}, [], id="nothing there"),
    ],
)
def test_what_is_picked(listing: list[dict[str, Any]], more: dict[str, Any], expected: list[int]) -> None:
    assert days(listing, **more) == [(0, day) for day in expected]


def test_other_repositories_wait_their_turn() -> None:
    here, there = [backup(10), backup(9)], [backup(10), backup(7)]
    assert days(here, there) == [(0, 10), (1, 7), (0, 9), (1, 10)]


def test_a_repository_that_cannot_be_listed_hides_no_other() -> None:
    findings = {"listings": [{"msg": "no route"}, {"backups": OLD}], "sources": ["n8n"], "level": "restore"}
    given = {"max_age": "", "time_budget": "", "byte_budget": 1000, "identity": True}
    plan = plan_verification({**findings, **given}, NOW)
    assert plan["unlisted"] == ["Repository 1 cannot be listed: no route"]
    assert [each["repository"] for each in plan["backups"]] == [1, 1, 1]
    assert plan["missing"] == ["n8n"]


def test_what_is_missing_and_how_long_it_may_take() -> None:
    findings = {
        "listings": [{"backups": OLD}],
        "sources": ["n8n", "database"],
        "level": "restore",
        "max_age": "",
        "time_budget": "2h",
        "byte_budget": 0,
        "identity": False,
    }
    plan = FilterModule().filters()["verification_plan"](findings)
    assert (plan["missing"], plan["seconds"]) == (["database"], 7200)
    assert plan["backups"][0]["newest"] is True
    for wrong, problem in (
        ({"level": "some"}, "is none of checksum"),
        ({"byte_budget": -1}, "less than nothing"),
        ({"time_budget": "soon"}, "time_budget"),
    ):
        with pytest.raises(AnsibleFilterError, match=problem):
            FilterModule().filters()["verification_plan"]({**findings, **wrong})
