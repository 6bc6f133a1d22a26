# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pruning, on a folder and on a real S3 server alike; what is left is looked at by another way than the code's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules

from tests.support.modules import module_environment, result_of, start_module
from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._repository.prune_stores import (
    DATABASE,
    Folder,
    InBucket,
    Store,
    ago,
    filled,
    ids_of,
)
from tests.unit.plugins.module_utils.made import PLACE, put_backup


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, prefix: str) -> Store:
    if request.param == "local":
        return Folder(tmp_path / "repository")
    return InBucket(request.getfixturevalue("seaweed"), prefix)


def test_the_walk(store: Store) -> None:
    ids = filled(store)
    before = store.names()
    checked = store.prune(Rules(keep_last=2), check=True)
    assert store.names() == before
    assert checked["changed"] is True
    done = store.prune(Rules(keep_last=2))
    assert {key: value for key, value in done.items() if key != "diff"} == {
        key: value for key, value in checked.items() if key != "diff"
    }
    assert done["diff"] == checked["diff"]
    assert [each for each in ids_of(done, "removed") if "-n8n-" in each] == [ids[3], ids[2]]
    assert {each["reason"] for each in done["removed"]} == {"superseded"}
    kept_sets = {each["set_id"] for each in done["kept"]}
    assert len(done["kept"]) == 4
    assert len(kept_sets) == 2
    # The pages of yesterday's set stay, and so does nothing of the sets that went: they are older than a day.
    assert len(done["pages"]) == 2
    assert store.names() == [
        name for name in before if any(each in name for each in (*ids_of(done, "kept"), *kept_sets))
    ]
    again = store.prune(Rules(keep_last=2))
    assert (again["changed"], again["removed"], again["kept"]) == (False, [], done["kept"])
    assert all(entry.good for place in (PLACE, DATABASE) for entry in store.repository.entries(place))


def test_without_a_verified_backup_no_good_one_goes(store: Store) -> None:
    ids = [put_backup(store.repository, ago(number)) for number in range(3)]
    result = store.prune()
    assert result["changed"] is False
    assert "No backup of n8n was ever verified" in result["warnings"][0]
    assert store.ids() == sorted(ids)


def test_what_is_not_a_backup(store: Store) -> None:
    """Old orphans go; young ones may be uploads at work; what is not ours stays, and is told."""
    (kept,) = filled(store, 1)
    old, young = (f"{ago(days):%Y%m%dT%H%M%SZ}-n8n-0000" for days in (2, 0.5))
    strange = f"{ago(9):%Y%m%dT%H%M%SZ}-n8n-1111"
    for name in (f"{old}/text.zst", f"{young}/text.zst", "notes.txt", f"{old[:-9]}-other-0000/text.zst"):
        store.put(f"n8n/{name}", b"half")
    store.put(f"n8n/{strange}/manifest.json", b"another program's")
    before = store.names()
    result = store.prune()
    assert result["orphans"] == [{"backup_id": old, "source": "n8n"}]
    assert result["foreign"] == [f"n8n/{old[:-9]}-other-0000", "n8n/notes.txt"]
    reasons = {each["backup_id"]: each["reasons"] for each in result["kept"]}
    assert reasons[strange] == ["manifest cannot be read"]
    assert reasons[kept] == ["last", "verified"]
    assert store.names() == [name for name in before if old + "/" not in name]
    assert store.prune()["changed"] is False


def test_a_bad_backup_goes_and_the_only_one_stays(store: Store) -> None:
    bad = put_backup(store.repository, ago(3))
    store.drop(f"n8n/{bad}/text.zst")
    assert store.prune()["changed"] is False
    good = put_backup(store.repository, ago(2))
    newest = put_backup(store.repository, ago(0))
    store.drop(f"n8n/{newest}/text.zst")
    result = store.prune()
    assert [(each["backup_id"], each["reason"]) for each in result["removed"]] == [(bad, "not good")]
    assert store.ids() == sorted([good, newest])


