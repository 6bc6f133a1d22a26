# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The s3 repository on real servers: whole backups or none, and a clear word when it cannot."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, find
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository import s3, s3_lease
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import writer

from tests.support.s3_server import BUCKET, S3Server, objects
from tests.unit.plugins.module_utils.made import PLACE, TextSource, backed_up, request

Opened = Callable[..., S3Repository]
LARGE = "head -c 20000000 /dev/urandom"
LOCKED = "locked"


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts as small as S3 allows, so that little data makes several."""
    monkeypatch.setattr(writer, "part_size", lambda _expected: 5 << 20)


@pytest.fixture(scope="module")
def locked(seaweed: S3Server) -> S3Server:
    """A server with a bucket that has Object Lock, and so keeps versions."""
    seaweed.client().create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
    return seaweed


def names(server: S3Server, prefix: str) -> list[str]:
    """The names that belong to backups, without what the repository keeps beside them."""
    keys = [key for key in objects(server, f"{prefix}/") if "/." not in key]
    return sorted(key.rpartition("/")[2] for key in keys)


def content_of(repository: S3Repository, backup_id: str) -> bytes:
    return b"".join(repository.read(PLACE, backup_id, "text.zst"))


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
        pytest.param("verdict.checksum.json", lambda _content: b"{}", "verdict", id="verdict changed"),
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


def test_a_manifest_is_read_once_until_it_changes(repository: S3Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    backed_up(repository)
    read: list[int] = []
    read_all = repository._bucket.read_all

    def counted(wanted: Any) -> Any:
        read.append(len(wanted))
        return read_all(wanted)

    monkeypatch.setattr(repository._bucket, "read_all", counted)
    assert repository.entries(PLACE) == repository.entries(PLACE)
    assert read == [1, 0]


def test_the_lease_names_its_holder_and_is_given_back(
    repository: S3Repository, seaweed: S3Server, opened: Opened
) -> None:
    with repository.lease(PLACE):
        with pytest.raises(BusyError, match=str(os.getpid())), opened(seaweed).lease(PLACE):
            pass
        with repository.lease(place_of("lottery-chatbot", "database")):
            pass
    with repository.lease(PLACE):
        pass


def test_a_backup_while_another_writes_is_refused_or_none(
    repository: S3Repository, seaweed: S3Server, opened: Opened
) -> None:
    other = opened(seaweed)

    def meanwhile() -> None:
        with pytest.raises(BusyError, match="Another writer is at work"):
            backed_up(other)

    backed_up(repository, during=meanwhile)
    assert len(other.entries(PLACE)) == 1


def test_a_lease_is_renewed_and_free_once_it_is_not(
    repository: S3Repository, seaweed: S3Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_lease, "_RENEWAL", 0.3)
    monkeypatch.setattr(s3_lease, "LIFE", 2.0)
    with repository.lease(PLACE):
        time.sleep(4)
        with pytest.raises(BusyError), opened(seaweed).lease(PLACE):
            pass


def test_of_many_writers_at_once_one_gets_the_lease(seaweed: S3Server, opened: Opened) -> None:
    def begin(_number: int) -> str:
        try:
            with opened(seaweed).lease(PLACE):
                everyone_tried.wait(60)
        except BusyError:
            everyone_tried.wait(60)
            return "busy"
        return "held"

    everyone_tried = threading.Barrier(6)
    with ThreadPoolExecutor(6) as writers:
        assert sorted(writers.map(begin, range(6))) == ["busy"] * 5 + ["held"]


def put_lease(server: S3Server, prefix: str, content: bytes) -> None:
    server.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}/.lease", Body=content)


def test_the_lease_of_another_host_holds_for_its_time(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {**asdict(s3_lease.ourselves()), "host": "elsewhere", "kernel": "another"}
    put_lease(seaweed, prefix, json.dumps(elsewhere).encode())
    with pytest.raises(BusyError, match="elsewhere"), repository.lease(PLACE):
        pass
    put_lease(seaweed, prefix, b"what is this")
    with pytest.raises(BusyError, match="another program"), repository.lease(PLACE):
        pass
    monkeypatch.setattr(s3_lease, "LIFE", -1.0)
    with repository.lease(PLACE):
        pass


def test_a_lease_that_another_took_meanwhile_is_told_and_left_to_it(
    repository: S3Repository, seaweed: S3Server, prefix: str, warnings: list[str]
) -> None:
    other = s3_lease.ourselves()
    with repository.lease(PLACE):
        put_lease(seaweed, prefix, other.to_bytes())
    assert "Another writer took the lease" in warnings[0]
    assert (
        s3_lease.read_holder(seaweed.client().get_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}/.lease")["Body"].read())
        == other
    )


def begin_upload(server: S3Server, key: str) -> None:
    client = server.client()
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"half")


def unfinished(server: S3Server, prefix: str) -> list[str]:
    answer = server.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/")
    return [each["Key"].rpartition("/")[2] for each in answer.get("Uploads", [])]


def test_unfinished_uploads_go_after_a_day_if_they_are_ours(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, others = f"{prefix}/{PLACE}/20261124T031500Z-n8n-7f3a/ours", f"{prefix}/{PLACE}/elsewhere/others"
    begin_upload(seaweed, ours)
    begin_upload(seaweed, others)
    backed_up(repository)
    assert sorted(unfinished(seaweed, prefix)) == ["others", "ours"]
    monkeypatch.setattr(s3, "_STALE", timedelta(seconds=-5))
    backed_up(repository)
    assert unfinished(seaweed, prefix) == ["others"]


def test_unfinished_uploads_of_a_writer_that_died_go_at_once(
    repository: S3Repository, seaweed: S3Server, prefix: str
) -> None:
    begin_upload(seaweed, f"{prefix}/{PLACE}/20261124T031500Z-n8n-7f3a/ours")
    dead = {**asdict(s3_lease.ourselves()), "pid": 1 << 30}
    put_lease(seaweed, prefix, json.dumps(dead).encode())
    backed_up(repository)
    assert unfinished(seaweed, prefix) == []


def test_a_store_that_does_not_give_back_what_was_written_is_no_success(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = repository._bucket.stream
    monkeypatch.setattr(repository._bucket, "stream", lambda key: iter([b"x" + b"".join(stream(key))[1:]]))
    with pytest.raises(DamagedError, match="does not give back"):
        backed_up(repository)
    assert names(seaweed, prefix) == []


def test_a_manifest_is_never_overwritten(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_if = repository._bucket.put_if

    def later(key: str, *arguments: Any, **more: Any) -> bool:
        if key.endswith("manifest.json"):
            seaweed.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{key}", Body=b"another's")
        return put_if(key, *arguments, **more)

    monkeypatch.setattr(repository._bucket, "put_if", later)
    with pytest.raises(RepositoryError, match="has a manifest already"):
        backed_up(repository)
    assert names(seaweed, prefix) == ["manifest.json"]


def test_an_answer_that_got_lost_is_no_second_writer(repository: S3Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = repository._bucket
    put = bucket.put

    def twice(key: str, content: bytes, **more: Any) -> Any:
        put(key, content, **more)
        return put(key, content, **more)

    monkeypatch.setattr(bucket, "put", twice)
    assert bucket.put_if("object", b"unique", etag=None) is True


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
        take_backup(opened(seaweed, object_lock_days=3), source, request(check_mode=True))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"secret_key": "wrong"}, "secret key is not that of the access key", id="wrong secret"),
        pytest.param({"access_key": "NOBODY"}, "access key is unknown", id="unknown key"),
        pytest.param({"bucket": "missing"}, "no such bucket", id="no bucket"),
        pytest.param({"ca_bundle": None}, "ca_bundle", id="untrusted"),
        pytest.param({"endpoint_url": "https://127.0.0.1:1"}, "does not answer", id="nobody there"),
        pytest.param({"access_key": None, "secret_key": None}, "there are no credentials", id="no credentials"),
    ],
)
def test_what_is_wrong_is_told_in_words(
    seaweed: S3Server, opened: Opened, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], message: str
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    repository = opened(seaweed, **change)
    with pytest.raises(RepositoryError, match=message) as caught:
        repository.entries(PLACE)
    assert seaweed.secret_key not in str(caught.value)


def test_credentials_that_only_read_say_so(seaweed: S3Server, opened: Opened, repository: S3Repository) -> None:
    backup_id = backed_up(repository)
    reader = opened(seaweed, access_key="RESTORE")
    assert content_of(reader, backup_id) == content_of(repository, backup_id)
    with pytest.raises(RepositoryError, match="may not do so"):
        backed_up(reader)
    examination = reader.examine(PLACE.stack, touch=True)
    assert (examination.can_list, examination.can_write, examination.can_destroy) == (True, False, None)


def test_the_environment_gives_credentials_too(
    seaweed: S3Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ADMIN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweed.secret_key)
    assert opened(seaweed, access_key=None, secret_key=None).entries(PLACE) == []


@pytest.mark.usefixtures("small_parts")
def test_a_download_that_breaks_goes_on_where_it_stopped(
    repository: S3Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup_id = backed_up(repository, command=LARGE)
    whole = content_of(repository, backup_id)
    call, ranges = repository._bucket.call, []

    def breaking(operation: str, action: str, **params: Any) -> Any:
        answer = call(operation, action, **params)
        if operation == "get_object":
            ranges.append(params.get("Range"))
            answer["Body"] = _Broken(answer["Body"], 6 << 20)
        return answer

    monkeypatch.setattr(repository._bucket, "call", breaking)
    assert content_of(repository, backup_id) == whole
    assert ranges[0] is None
    assert ranges[1] == f"bytes={6 << 20}-"
    monkeypatch.setattr(repository._bucket, "call", lambda *a, **p: _emptied(call(*a, **p)))
    with pytest.raises(DamagedError, match="gives 0 of the"):
        content_of(repository, backup_id)


class _Broken:
    """A body whose connection breaks after so many bytes."""

    def __init__(self, body: Any, limit: int) -> None:
        self._body, self._left = body, limit

    def read(self, size: int) -> bytes:
        from botocore.exceptions import ReadTimeoutError

        if self._left <= 0:
            raise ReadTimeoutError(endpoint_url="https://store")
        chunk: bytes = self._body.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._body.close()


def _emptied(answer: Any) -> Any:
    answer["Body"] = _Broken(answer["Body"], 0)
    answer["Body"].read = lambda _size: b""
    return answer


class TestStoreThatLacksMuch:
    """rclone: a stand-in for stores that ignore what they do not know."""

    def test_it_is_told_and_backups_are_whole(self, rclone: S3Server, opened: Opened, warnings: list[str]) -> None:
        repository = opened(rclone)
        backup_id = backed_up(repository, "buenos días")
        assert [each.backup_id for each in repository.entries(PLACE) if each.good] == [backup_id]
        assert "ignores conditional writes" in warnings[0]

    def test_a_lease_still_keeps_writers_apart_that_begin_one_after_the_other(
        self, rclone: S3Server, opened: Opened
    ) -> None:
        with opened(rclone).lease(PLACE), pytest.raises(BusyError), opened(rclone).lease(PLACE):
            pass

    @pytest.mark.usefixtures("small_parts")
    def test_a_large_payload_goes_in_parts(self, rclone: S3Server, opened: Opened) -> None:
        repository = opened(rclone)
        backed_up(repository, command=LARGE)
        assert repository.entries(PLACE)[0].good

    def test_checksums_that_follow_the_content_are_told_to_be_turned_off(
        self, rclone: S3Server, opened: Opened
    ) -> None:
        repository = opened(rclone, request_checksum_calculation="when_supported")
        with pytest.raises(RepositoryError, match="request_checksum_calculation: when_required"):
            repository._bucket.call("put_object", "write it", Key="object", Body=b"content")

    def test_a_lock_that_was_forgotten_fails_the_backup(self, rclone: S3Server, opened: Opened, prefix: str) -> None:
        with pytest.raises(OpsError, match="Object Lock"):
            backed_up(opened(rclone, object_lock_days=3))
        assert names(rclone, prefix) == []

    def test_the_doctor_tells_what_it_lacks(self, rclone: S3Server, opened: Opened) -> None:
        examination = opened(rclone).examine(PLACE.stack, touch=True)
        assert examination.details["conditional_writes"] is False
        assert examination.can_destroy is True


class TestExamination:
    def test_whoever_may_delete_can_destroy(self, repository: S3Repository) -> None:
        examination = repository.examine(PLACE.stack, touch=True)
        assert examination.to_result() == {
            "can_list": True,
            "can_write": True,
            "can_read": True,
            "can_overwrite": True,
            "can_delete": True,
            "can_destroy": True,
            "details": {
                "versioning": "off",
                "object_lock": {"enabled": False, "mode": None, "days": None},
                "conditional_writes": True,
                "checksums": True,
                "locks": None,
                "keeps_versions": False,
                "can_delete_versions": None,
            },
            "advice": list(examination.advice),
        }
        assert "can destroy the backups" in examination.advice[0]

    def test_it_writes_nothing_unless_it_may(self, repository: S3Repository, seaweed: S3Server, prefix: str) -> None:
        examination = repository.examine(PLACE.stack, touch=False)
        assert (examination.can_list, examination.can_write, examination.can_destroy) == (True, None, None)
        assert list(objects(seaweed, f"{prefix}/")) == []

    def test_versions_that_may_be_deleted_protect_nobody(self, locked: S3Server, opened: Opened) -> None:
        examination = opened(locked, bucket=LOCKED).examine(PLACE.stack, touch=True)
        assert (examination.can_delete, examination.details["can_delete_versions"]) == (True, True)
        assert examination.can_destroy is True
        assert "older versions included" in examination.advice[0]

    def test_a_lock_that_nobody_can_lift_protects(self, locked: S3Server, opened: Opened) -> None:
        repository = opened(locked, bucket=LOCKED, object_lock_days=3, object_lock_mode="compliance")
        examination = repository.examine(PLACE.stack, touch=True)
        assert examination.details["locks"] is True
        assert (examination.can_delete, examination.can_destroy) == (True, False)
        assert examination.advice == ()

    def test_credentials_that_cannot_delete_versions_cannot_destroy(
        self, locked: S3Server, opened: Opened, warnings: list[str]
    ) -> None:
        with append_only(locked, LOCKED) as keys:
            repository = opened(locked, bucket=LOCKED, **keys)
            examination = repository.examine(PLACE.stack, touch=True)
            assert (examination.can_write, examination.can_delete, examination.can_destroy) == (True, False, False)
            backed_up(repository)
            assert [each.good for each in repository.entries(PLACE)] == [True]
        assert warnings == []


@contextlib.contextmanager
def append_only(server: S3Server, bucket: str) -> Iterator[dict[str, str]]:
    """Give keys that may put, get and list, and delete nothing."""
    iam = server.client("iam")
    iam.create_user(UserName="appender")
    key = iam.create_access_key(UserName="appender")["AccessKey"]
    actions = ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}],
    }
    iam.put_user_policy(UserName="appender", PolicyName="append", PolicyDocument=json.dumps(policy))
    yield {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
