# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The s3 repository on a real server: whole backups or none."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, find
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    RefusedError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import writer

from tests.support.s3_server import BUCKET, S3Server
from tests.unit.plugins.module_utils._repository.s3_tools import (
    LARGE,
    LOCKED,
    content_of,
    names,
)
from tests.unit.plugins.module_utils.made import PLACE, TextSource, backed_up, no_warning, request

Opened = Callable[..., S3Repository]


def test_a_backup_comes_back_as_it_was_stored(repository: S3Repository, seaweed: S3Server, prefix: str) -> None:
    backup_id = backed_up(repository, "buenos días")
    assert names(seaweed, prefix) == ["manifest.json", "text.zst"]
    (entry,) = repository.entries(PLACE)
    assert entry.good
    assert entry.manifest is not None
    assert entry.backup_id == backup_id
    assert hashlib.sha256(content_of(repository, backup_id)).hexdigest() == entry.manifest.objects[0].stored_sha256


def test_lists_are_newest_first_within_a_second_too(repository: S3Repository) -> None:
    ids = [backed_up(repository, str(number)) for number in range(4)]
    assert [each.backup_id for each in repository.entries(PLACE)] == ids[::-1]
    assert repository.entries(place_of("another", "n8n")) == []


@pytest.mark.usefixtures("small_parts")
def test_a_large_payload_goes_in_parts_and_carries_its_checksum(
    repository: S3Repository, seaweed: S3Server, prefix: str
) -> None:
    backup_id = backed_up(repository, command=LARGE)
    key = f"{prefix}/{PLACE}/{backup_id}/text.zst"
    answer = seaweed.client().head_object(Bucket=BUCKET, Key=key, ChecksumMode="ENABLED")
    assert answer["ETag"].endswith('-4"')
    assert answer["ChecksumSHA256"].endswith("-4")
    (entry,) = repository.entries(PLACE)
    assert entry.manifest is not None
    assert hashlib.sha256(content_of(repository, backup_id)).hexdigest() == entry.manifest.objects[0].stored_sha256
    assert "Uploads" not in seaweed.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/")


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("command", ["printf half; exit 7", f"{LARGE}; exit 7"], ids=["small", "in parts"])
def test_a_failed_producer_leaves_nothing(
    repository: S3Repository, seaweed: S3Server, prefix: str, command: str
) -> None:
    with pytest.raises(ToolError, match="exit status 7"):
        backed_up(repository, command=command)
    assert names(seaweed, prefix) == []
    assert "Uploads" not in seaweed.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/")
    assert repository.entries(PLACE) == []


@pytest.mark.parametrize(
    ("name", "damage", "problem"),
    [
        pytest.param("text.zst", lambda content: content[:-1], "bytes", id="payload cut"),
        pytest.param("text.zst", None, "is gone", id="payload gone"),
        pytest.param("manifest.json", lambda _content: b"{}", "does not match", id="manifest changed"),
    ],
)
def test_damage_is_listed_with_its_problem(
    repository: S3Repository,
    seaweed: S3Server,
    prefix: str,
    name: str,
    damage: Callable[[bytes], bytes] | None,
    problem: str,
) -> None:
    backup_id = backed_up(repository)
    repository.write_verdict(PLACE, Verdict(backup_id, "checksum", to_iso(now()), (), 0.1))
    assert repository.entries(PLACE)[0].good
    client, key = seaweed.client(), f"{prefix}/{PLACE}/{backup_id}/{name}"
    if damage is None:
        client.delete_object(Bucket=BUCKET, Key=key)
    else:
        content = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        client.put_object(Bucket=BUCKET, Key=key, Body=damage(content))
    (entry,) = repository.entries(PLACE)
    assert not entry.good
    assert problem in str(entry.problem)


def test_a_verdict_that_changed_is_no_damage_to_its_backup(
    repository: S3Repository, seaweed: S3Server, prefix: str
) -> None:
    backup_id = backed_up(repository)
    repository.write_verdict(PLACE, Verdict(backup_id, "checksum", to_iso(now()), (), 0.1))
    key = f"{prefix}/{PLACE}/{backup_id}/verdict.checksum.json"
    seaweed.client().put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    (entry,) = repository.entries(PLACE)
    assert (entry.good, entry.verdict) == (True, None)
    assert "verdict.checksum.json" in str(entry.unread)


