# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pruning may not remove: it is told, and stays listed."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository

from tests.support.modules import module_environment
from tests.support.s3_server import BUCKET, S3Server
from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils._repository.prune_stores import (
    Folder,
    InBucket,
    ago,
    filled,
    ids_of,
)
from tests.unit.plugins.module_utils._repository.s3_tools import LOCKED, append_only, refusing
from tests.unit.plugins.module_utils.made import PLACE, put_backup


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
