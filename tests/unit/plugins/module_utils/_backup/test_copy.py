# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies in a second repository: two folders, and a folder and a bucket."""

from __future__ import annotations

import pathlib
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import (
    CopyRequest,
    copy_backups,
    wanted_entries,
)
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy_arguments import copy_request
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.age_keys import age_pair
from tests.unit.plugins.module_utils.made import PLACE, YEAR, backed_up, no_warning


def local(path: pathlib.Path) -> LocalRepository:
    path.mkdir(exist_ok=True)
    return LocalRepository(str(path))


@pytest.fixture
def origin(tmp_path: pathlib.Path) -> LocalRepository:
    return local(tmp_path / "origin")


@pytest.fixture
def target(tmp_path: pathlib.Path) -> LocalRepository:
    return local(tmp_path / "target")


def copy(origin: Repository, target: Repository, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"backup_id": LATEST, "newer_than": None, "check_mode": False, **more}
    return copy_backups(origin, target, CopyRequest((PLACE,), **given), no_warning)


def files_of(repository: LocalRepository, backup_id: str) -> dict[str, bytes]:
    folder = pathlib.Path(repository.title, str(PLACE), backup_id)
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith("verdict")}


def ids(result: dict[str, Any]) -> list[str]:
    return [each["backup_id"] for each in result["copied"]]


def test_a_copy_is_the_same_byte_for_byte_and_is_made_once(
    origin: LocalRepository, target: LocalRepository, tmp_path: pathlib.Path
) -> None:
    ana = age_pair(tmp_path / "ana.txt")
    _older, newest = backed_up(origin, "older"), backed_up(origin, "hola", [ana.recipient])
    planned = copy(origin, target, check_mode=True)
    assert (planned["changed"], ids(planned), list(pathlib.Path(target.title).iterdir())) == (True, [newest], [])
    done = copy(origin, target)
    assert (done["changed"], ids(done), done["diff"]) == (True, [newest], planned["diff"])
    assert files_of(target, newest) == files_of(origin, newest)
    again = copy(origin, target)
    assert (again["changed"], again["copied"], again["present"]) == (False, [], [newest])
    pages = pathlib.Path(target.title, PLACE.stack, "sets", done["copied"][0]["set_id"])
    assert f"from={target.title}/" in (pages / "RECOVERY.md").read_text()


def test_what_is_missing_is_made_up_for_oldest_first(origin: LocalRepository, target: LocalRepository) -> None:
    made = sorted(backed_up(origin, str(number)) for number in range(3))
    copy(origin, target, backup_id=made[1])
    assert ids(copy(origin, target, newer_than=YEAR)) == [made[0], made[2]]
    assert [each.backup_id for each in wanted_entries(origin.entries(PLACE), request_of(60), now())] != []
    later = now() + timedelta(hours=1)
    assert wanted_entries(origin.entries(PLACE), request_of(60), later) == []


def request_of(newer_than: float) -> CopyRequest:
    return CopyRequest((PLACE,), LATEST, newer_than, check_mode=False)


def test_what_is_not_good_is_worth_no_copy(origin: LocalRepository, target: LocalRepository) -> None:
    good = backed_up(origin)
    bad = backed_up(origin, unrecoverable="The key is lost.")
    assert ids(copy(origin, target, newer_than=YEAR)) == [good]
    with pytest.raises(RefusedError, match="is not good"):
        copy(origin, target, backup_id=bad)
    with pytest.raises(RefusedError, match="There is no backup"):
        copy(origin, target, backup_id="20200101T000000Z-n8n-0000")


def test_one_that_rotted_stops_no_other(origin: LocalRepository, target: LocalRepository) -> None:
    made = sorted(backed_up(origin, str(number) * 100) for number in range(3))
    payload = pathlib.Path(origin.title, str(PLACE), made[1], "text.zst")
    payload.write_bytes(payload.read_bytes()[:-1] + b"x")
    with pytest.raises(RepositoryError, match="1 of 3 backups could not be copied") as caught:
        copy(origin, target, newer_than=YEAR)
    assert list(caught.value.details["failed_copies"]) == [made[1]]
    assert ids(caught.value.details) == [made[0], made[2]]
    assert sorted(each.backup_id for each in target.entries(PLACE)) == [made[0], made[2]]


def test_a_damaged_copy_is_replaced(origin: LocalRepository, target: LocalRepository) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    pathlib.Path(target.title, str(PLACE), backup_id, "text.zst").write_bytes(b"")
    assert ids(copy(origin, target)) == [backup_id]
    assert files_of(target, backup_id) == files_of(origin, backup_id)


def condemn(repository: LocalRepository, backup_id: str, problem: str) -> None:
    repository.write_verdict(PLACE, Verdict(backup_id, "checksum", to_iso(now()), (problem,), 0.1))


