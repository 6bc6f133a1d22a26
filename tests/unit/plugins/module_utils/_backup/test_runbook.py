# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runbook beside a set: in a folder, a bucket and a repository of restic; in the open and encrypted."""

from __future__ import annotations

import pathlib
import subprocess
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.runbook import keep_runbook, runbook_request
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.age_keys import Pair, age_pair
from tests.unit.plugins.module_utils._backup.test_copy import copy, local
from tests.unit.plugins.module_utils.made import PLACE, backed_up

PAGE = {"RUNBOOK.md": "# Call Ana\n"}


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> LocalRepository:
    return local(tmp_path / "origin")


def keep(
    repository: Any, pages: dict[str, str] | None = None, *, check_mode: bool = False, **more: Any
) -> dict[str, Any]:
    given = {"stack": PLACE.stack, "set_id": LATEST, "pages": pages or PAGE, "recipients": [], **more}
    return keep_runbook(repository, runbook_request(given, check_mode=check_mode))


def beside(repository: LocalRepository, set_id: str) -> dict[str, bytes]:
    folder = pathlib.Path(repository.title, PLACE.stack, "sets", set_id)
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith(("RUN", "EM"))}


def opened(pair: Pair, content: bytes) -> str:
    words = [find_program("age"), "--decrypt", "--identity", str(pair.path)]
    return subprocess.run(words, input=content, capture_output=True, check=True).stdout.decode()


def test_it_lies_beside_the_newest_set_and_is_written_once(repository: LocalRepository) -> None:
    backed_up(repository)
    backed_up(repository)
    planned = keep(repository, check_mode=True)
    assert beside(repository, planned["set_id"]) == {}
    done = keep(repository)
    assert (done["changed"], done["written"], done["diff"]) == (True, ["RUNBOOK.md"], planned["diff"])
    assert done["set_id"] == max(each.manifest.set_id for each in repository.entries(PLACE) if each.manifest)
    path = pathlib.Path(repository.title, PLACE.stack, "sets", done["set_id"], "RUNBOOK.md")
    assert (path.read_text(), path.stat().st_mode & 0o077) == ("# Call Ana\n", 0)
    again = keep(repository)
    assert (again["changed"], again["written"]) == (False, [])
    assert keep(repository, {"RUNBOOK.md": "# Call Luis\n"})["written"] == ["RUNBOOK.md"]


def test_an_older_set_is_named_by_its_id(repository: LocalRepository) -> None:
    backed_up(repository)
    first = repository.entries(PLACE)[0].manifest
    backed_up(repository)
    assert first is not None
    assert keep(repository, set_id=first.set_id)["set_id"] == first.set_id
    assert beside(repository, first.set_id) == {"RUNBOOK.md": b"# Call Ana\n"}


def test_it_is_read_with_a_key_alone_and_none_in_the_open_is_left(
    repository: LocalRepository, tmp_path: pathlib.Path
) -> None:
    backed_up(repository)
    ana = age_pair(tmp_path / "ana.txt")
    set_id = keep(repository)["set_id"]
    assert keep(repository, recipients=[ana.recipient])["written"] == ["RUNBOOK.md", "RUNBOOK.md.age"]
    found = beside(repository, set_id)
    assert opened(ana, found["RUNBOOK.md.age"]) == "# Call Ana\n"
    assert found["RUNBOOK.md"] == b"See RUNBOOK.md.age beside this file.\n"
    assert keep(repository, recipients=[ana.recipient])["written"] == ["RUNBOOK.md.age"]
    assert keep(repository)["written"] == ["RUNBOOK.md", "RUNBOOK.md.age"]
    assert keep(repository)["changed"] is False


def test_a_copy_of_a_set_has_it_too(repository: LocalRepository, tmp_path: pathlib.Path) -> None:
    target = local(tmp_path / "target")
    backed_up(repository)
    ana = age_pair(tmp_path / "ana.txt")
    set_id = keep(repository, recipients=[ana.recipient])["set_id"]
    copy(repository, target)
    assert beside(target, set_id) == beside(repository, set_id)


def test_it_goes_with_the_pages_of_its_set(repository: LocalRepository) -> None:
    backed_up(repository)
    set_id = keep(repository)["set_id"]
    assert repository.remove_pages(PLACE.stack, set_id).gone
    assert repository.read_page(PLACE.stack, set_id, "RUNBOOK.md") is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param({"pages": {"RECOVERY.md": "x"}}, "RECOVERY.md is no page of a runbook", id="another page"),
        pytest.param({"pages": {"../x": "x"}}, r"\.\./x is no page", id="path"),
        pytest.param({"set_id": "newest"}, "'newest' is no set", id="no id"),
        pytest.param({"set_id": "20200101T000000Z-set-0000"}, "no backup of the set 20200101", id="no such set"),
        pytest.param({"stack": "../x"}, "cannot name a stack", id="stack"),
        pytest.param({"recipients": ["AGE-SECRET-KEY-1QQQ"]}, "is a private key", id="private key"),
    ],
)
def test_what_makes_no_sense_is_refused(repository: LocalRepository, more: dict[str, Any], message: str) -> None:
    backed_up(repository)
    given = {"stack": PLACE.stack, "set_id": LATEST, "pages": PAGE, "recipients": [], **more}
    with pytest.raises(RefusedError, match=message):
        keep_runbook(repository, runbook_request(given, check_mode=False))


def test_without_a_backup_there_is_no_place_for_it(repository: LocalRepository) -> None:
    with pytest.raises(RefusedError, match="holds no backup of lottery-chatbot"):
        keep(repository)