def test_a_manifest_is_read_once_until_it_changes(repository: S3Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    backed_up(repository)
    read: list[int] = []
    read_all = repository._bucket.read_all

    def counted(wanted: Any) -> Any:
        read.append(len(wanted))
        return read_all(wanted)

    monkeypatch.setattr(repository._bucket, "read_all", counted)
    repository._contents.clear()  # the page of its set was written from it
    assert repository.entries(PLACE) == repository.entries(PLACE)
    assert read == [1, 0]


def test_entries_since_a_time_are_those_begun_from_then_on(repository: S3Repository) -> None:
    backup_id = backed_up(repository)
    (entry,) = repository.entries(PLACE)
    assert [each.backup_id for each in repository.entries(PLACE, entry.time)] == [backup_id]
    assert repository.entries(PLACE, entry.time + timedelta(seconds=1)) == []


def test_the_page_of_a_set_tells_how_to_fetch_it(repository: S3Repository, seaweed: S3Server, prefix: str) -> None:
    backup_id = backed_up(repository)
    (entry,) = repository.entries(PLACE)
    assert entry.manifest is not None
    key = f"{prefix}/lottery-chatbot/sets/{entry.manifest.set_id}/RECOVERY.md"
    page = seaweed.client().get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert f"from=s3://{BUCKET}/{prefix}\n" in page
    assert f'"$from"/{PLACE}/{backup_id}/text.zst .' in page
    assert f"--endpoint-url {seaweed.url}" in page


def test_verdicts_are_kept_one_per_level(repository: S3Repository) -> None:
    backup_id = backed_up(repository)
    for problems in ((), ("rot",)):
        verdict = Verdict(backup_id, "checksum", f"2026-11-24T0{len(problems)}:00:00Z", problems, 0.1)
        repository.write_verdict(PLACE, verdict)
    (entry,) = repository.entries(PLACE)
    assert [each.result for each in entry.verdicts] == ["failed"]
    assert not entry.good


def test_a_checksum_of_the_stores_own_can_stand_for_reading_back(
    seaweed: S3Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = opened(seaweed, read_back="checksum")
    monkeypatch.setattr(repository._bucket, "stream", lambda _key: pytest.fail("it was read"))
    backed_up(repository)
    monkeypatch.setattr(writer, "part_size", lambda _expected: 5 << 20)
    backed_up(repository, command=LARGE)
    assert [each.good for each in repository.entries(PLACE)] == [True, True]


def test_objects_are_locked_and_come_back_from_behind_a_delete_marker(
    locked: S3Server, opened: Opened, prefix: str
) -> None:
    repository = opened(locked, bucket=LOCKED, object_lock_days=3)
    backup_id = backed_up(repository, "locked")
    client, keys = locked.client(), [f"{prefix}/{PLACE}/{backup_id}/{name}" for name in ("text.zst", "manifest.json")]
    for key in keys:
        answer = client.head_object(Bucket=LOCKED, Key=key)
        assert answer["ObjectLockMode"] == "GOVERNANCE"
        assert answer["ObjectLockRetainUntilDate"] - datetime.now(UTC) > timedelta(days=2.99)
    stored = content_of(repository, backup_id)
    time.sleep(1.1)  # versions have times in whole seconds
    before = to_iso(now())
    time.sleep(1.1)
    client.delete_object(Bucket=LOCKED, Key=keys[1])
    client.put_object(Bucket=LOCKED, Key=keys[0], Body=b"ransom")
    assert repository.entries(PLACE) == []
    past = opened(locked, bucket=LOCKED, as_of=before)
    entry = find(past.entries(PLACE), Choice(backup_id), "it")
    assert entry.good
    assert content_of(past, backup_id) == stored
    for forbidden in (
        lambda: backed_up(past),
        lambda: past.write_verdict(PLACE, Verdict(backup_id, "checksum", before, (), 0.1)),
        lambda: past.examine(PLACE.stack, touch=True),
    ):
        with pytest.raises(RefusedError, match="as_of"):
            forbidden()
    with pytest.raises(DamagedError, match="has no missing"):
        list(past.read(PLACE, backup_id, "missing"))


def test_a_bucket_without_object_lock_is_refused_before_anything_is_copied(seaweed: S3Server, opened: Opened) -> None:
    source = TextSource(during=lambda: pytest.fail("it was copied"))
    with pytest.raises(RefusedError, match="has no Object Lock"):
        take_backup(opened(seaweed, object_lock_days=3), source, request(check_mode=True), no_warning)
