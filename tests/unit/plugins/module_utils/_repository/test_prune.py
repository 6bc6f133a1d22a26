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
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import Wanted, prune_backups
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules

from tests.support.modules import module_environment, result_of, start_module
from tests.support.s3_server import BUCKET, S3Server, objects
from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._repository.s3_tools import LOCKED, append_only, refusing
from tests.unit.plugins.module_utils.made import PLACE, put_backup

LAST = Rules(keep_last=1)
DATABASE = Place(PLACE.stack, "database")


class Store(ABC):
    """A repository, and another way to look into it."""

    params: dict[str, Any]
    repository: Repository

    @abstractmethod
    def names(self) -> list[str]:
        """What is there, below the stack's name, without what is hidden."""

    @abstractmethod
    def put(self, name: str, content: bytes) -> None:
        """Put something there."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Take something away."""

    def ids(self) -> list[str]:
        """The backups that are there, by their manifests."""
        return sorted(each.split("/")[1] for each in self.names() if each.endswith("/manifest.json"))

    def prune(self, rules: Rules = LAST, *, check: bool = False, max_shrinkage: int | None = 50) -> dict[str, Any]:
        """Prune, with what was warned of as ``warnings``."""
        warnings: list[str] = []
        wanted = Wanted(rules, UTC, max_shrinkage, check)
        return {**prune_backups(self.repository, PLACE.stack, wanted, warnings.append), "warnings": warnings}

    def verify(self, backup_id: str, place: Place = PLACE) -> None:
        """Keep a verdict that it passed."""
        self.repository.write_verdict(place, Verdict(backup_id, "structure", to_iso(now()), (), 0.1))


class Folder(Store):
    def __init__(self, path: Path) -> None:
        path.mkdir()
        self._path = path / PLACE.stack
        self.params = {"type": "local", "path": str(path)}
        self.repository = open_repository(self.params, pytest.fail)

    def names(self) -> list[str]:
        paths = [each.relative_to(self._path) for each in self._path.rglob("*") if not each.is_dir()]
        return sorted(str(each) for each in paths if not each.name.startswith("."))

    def put(self, name: str, content: bytes) -> None:
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def drop(self, name: str) -> None:
        (self._path / name).unlink()


class InBucket(Store):
    def __init__(self, server: S3Server, prefix: str) -> None:
        self._server, self._prefix = server, f"{prefix}/{PLACE.stack}/"
        self.params = server.repository(prefix)
        self.repository = open_repository(self.params, pytest.fail)

    def names(self) -> list[str]:
        keys = [key for key in objects(self._server, self._prefix) if "/." not in key]
        return sorted(key.removeprefix(self._prefix) for key in keys)

    def put(self, name: str, content: bytes) -> None:
        self._server.client().put_object(Bucket=BUCKET, Key=self._prefix + name, Body=content)

    def drop(self, name: str) -> None:
        self._server.client().delete_object(Bucket=BUCKET, Key=self._prefix + name)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path, prefix: str) -> Store:
    if request.param == "local":
        return Folder(tmp_path / "repository")
    return InBucket(request.getfixturevalue("seaweed"), prefix)


def ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def ids_of(result: dict[str, Any], name: str) -> list[str]:
    return [each["backup_id"] for each in result[name]]


def filled(store: Store, days: int = 4) -> list[str]:
    """Put a set of two sources a day, with pages, the newest verified; return n8n's ids, newest first."""
    ids = []
    for number in range(days):
        set_id = new_set_id(ago(number))
        ids.append(put_backup(store.repository, ago(number), set_id=set_id))
        other = put_backup(store.repository, ago(number), source="database", set_id=set_id)
        store.repository.write_page(PLACE.stack, set_id, "RECOVERY.md", b"how to")
        if number == 0:
            store.verify(ids[0])
            store.verify(other, DATABASE)
    return ids


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


@pytest.fixture
def locked_store(locked: S3Server, opened: Callable[..., S3Repository], prefix: str) -> tuple[InBucket, S3Server]:
    store = InBucket(locked, prefix)
    store.repository = opened(locked, bucket=LOCKED, object_lock_days=3)
    return store, locked


