# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs no store: sizes of parts, versions, settings, and the words of refusals."""

from __future__ import annotations

import pathlib
from datetime import UTC, datetime
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import refusal
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket
from ansible_collections.chatbot.ops.plugins.module_utils._s3.conditions import Conditions
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError, told
from ansible_collections.chatbot.ops.plugins.module_utils._s3.settings import BucketSettings, read_settings
from ansible_collections.chatbot.ops.plugins.module_utils._s3.versions import as_of
from ansible_collections.chatbot.ops.plugins.module_utils._s3.writer import parallel_parts, part_size
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.stub import Stubber

MIB = 1 << 20
GIB = 1 << 30


@pytest.mark.parametrize(
    ("expected", "size"),
    [
        pytest.param(None, 24 * MIB, id="unknown"),
        pytest.param(0, 8 * MIB, id="nothing"),
        pytest.param(3 * GIB, 8 * MIB, id="fits twice in 1,000 small parts"),
        pytest.param(8 * GIB, 24 * MIB, id="needs larger ones"),
        pytest.param(900 * GIB, 40 * MIB, id="as large as the memory allows"),
    ],
)
def test_parts_are_sized_by_what_is_expected(expected: int | None, size: int) -> None:
    assert part_size(expected) == size


@pytest.mark.parametrize("expected", [None, 0, 1, 4 * GIB, 6 * GIB, 12 * GIB, 900 * GIB])
def test_all_parts_together_fit_in_the_memory(expected: int | None) -> None:
    size = part_size(expected)
    assert (parallel_parts(size) + 1) * size <= 80 * MIB


def at(second: int) -> datetime:
    return datetime(2026, 11, 24, 3, 15, second, tzinfo=UTC)


def version(key: str, name: str, second: int) -> dict[str, Any]:
    return {"Key": key, "VersionId": name, "LastModified": at(second), "Size": second, "ETag": name}


def marker(key: str, second: int) -> dict[str, Any]:
    return {"Key": key, "VersionId": "marker", "LastModified": at(second)}


@pytest.mark.parametrize(
    ("second", "seen"),
    [
        pytest.param(5, [], id="before the first"),
        pytest.param(10, ["old"], id="the very second"),
        pytest.param(25, ["new"], id="overwritten"),
        pytest.param(30, [], id="deleted"),
        pytest.param(45, ["back"], id="written again"),
    ],
)
def test_a_bucket_as_of_an_instant(second: int, seen: list[str]) -> None:
    versions = [version("a", "back", 40), version("a", "new", 20), version("a", "old", 10)]
    assert [each.version_id for each in as_of(versions, [marker("a", 30)], at(second))] == seen


def test_of_two_versions_in_one_second_the_first_listed_is_the_newer() -> None:
    assert [each.version_id for each in as_of([version("a", "2", 7), version("a", "1", 7)], [], at(7))] == ["2"]


def test_settings_are_made_fit() -> None:
    settings = read_settings({"bucket": "b", "prefix": "/one//two/", "endpoint_url": "https://s3.example.org"})
    assert settings.prefix == "one/two/"
    assert settings.addressing_style == "path"
    assert settings.title == "s3://b/one/two at https://s3.example.org"
    assert read_settings({"bucket": "b"}).addressing_style == "auto"


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({}, "bucket"),
        ({"bucket": "b", "access_key": "a"}, "secret_key"),
        ({"bucket": "b", "prefix": "a/../b"}, "prefix"),
        ({"bucket": "b", "endpoint_url": "s3.example.org"}, "endpoint_url"),
        ({"bucket": "b", "endpoint_url": "https://key:secret@s3.example.org"}, "endpoint_url"),
        ({"bucket": "b", "ca_bundle": "/missing.pem"}, "ca_bundle"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(params: dict[str, Any], word: str) -> None:
    with pytest.raises(RefusedError, match=word) as caught:
        read_settings(params)
    assert "key:secret" not in caught.value.message


def test_keys_are_not_shown() -> None:
    assert "topsecret" not in repr(BucketSettings("b", access_key="topsecret", secret_key="topsecret"))


def test_without_the_library_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal, "MISSING", ImportError("No module named 'boto3'"))
    with pytest.raises(RefusedError, match=r"chatbot\.ops\.toolchain"):
        Bucket(BucketSettings("b"))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket(BucketSettings("b", access_key="a", secret_key="s", endpoint_url="https://store.example"))


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [
        ("AccessDenied", 403, "may not do so"),
        ("RequestTimeTooSkewed", 403, "timedatectl"),
        ("PermanentRedirect", 301, "set region"),
        ("", 301, "set region"),
        ("MissingContentLength", 411, "when_required"),
        ("NotImplemented", 501, "when_required"),
        ("Strange", 418, "the store answers 418 Strange: it says so"),
        ("InsufficientStorage", 507, "it is full"),
        ("InternalError", 500, "try again later"),
        ("", 502, "try again later"),
    ],
)
def test_a_refusal_says_what_to_do(bucket: Bucket, code: str, status: int, word: str) -> None:
    with Stubber(bucket.client) as stubber:
        stubber.add_client_error("put_object", code, "it says so.", status)
        with pytest.raises(StoreRefusalError, match=word) as caught:
            bucket.put("key", b"content")
    assert (caught.value.code, caught.value.status) == (code, status)


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (ReadTimeoutError(endpoint_url="https://store.example"), "connection broke"),
        (ConnectionClosedError(endpoint_url="https://store.example"), "connection broke"),
    ],
)
def test_a_broken_way_says_what_to_do(error: Exception, word: str) -> None:
    with pytest.raises(RepositoryError, match=word), told("read it", "s3://b"):
        raise error


