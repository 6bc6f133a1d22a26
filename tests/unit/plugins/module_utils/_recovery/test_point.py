# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which set a lost server is rebuilt from."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.point import choose_point

_SOURCES = ("n8n", "database", "config")
_OLD, _NEW = "20261124T031500Z-set-0001", "20261125T031500Z-set-0002"
_LOCAL, _BUCKET = {"path": "/srv/backups"}, {"type": "s3", "bucket": "far", "secret_key": "hidden"}
_IMAGES = {"n8n": {"image": "n8n:2", "id": "sha256:1", "digests": ["n8n@sha256:2"]}}


def _backup(set_id: str, source: str, minute: int, **others: Any) -> dict[str, Any]:
    day = set_id[6:8]
    return {
        "backup_id": f"{set_id[:16]}-{source}-00aa",
        "source": source,
        "set_id": set_id,
        "taken": f"2026-11-{day}T03:{minute:02}:00.000000Z",
        "age_seconds": 600 - minute,
        "good": True,
        "problem": None,
        "verified": {"level": "restore", "result": "passed", "time": "2026-11-25T04:00:00.000000Z"},
        "proof": {"images": _IMAGES} if source == "config" else {},
        **others,
    }


def _listing(*set_ids: str, sources: tuple[str, ...] = _SOURCES, **others: Any) -> dict[str, Any]:
    backups = [_backup(each, source, number, **others) for each in set_ids for number, source in enumerate(sources, 15)]
    sets = [{"set_id": each, "good": True, "skew_seconds": 120.0, "backups": {}} for each in set_ids]
    return {"backups": backups, "sets": sets}


def _choose(*listings: dict[str, Any], **others: Any) -> dict[str, Any]:
    repositories = [_LOCAL, _BUCKET][: len(listings)]
    return choose_point({"sources": _SOURCES, "repositories": repositories, "listings": listings, **others})


def test_it_is_the_newest_with_all_sources() -> None:
    point = _choose(_listing(_NEW, _OLD))
    assert point["set_id"] == _NEW
    assert point["backups"] == {source: f"20261125T031500Z-{source}-00aa" for source in _SOURCES}
    assert point["taken"] == "2026-11-25T03:15:00.000000Z"
    assert (point["age_seconds"], point["skew_seconds"]) == (585, 120.0)
    assert point["images"] == _IMAGES
    assert point["verified"] == dict.fromkeys(_SOURCES, "restore")
    assert point["passed_over"] == []


def test_only_what_is_needed_makes_it_old() -> None:
    point = _choose(_listing(_NEW), sources=("database", "config"))
    assert point["taken"] == "2026-11-25T03:16:00.000000Z"
    assert set(point["backups"]) == set(_SOURCES)


def test_a_newer_one_that_is_not_good_is_passed_over_and_told() -> None:
    bad, good = _listing(_NEW, good=False, problem="truncated"), _listing(_OLD)
    point = _choose({"backups": bad["backups"] + good["backups"], "sets": bad["sets"] + good["sets"]})
    assert point["set_id"] == _OLD
    assert "truncated" in point["passed_over"][0]
    assert _NEW in point["passed_over"][0]


def test_a_newer_one_that_lacks_a_source_is_passed_over() -> None:
    part, whole = _listing(_NEW, sources=("n8n",)), _listing(_OLD)
    point = _choose({"backups": part["backups"] + whole["backups"], "sets": part["sets"] + whole["sets"]})
    assert point["set_id"] == _OLD
    assert "no backup of database, config" in point["passed_over"][0]


def test_a_set_comes_from_the_repository_that_has_all_of_it() -> None:
    point = _choose(_listing(_NEW, sources=("n8n",)), _listing(_NEW))
    assert (point["set_id"], point["repository"], point["repository_name"]) == (_NEW, 1, "far")


def test_a_repository_that_does_not_answer_is_told() -> None:
    point = _choose({"failed": True, "msg": "no such host\nmore"}, _listing(_OLD))
    assert point["silent"] == {"/srv/backups": "no such host"}
    assert point["repository_name"] == "far"


def test_none_that_answers_is_an_error_with_each_reason() -> None:
    with pytest.raises(RefusedError, match="/srv/backups: gone; far: denied"):
        _choose({"msg": "gone."}, {"msg": "denied"})


@pytest.mark.parametrize(
    ("asked", "set_id"), [({"set_id": _OLD}, _OLD), ({"before": "2026-11-25T00:00:00Z"}, _OLD)], ids=["id", "time"]
)
def test_an_older_one_can_be_asked_for(asked: dict[str, str], set_id: str) -> None:
    assert _choose(_listing(_NEW, _OLD), **asked)["set_id"] == set_id


@pytest.mark.parametrize(
    "asked",
    [{"set_id": "20261101T000000Z-set-ffff"}, {"before": "2026-11-01T00:00:00Z"}],
    ids=["unknown id", "before all"],
)
def test_what_there_is_not_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match=r"There is no .*set.* in /srv/backups"):
        _choose(_listing(_NEW, _OLD), **asked)


def test_a_failed_verification_is_none() -> None:
    failed = {"level": "restore", "result": "failed", "time": "2026-11-25T04:00:00.000000Z"}
    assert _choose(_listing(_NEW, verified=failed))["verified"]["n8n"] is None
