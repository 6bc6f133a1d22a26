# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The s3 repository when the store, or the way to it, fails: a clear word, and nothing half is left."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import bucket as bucket_module
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import writer
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError
from botocore.exceptions import EndpointConnectionError

from tests.support.s3_server import BUCKET, S3Server
from tests.unit.plugins.module_utils._repository.s3_tools import (
    LARGE,
    content_of,
    names,
    refusing,
    unfinished,
)
from tests.unit.plugins.module_utils.made import PLACE, backed_up

Opened = Callable[..., S3Repository]


def test_a_store_that_does_not_give_back_what_was_written_is_no_success(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = repository._bucket.stream
    monkeypatch.setattr(repository._bucket, "stream", lambda key: iter([b"x" + b"".join(stream(key))[1:]]))
    with pytest.raises(DamagedError, match="does not give back"):
        backed_up(repository)
    assert names(seaweed, prefix) == []


@pytest.mark.parametrize("before", [False, True])
def test_a_verdict_that_the_store_only_says_to_have_taken_is_no_success(
    repository: S3Repository, monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    verdict = Verdict(backed_up(repository), "checksum", to_iso(now()), (), 0.1)
    if before:
        repository.write_verdict(PLACE, replace(verdict, duration_seconds=0.2))
    monkeypatch.setattr(repository._bucket, "put", lambda *_arguments, **_more: None)
    with pytest.raises(DamagedError, match=r"does not give back .* verdict\.checksum\.json"):
        repository.write_verdict(PLACE, verdict)


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
    assert names(seaweed, prefix) == ["manifest.json", "text.zst"]  # with the manifest, the payload is the other's


def test_an_answer_that_got_lost_is_no_second_writer(repository: S3Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = repository._bucket
    put = bucket.put

    def twice(key: str, content: bytes, **more: Any) -> Any:
        put(key, content, **more)
        return put(key, content, **more)

    monkeypatch.setattr(bucket, "put", twice)
    assert bucket.put_if("object", b"unique", etag=None) is True


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


def test_a_document_that_cannot_be_read_just_now_is_no_damage(
    repository: S3Repository, seaweed: S3Server, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup_id = backed_up(repository)
    repository.write_verdict(PLACE, Verdict(backup_id, "checksum", to_iso(now()), (), 0.1))
    monkeypatch.setattr(f"{bucket_module.__name__}.URLLib3Session", _Unreachable)
    (entry,) = opened(seaweed).entries(PLACE)
    assert entry.good, "it is read by boto3 then"
    other = opened(seaweed)
    monkeypatch.setattr(other._bucket, "call", refusing(other._bucket, "get_object"))
    (entry,) = other.entries(PLACE)
    assert (entry.good, entry.problem) == (False, None)
    assert "Its manifest cannot be read" in str(entry.unknown)


def test_a_verdict_that_cannot_be_read_just_now_is_no_damage(
    repository: S3Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = Verdict(backed_up(repository), "checksum", to_iso(now()), (), 0.1)
    assert repository.entries(PLACE)[0].good  # from now on it knows the manifest
    repository.write_verdict(PLACE, verdict)
    monkeypatch.setattr(f"{bucket_module.__name__}.URLLib3Session", _Unreachable)
    monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "get_object"))
    (entry,) = repository.entries(PLACE)
    assert (entry.good, entry.verdict, entry.problem, entry.unknown) == (True, None, None, None)
    assert "counts as not verified to checksum" in str(entry.unread)


class _Unreachable:
    """A session of HTTP that reaches nobody."""

    def __init__(self, **_settings: object) -> None:
        return

    def send(self, _request: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://store")

    def close(self) -> None:
        return


@pytest.mark.usefixtures("small_parts")
def test_what_could_not_be_cleared_up_is_told(
    repository: S3Repository, seaweed: S3Server, prefix: str, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "abort_multipart_upload"))
    with pytest.raises(ToolError):
        backed_up(repository, command=f"{LARGE}; exit 7")
    assert "An unfinished upload stays" in warnings[0]
    monkeypatch.undo()
    monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "delete_object"))
    monkeypatch.setattr(repository._bucket, "stream", lambda _key: iter([b"x"]))
    with pytest.raises(DamagedError):
        backed_up(repository)
    assert "of a backup that failed stays" in warnings[1]
    assert names(seaweed, prefix) == ["text.zst"]
    assert repository.entries(PLACE) == []


@pytest.mark.usefixtures("small_parts")
def test_a_completion_whose_answer_got_lost_is_looked_at(
    repository: S3Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = repository._bucket.call

    def twice(operation: str, action: str, **params: Any) -> Any:
        answer = call(operation, action, **params)
        return call(operation, action, **params) if operation == "complete_multipart_upload" else answer

    monkeypatch.setattr(repository._bucket, "call", twice)
    backed_up(repository, command=LARGE)
    assert [each.good for each in repository.entries(PLACE)] == [True]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("command", [LARGE, f"{LARGE}; exit 7"], ids=["good", "failing"])
def test_an_upload_whose_beginning_was_answered_into_the_void_does_not_stay(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    call = repository._bucket.call

    def again(operation: str, action: str, **params: Any) -> Any:
        answer = call(operation, action, **params)
        if operation == "create_multipart_upload":
            answer = call(operation, action, **params)
            answer["ResponseMetadata"]["RetryAttempts"] = 1
            assert len(unfinished(seaweed, prefix)) == 2
        return answer

    monkeypatch.setattr(repository._bucket, "call", again)
    with pytest.raises(ToolError) if command != LARGE else nullcontext():
        backed_up(repository, command=command)
    assert unfinished(seaweed, prefix) == []


@pytest.mark.usefixtures("small_parts")
def test_a_store_that_refuses_to_complete_fails_the_backup(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refusing(repository._bucket, "complete_multipart_upload", "InvalidPart", 400)
    monkeypatch.setattr(repository._bucket, "call", refused)
    with pytest.raises(StoreRefusalError, match="complete"):
        backed_up(repository, command=LARGE)
    assert unfinished(seaweed, prefix) == []


@pytest.mark.usefixtures("small_parts")
def test_a_payload_of_too_many_parts_says_so(
    repository: S3Repository, seaweed: S3Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_MOST_PARTS", 2)
    with pytest.raises(RepositoryError, match="larger than 2 parts"):
        backed_up(repository, command=LARGE)
    assert unfinished(seaweed, prefix) == []


def test_nothing_is_begun_once_it_was_given_up(repository: S3Repository, seaweed: S3Server, prefix: str) -> None:
    given_up = writer.ObjectWriter(repository._bucket, "object", 0, None)
    given_up.abort()
    with pytest.raises(RepositoryError, match="given up"):
        given_up.write(bytes(9 << 20))
    assert unfinished(seaweed, prefix) == []


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


def test_without_a_checksum_of_the_stores_own_it_must_be_read(
    seaweed: S3Server, opened: Opened, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = opened(seaweed, read_back="checksum")
    put = repository._bucket.put
    monkeypatch.setattr(repository._bucket, "put", lambda *a, **more: replace(put(*a, **more), checksum=None))
    with pytest.raises(RefusedError, match="read_back: content"):
        backed_up(repository)
    assert names(seaweed, prefix) == []