def test_a_copy_that_a_verification_found_rotten_is_replaced(origin: LocalRepository, target: LocalRepository) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    payload = pathlib.Path(target.title, str(PLACE), backup_id, "text.zst")
    payload.write_bytes(payload.read_bytes()[:-1] + b"x")
    condemn(target, backup_id, "text.zst is not what was stored")
    assert ids(copy(origin, target)) == [backup_id]
    assert files_of(target, backup_id) == files_of(origin, backup_id)
    assert [each.good for each in target.entries(PLACE)] == [True]


def test_a_copy_that_is_found_bad_and_yet_the_same_is_not_made_again(
    origin: LocalRepository, target: LocalRepository
) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    condemn(target, backup_id, "a workflow is missing")
    warnings: list[str] = []
    result = copy_backups(origin, target, CopyRequest((PLACE,), LATEST, None, check_mode=False), warnings.append)
    assert (result["changed"], result["copied"], result["present"]) == (False, [], [backup_id])
    assert (len(warnings), "(a workflow is missing)" in warnings[0]) == (1, True)
    assert [each.good for each in target.entries(PLACE)] == [False]


def test_a_damaged_copy_stays_where_nothing_better_can_replace_it(
    origin: LocalRepository, target: LocalRepository
) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    for repository, damage in ((target, b""), (origin, None)):
        payload = pathlib.Path(repository.title, str(PLACE), backup_id, "text.zst")
        payload.write_bytes(payload.read_bytes()[:-1] + b"x" if damage is None else damage)
    before = files_of(target, backup_id)
    with pytest.raises(RepositoryError, match="is not what was stored"):
        copy(origin, target)
    assert files_of(target, backup_id) == before


def test_what_cannot_be_looked_at_just_now_is_left_alone(origin: LocalRepository, target: LocalRepository) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    for repository in (target, origin):
        payload = pathlib.Path(repository.title, str(PLACE), backup_id, "text.zst")
        payload.rename(payload.with_name("aside"))
        payload.symlink_to("text.zst")  # the system refuses to follow it
        with pytest.raises(RepositoryError, match=rf"{repository.title} cannot be looked at just now"):
            copy(origin, target, backup_id=backup_id)
        payload.with_name("aside").rename(payload)
    assert copy(origin, target)["present"] == [backup_id]


def test_a_newest_that_cannot_be_looked_at_just_now_is_told(origin: LocalRepository, target: LocalRepository) -> None:
    older, newest = (backed_up(origin, text) for text in ("older", "newest"))
    payload = pathlib.Path(origin.title, str(PLACE), newest, "text.zst")
    payload.rename(payload.with_name("aside"))
    payload.symlink_to("text.zst")
    warnings: list[str] = []
    request = CopyRequest((PLACE,), LATEST, None, check_mode=False)
    assert ids(copy_backups(origin, target, request, warnings.append)) == [older]
    assert f"{newest} in {origin.title} cannot be looked at just now" in warnings[0]


def test_a_copy_is_none_the_worse_for_a_verdict_that_cannot_be_read(
    origin: LocalRepository, target: LocalRepository
) -> None:
    backup_id = backed_up(origin)
    copy(origin, target)
    folder = pathlib.Path(target.title, str(PLACE), backup_id)
    (folder / "verdict.checksum.json").write_bytes(b"{}")
    assert copy(origin, target)["present"] == [backup_id]


def test_a_repository_that_somebody_writes_to_keeps_what_it_had(
    origin: LocalRepository, target: LocalRepository
) -> None:
    first, second = backed_up(origin), backed_up(origin)
    copy(origin, target, backup_id=first)
    with target.lease(PLACE), pytest.raises(RepositoryError, match="Another writer is at work"):
        copy(origin, target)
    assert [each.backup_id for each in target.entries(PLACE)] == [first]
    assert ids(copy(origin, target)) == [second]


def test_one_repository_is_not_two(origin: LocalRepository) -> None:
    with pytest.raises(RefusedError, match="the same repository"):
        copy(origin, LocalRepository(origin.title + "/."))


GIVEN: dict[str, Any] = {"stack": "lottery-chatbot", "source": None, "backup_id": LATEST, "newer_than": None}


def test_what_the_parameters_ask_for() -> None:
    assert copy_request({**GIVEN, "newer_than": "7d"}, check_mode=True) == CopyRequest(
        tuple(Place("lottery-chatbot", source) for source in ("n8n", "database", "config", "logs")),
        LATEST,
        604800,
        True,
    )
    assert copy_request({**GIVEN, "source": "n8n"}, check_mode=False).places == (PLACE,)
    one = "20261124T031500Z-n8n-7f3a"
    for wrong in ({"backup_id": one, "newer_than": "7d"}, {"backup_id": "mine"}, {"newer_than": "soon"}):
        with pytest.raises(RefusedError):
            copy_request({**GIVEN, **wrong}, check_mode=False)