def test_what_cannot_be_judged_just_now_stays_and_pushes_nothing_out(tmp_path: Path) -> None:
    store = Folder(tmp_path / "repository")
    unknown, unread, good, newest = (put_backup(store.repository, ago(days)) for days in (4, 3, 2, 1))
    for each in (newest, good, unread, unknown):
        store.verify(each)
    folder = tmp_path / "repository" / PLACE.stack / "n8n"
    payload = folder / unknown / "text.zst"
    payload.rename(payload.with_name("aside"))
    payload.symlink_to("text.zst")  # the system refuses to follow it
    for each in (unread, newest):
        (folder / each / "verdict.structure.json").write_bytes(b"{}")
    result = store.prune()
    assert [(each["backup_id"], each["reasons"]) for each in result["kept"]] == [
        (newest, ["cannot be judged just now"]),
        (good, ["last", "verified"]),
        (unread, ["cannot be judged just now"]),
        (unknown, ["cannot be judged just now"]),
    ]
    assert len(result["warnings"]) == 2
    assert f"{newest} counts as not verified to structure" in result["warnings"][0]
    payload.with_name("aside").rename(payload)
    for each in (unread, newest):
        store.verify(each)
    assert ids_of(store.prune(), "removed") == [unknown, unread, good]


def test_nothing_is_touched_when_it_looks_suspicious(store: Store) -> None:
    put_backup(store.repository, ago(2), text="a" * 1000)
    put_backup(store.repository, ago(1), text="a" * 1000)
    store.verify(put_backup(store.repository, ago(0), text="a" * 10))
    before = store.names()
    for check in (True, False):
        with pytest.raises(RefusedError, match="accept_shrinkage"):
            store.prune(check=check)
    assert store.names() == before
    assert len(store.prune(max_shrinkage=None)["removed"]) == 2
    future = put_backup(store.repository, ago(-1))
    with pytest.raises(RefusedError, match=f"{future} is from the future"):
        store.prune()


def test_whoever_writes_a_backup_is_not_disturbed(store: Store) -> None:
    filled(store)
    before = store.names()
    other = open_repository(store.params, pytest.fail)
    with other.lease(DATABASE), pytest.raises(BusyError, match=str(os.getpid())):
        store.prune()
    assert store.names() == before
    with other.lease(DATABASE):
        assert store.prune(check=True)["changed"] is True


_KILLED = textwrap.dedent(
    """
    import json, os, signal, sys
    from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import Wanted, prune_backups
    from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
    from ansible_collections.chatbot.ops.plugins.module_utils._repository import local
    from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
    from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules
    from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket

    def killed(*_arguments, **_more):
        os.kill(os.getpid(), signal.SIGKILL)

    local.remove_tree = killed
    delete = Bucket.delete
    Bucket.delete = lambda self, key: delete(self, key) if key.endswith("manifest.json") else killed()
    params, stack = json.load(sys.stdin)
    wanted = Wanted(Rules(keep_last=1), now().tzinfo, 50, False)
    prune_backups(open_repository(params, print), stack, wanted, print)
    """
)


def test_a_killed_removal_leaves_no_half_backup_and_the_next_run_sweeps(store: Store) -> None:
    ids = filled(store, 3)
    run = subprocess.run(
        [sys.executable, "-c", _KILLED],
        input=json.dumps([store.params, PLACE.stack]).encode(),
        capture_output=True,
        cwd=CHECKOUT,
        env=module_environment(),
        check=False,
    )
    assert run.returncode == -signal.SIGKILL, run.stderr.decode()
    assert any(f"{ids[2]}/text.zst" in name or "database" in name for name in store.names())
    listed = [each for place in (PLACE, DATABASE) for each in store.repository.entries(place)]
    assert sorted(each.backup_id for each in listed) == store.ids()
    assert len(listed) == 5
    assert all(each.good for each in listed)
    result = store.prune()
    assert len(result["orphans"]) == 1
    assert len(result["removed"]) == 3
    assert {name.split("/")[1] for name in store.names()} == {
        *ids_of(result, "kept"),
        *(each["set_id"] for each in result["kept"]),
    }


def test_two_at_once(store: Store) -> None:
    ids = filled(store, 5)
    params = {"stack": PLACE.stack, "repository": store.params, "keep_last": 1}
    results = [result_of(each) for each in [start_module("backup_prune", params) for _number in range(2)]]
    for each in results:
        assert not each.get("failed") or "Another writer is at work" in each["msg"]
    assert any(each.get("changed") for each in results)
    assert [each for each in store.ids() if "-n8n-" in each] == [ids[0]]
    assert all(entry.good for place in (PLACE, DATABASE) for entry in store.repository.entries(place))