def test_what_is_missing_or_denied_is_told_apart_from_a_missing_bucket() -> None:
    assert StoreRefusalError("", "NoSuchKey", 404).missing
    assert StoreRefusalError("", "404", 404).missing
    assert not StoreRefusalError("", "NoSuchBucket", 404).missing
    assert StoreRefusalError("", "AccessDenied", 403).denied
    assert not StoreRefusalError("", "SignatureDoesNotMatch", 403).denied


def test_conditions_count_only_together() -> None:
    assert Conditions(create=True, replace=True).honoured
    assert not Conditions(create=True, replace=False).honoured


def test_lists_of_several_pages_are_read_to_their_end(bucket: Bucket) -> None:
    when = at(1)
    item = {"Key": "p/a", "Size": 1, "ETag": "e", "LastModified": when}
    page = {"Bucket": "b", "Prefix": "p/"}
    upload = {"Key": "p/a", "UploadId": "u", "Initiated": when}
    with Stubber(bucket.client) as stubber:
        more = {"IsTruncated": True, "NextContinuationToken": "t"}
        stubber.add_response("list_objects_v2", {"Contents": [item], **more}, page)
        stubber.add_response("list_objects_v2", {"Contents": [item]}, {**page, "ContinuationToken": "t"})
        assert len(bucket.objects("p/")) == 2
        more = {"IsTruncated": True, "NextKeyMarker": "k", "NextVersionIdMarker": "v"}
        markers = {"KeyMarker": "k", "VersionIdMarker": "v"}
        versions = {"Versions": [{**item, "VersionId": "1"}]}
        stubber.add_response("list_object_versions", {**versions, **more}, page)
        stubber.add_response("list_object_versions", {"DeleteMarkers": []}, {**page, **markers})
        assert [each.version_id for each in bucket.objects_as_of("p/", when)] == ["1"]
        more = {"IsTruncated": True, "NextKeyMarker": "k", "NextUploadIdMarker": "u"}
        markers = {"KeyMarker": "k", "UploadIdMarker": "u"}
        stubber.add_response("list_multipart_uploads", {"Uploads": [upload], **more}, page)
        stubber.add_response("list_multipart_uploads", {"Uploads": [upload]}, {**page, **markers})
        assert [each.upload_id for each in bucket.unfinished("p/")] == ["u", "u"]
        stubber.assert_no_pending_responses()


def test_an_upload_that_is_gone_need_not_be_aborted(bucket: Bucket) -> None:
    with Stubber(bucket.client) as stubber:
        stubber.add_client_error("abort_multipart_upload", "NoSuchUpload", "", 404)
        bucket.abort("key", "upload")
        stubber.add_client_error("abort_multipart_upload", "AccessDenied", "", 403)
        with pytest.raises(StoreRefusalError, match="abort the upload of key"):
            bucket.abort("key", "upload")


def test_a_passing_failure_is_tried_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_arguments: 0.0)
    statuses = [503, 500, 200]

    def answer(request: Any, **_more: Any) -> AWSResponse:
        response = AWSResponse(request.url, statuses.pop(0), {"ETag": '"e"'}, None)
        response._content = b""
        return response

    bucket.client.meta.events.register("before-send.s3.PutObject", answer)
    assert bucket.put("key", b"content").etag == '"e"'
    assert statuses == []


def test_a_ca_bundle_that_is_a_file_is_taken(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "ca.pem"
    path.touch()
    assert read_settings({"bucket": "b", "ca_bundle": str(path)}).ca_bundle == str(path)
