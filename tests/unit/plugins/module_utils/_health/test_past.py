# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Past looks: where a disk is heading, what restarted of late, and a memory that a damage does not break."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._health.history import with_past
from ansible_collections.chatbot.ops.plugins.module_utils._health.memory import Past, past_from, recall, remember
from ansible_collections.chatbot.ops.plugins.module_utils._health.trend import trend_of

_DAY = 86_400.0
_HOUR = 3600.0
NOW = 1_800_000_000.0
GIGABYTE = 1e9


def growing(per_day: float, days: int = 5) -> list[tuple[float, float]]:
    return [(NOW + hour * _HOUR, 50 * GIGABYTE + per_day * hour / 24) for hour in range(days * 24)]


class TestTrend:
    def test_a_straight_line(self) -> None:
        found = trend_of(growing(GIGABYTE), 100 * GIGABYTE)
        assert found is not None
        assert found.bytes_per_day == pytest.approx(GIGABYTE)
        assert found.days_left == pytest.approx(45, abs=0.1)

    def test_odd_looks_do_not_bend_it(self) -> None:
        points = growing(GIGABYTE)
        # Each night, a dump of 30 GB lies there for an hour.
        points = [(at, used + (30 * GIGABYTE if number % 24 == 3 else 0)) for number, (at, used) in enumerate(points)]
        found = trend_of(points, 100 * GIGABYTE)
        assert found is not None
        assert found.bytes_per_day == pytest.approx(GIGABYTE, rel=0.05)

    def test_one_that_empties_never_gets_full(self) -> None:
        found = trend_of(growing(-GIGABYTE), 100 * GIGABYTE)
        assert found is not None
        assert found.days_left is None

    def test_many_looks_are_thinned_and_the_last_one_stays(self) -> None:
        points = growing(GIGABYTE, days=30)
        found = trend_of(points, 100 * GIGABYTE)
        assert found is not None
        assert (found.points, round(found.span_days)) == (720, 30)
        assert found.days_left == pytest.approx(100 - points[-1][1] / GIGABYTE, rel=0.01)

    def test_too_few_looks_say_nothing(self) -> None:
        assert trend_of([], 1) is None
        assert trend_of(growing(1)[:10], 1) is None
        assert trend_of([(NOW, 1.0), (NOW + 9 * _DAY, 2.0)], 1) is None


def facts(**sections: Any) -> dict[str, dict[str, Any]]:
    return {name: {"problem": None, **section} for name, section in sections.items()}


def disks(used: float) -> dict[str, Any]:
    found = {"mount": "/", "problem": None, "used_bytes": int(used), "available_bytes": int(100 * GIGABYTE - used)}
    return {"disks": [found, {"mount": "/dead", "problem": "Input/output error"}]}


def test_a_disk_that_fills_is_seen_over_days() -> None:
    past, told = Past(), facts()
    for at, used in growing(GIGABYTE, days=2):
        told, past = with_past(facts(disks=disks(used)), past, at)
    disk, dead = told["disks"]["disks"]
    assert disk["growth_bytes_per_day"] == pytest.approx(GIGABYTE, rel=0.01)
    assert disk["days_left"] == pytest.approx(48, abs=0.2)
    assert disk["trend_days"] == 2.0
    assert dead["days_left"] is None
    assert len(past.disks["/"]) == 48


def test_no_more_than_one_look_an_hour_is_kept() -> None:
    past = Past()
    for minute in range(0, 180, 5):
        past = past.with_disks(NOW + 60 * minute, {"/": minute})
    assert [used for _at, used in past.disks["/"]] == [0, 60, 120]


def server(count: int | None, uptime: int = 9 * 86_400) -> dict[str, dict[str, Any]]:
    return facts(server={"oom_kills_since_boot": count, "uptime_seconds": uptime})


def test_kills_of_the_last_day_count() -> None:
    told, past = with_past(server(3), Past(), NOW)
    assert told["server"]["oom_kills"] == 0  # nobody knows when those were
    told, past = with_past(server(5), past, NOW + _HOUR)
    assert told["server"]["oom_kills"] == 2
    told, past = with_past(server(5), past, NOW + 2 * _HOUR)
    assert told["server"]["oom_kills"] == 2
    told, past = with_past(server(1, uptime=60), past, NOW + 3 * _HOUR)  # it was started anew
    assert told["server"]["oom_kills"] == 3
    told, past = with_past(server(1), past, NOW + 30 * _HOUR)
    assert told["server"]["oom_kills"] == 0
    assert with_past(server(2, uptime=60), Past(), NOW)[0]["server"]["oom_kills"] == 2
    assert with_past(server(None), past, NOW)[0]["server"]["oom_kills"] is None


def containers(restarts: int, age: int = 999_999, kills: int | None = 0, name: str = "a") -> dict[str, Any]:
    found = {"id": name, "restarts": restarts, "age_seconds": age, "oom_kills_now": kills}
    return facts(containers={"containers": [found]})


def seen(told: dict[str, Any]) -> tuple[int, int]:
    (found,) = told["containers"]["containers"]
    return found["new_restarts"], found["oom_kills"]


def test_restarts_of_the_last_hour_count() -> None:
    told, past = with_past(containers(4), Past(), NOW)
    assert seen(told) == (0, 0)
    told, past = with_past(containers(6, kills=1), past, NOW + 300)
    assert seen(told) == (2, 1)
    told, past = with_past(containers(6, kills=None), past, NOW + 2 * _HOUR)
    assert seen(told)[0] == 0
    # A new container has done all its restarts of late, and the old one is forgotten.
    told, past = with_past(containers(3, age=60, kills=1, name="b"), past, NOW + 2 * _HOUR)
    assert seen(told) == (3, 1)
    assert set(past.counters) == {"restarts:b", "kills:b"}


def test_a_section_that_failed_is_left_alone() -> None:
    past = Past(counters={"restarts:a": 4})
    told, after = with_past({"containers": {"problem": "no engine"}}, past, NOW)
    assert told == {"containers": {"problem": "no engine"}}
    assert after == past


def test_what_was_remembered_is_recalled(tmp_path: Path) -> None:
    path = tmp_path / "health" / "looks.json"
    _told, past = with_past({**containers(1, age=5), **facts(disks=disks(7))}, Past(), NOW)
    remember(str(path), past, NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = recall(str(path))
    assert (found.disks, found.counters, found.rises) == (
        past.disks,
        past.counters,
        {key: each for key, each in past.rises.items() if each},
    )
    assert found.looked == NOW


def test_what_apt_reckoned_is_remembered() -> None:
    told, past = with_past(facts(updates={"stamp": [1], "pending": 3}), Past(), NOW)
    assert past_from(json.loads(json.dumps(past.to_document(NOW)))).updates == told["updates"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 2}', json.dumps({"format": 1, "looked": "x"})])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "looks.json"
    path.write_text(content, encoding="utf-8")
    assert recall(str(path)) == Past()
    assert past_from(None) == Past()


def test_one_that_cannot_be_read_or_written_is_told(tmp_path: Path) -> None:
    assert recall(str(tmp_path / "none")) == Past()
    with pytest.raises(RefusedError, match="Failed to read"):
        recall(str(tmp_path))
    with pytest.raises(RefusedError, match="Failed to write"):
        remember(os.path.join("/proc/nothing", "looks.json"), Past(), NOW)