def test_locked_backups_are_retained_and_stay_in_lists(locked_store: tuple[InBucket, S3Server]) -> None:
    store, server = locked_store
    old, new = (put_backup(store.repository, ago(number)) for number in (1, 0))
    store.verify(new)

    def versions(kind: str) -> list[str]:
        answer = server.client().list_object_versions(Bucket=LOCKED, Prefix=store.params["prefix"])
        return [each["Key"] for each in answer.get(kind, []) if "/." not in each["Key"]]

    before = versions("Versions")
    checked, done = store.prune(check=True), store.prune()
    for result in (checked, done):
        assert result["changed"] is False
        assert result["removed"] == []
        assert ids_of(result, "retained") == [old]
        assert "locked until" in result["retained"][0]["reason"]
    assert versions("Versions") == before
    assert versions("DeleteMarkers") == []
    assert [each.backup_id for each in store.repository.entries(PLACE)] == [new, old]


def test_versions_stay_behind_what_was_removed(
    locked: S3Server, opened: Callable[..., S3Repository], prefix: str
) -> None:
    store = InBucket(locked, prefix)
    store.repository = opened(locked, bucket=LOCKED)
    old, new = (put_backup(store.repository, ago(number)) for number in (1, 0))
    store.verify(new)
    assert ids_of(store.prune(), "removed") == [old]
    assert [each.backup_id for each in store.repository.entries(PLACE)] == [new]
    keys = [each["Key"] for each in locked.client().list_object_versions(Bucket=LOCKED, Prefix=prefix)["Versions"]]
    assert f"{prefix}/{PLACE}/{old}/text.zst" in keys


def test_credentials_that_may_not_delete_retain(
    seaweed: S3Server, opened: Callable[..., S3Repository], prefix: str
) -> None:
    store = InBucket(seaweed, prefix)
    ids = filled(store, 3)
    before = store.names()
    with append_only(seaweed, BUCKET) as keys:
        store.repository = opened(seaweed, **keys)
        for _time in range(2):
            result = store.prune()
            assert (result["changed"], result["removed"]) == (False, [])
            assert len(result["retained"]) == 4
            assert all("may not do so" in each["reason"] for each in result["retained"])
    assert store.names() == before
    assert len(store.ids()) == 2 * len(ids)


def test_payload_that_may_not_be_deleted_is_an_orphan_from_then_on(
    seaweed: S3Server, opened: Callable[..., S3Repository], prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = InBucket(seaweed, prefix)
    old, new = (put_backup(store.repository, ago(number)) for number in (2, 0))
    store.verify(new)
    store.repository = repository = opened(seaweed)
    refused, call = refusing(repository._bucket, "delete_object"), repository._bucket.call

    def choosy(operation: str, action: str, **params: Any) -> Any:
        return (refused if "text.zst" in action else call)(operation, action, **params)

    monkeypatch.setattr(repository._bucket, "call", choosy)
    result = store.prune()
    assert ids_of(result, "removed") == [old]
    assert "some of its payload stays" in result["warnings"][0]
    again = store.prune()
    assert (again["changed"], ids_of(again, "retained")) == (False, [old])
    monkeypatch.undo()
    assert ids_of(store.prune(), "orphans") == [old]
    assert all(new in name for name in store.names())


def test_the_past_cannot_be_pruned(seaweed: S3Server, opened: Callable[..., S3Repository], prefix: str) -> None:
    store = InBucket(seaweed, prefix)
    store.repository = opened(seaweed, as_of=to_iso(now()))
    for check in (True, False):
        with pytest.raises(RefusedError, match="as_of"):
            store.prune(check=check)
    with pytest.raises(RefusedError, match="as_of"):
        store.repository.remove(PLACE, "20260101T000000Z-n8n-0000")


def test_a_folder_that_cannot_be_changed_retains(tmp_path: Path) -> None:
    store = Folder(tmp_path / "repository")
    old, new = (put_backup(store.repository, ago(number)) for number in (2, 0))
    store.verify(new)
    folder = Path(store.params["path"], str(PLACE), old)
    mount = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    program = textwrap.dedent(
        """
        import json, sys
        from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import Wanted, prune_backups
        from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
        from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
        from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules

        params, stack, check = json.load(sys.stdin)
        wanted = Wanted(Rules(keep_last=1), now().tzinfo, 50, check)
        print(json.dumps(prune_backups(open_repository(params, print), stack, wanted, print)))
        """
    )
    for check in (True, False):
        run = subprocess.run(
            [
                *("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(folder)),
                *(sys.executable, "-c", program),
            ],
            input=json.dumps([store.params, PLACE.stack, check]),
            capture_output=True,
            text=True,
            cwd=CHECKOUT,
            env=module_environment(),
            check=False,
        )
        assert run.returncode == 0, run.stderr
        result = json.loads(run.stdout)
        assert (result["changed"], ids_of(result, "retained")) == (False, [old])
        assert "may not remove it" in result["retained"][0]["reason"]
    assert store.ids() == sorted([old, new])
