# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One bucket, call by call. Every call is made again by boto3 where that can help, and its failure is told."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, OpsError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError, require_boto, told
from ansible_collections.chatbot.ops.plugins.module_utils._s3.settings import BucketSettings, fetch_commands
from ansible_collections.chatbot.ops.plugins.module_utils._s3.versions import Stored, as_of

try:
    import boto3
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, NoCredentialsError
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies
except ImportError:  # told by require_boto()
    pass

_CHUNK = 1 << 20
_ATTEMPTS = 5  # of a call, with a growing pause between them (at most 20 s)
_RESUMPTIONS = 8  # of one download
_CONNECT_LIMIT, _READ_LIMIT = 10, 60  # seconds
_READERS = 16


@dataclass(frozen=True)
class Small:
    """A small object that was read whole, and how long ago it was written, by the store's own clock."""

    content: bytes
    etag: str
    age_seconds: float


@dataclass(frozen=True)
class Retention:
    """How long an object cannot be removed: ``mode`` is GOVERNANCE or COMPLIANCE."""

    mode: str
    until: datetime


@dataclass(frozen=True)
class Written:
    """What the store says that it took; ``checksum`` is its SHA-256 as S3 spells it, where it keeps one."""

    etag: str
    checksum: str | None
    version_id: str | None


@dataclass(frozen=True)
class Unfinished:
    """A multipart upload that was neither completed nor aborted."""

    key: str
    upload_id: str
    begun: datetime


def checksum_of(content: bytes) -> str:
    """Return the SHA-256 of ``content`` as S3 spells it."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode("ascii")


class Bucket:
    """The part of a bucket below a prefix; keys are relative to that."""

    def __init__(self, settings: BucketSettings) -> None:
        """Prepare to speak to the bucket that ``settings`` describe; nothing is sent yet.

        :raises RefusedError: if the library is not there.
        :raises RepositoryError: if the settings make no sense to it.
        """
        require_boto()
        self.title, self._settings = settings.title, settings
        self._name, self._prefix = settings.bucket, settings.prefix
        config = Config(
            connect_timeout=_CONNECT_LIMIT,
            read_timeout=_READ_LIMIT,
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            max_pool_connections=_READERS,
            s3={"addressing_style": settings.addressing_style},
            signature_version="s3v4",
            request_checksum_calculation=settings.request_checksum_calculation,
            response_checksum_validation=settings.response_checksum_validation,
        )
        self._verify: bool | str = settings.ca_bundle or os.environ.get("AWS_CA_BUNDLE") or True
        with told("prepare the connection", self.title):
            self._session = boto3.session.Session(
                aws_access_key_id=settings.access_key, aws_secret_access_key=settings.secret_key
            )
            self.client: Any = self._session.client(
                "s3",
                endpoint_url=settings.endpoint_url,
                region_name=settings.region or self._session.region_name or "us-east-1",
                verify=settings.ca_bundle,
                config=config,
            )

    def call(self, operation: str, action: str, **params: Any) -> Any:
        """Make one call of the client, with the bucket's name and ``Key`` and ``Prefix`` made absolute.

        :param action: what it is for, for messages.
        :raises StoreRefusalError: if the store says no.
        :raises RepositoryError: if it cannot be asked.
        """
        absolute: dict[str, Any] = {name: self._prefix + params[name] for name in ("Key", "Prefix") if name in params}
        with told(action, self.title):
            return getattr(self.client, operation)(**{**params, **absolute, "Bucket": self._name})

    def put(self, key: str, content: bytes, *, retention: Retention | None = None, **more: Any) -> Written:
        """Store ``content`` as object ``key``; ``more`` may hold IfMatch or IfNoneMatch."""
        answer = self.call(
            "put_object",
            f"write {key}",
            Key=key,
            Body=content,
            ChecksumSHA256=checksum_of(content),
            **retention_params(retention),
            **more,
        )
        return Written(answer["ETag"], answer.get("ChecksumSHA256"), answer.get("VersionId"))

    def put_if(self, key: str, content: bytes, *, etag: str | None, retention: Retention | None = None) -> bool:
        """Store ``content`` if ``key`` has ``etag``, or if there is no such object for None; tell whether it did.

        The store must honour conditions (:func:`conditions`); ``content`` must be unlike what anybody else writes.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            self.put(key, content, retention=retention, **condition)
        except StoreRefusalError as refusal:
            if not refusal.condition_failed:
                raise
            # Its answer to a first attempt may have been lost, and the second one met our own object.
            found = self.get(key)
            return found is not None and found.content == content
        return True

    def get(self, key: str) -> Small | None:
        """Return a small object whole, or None if there is none."""
        try:
            answer = self.call("get_object", f"read {key}", Key=key)
        except StoreRefusalError as refusal:
            if refusal.missing:
                return None
            raise
        with told(f"read {key}", self.title):
            content = answer["Body"].read()
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
        instant = parsedate_to_datetime(date) if date else now()
        return Small(content, answer["ETag"], (instant - answer["LastModified"]).total_seconds())

    def head(self, key: str, version_id: str | None = None) -> dict[str, Any]:
        """Return what the store says of an object, in the words of HeadObject."""
        answer: dict[str, Any] = self.call("head_object", f"look at {key}", Key=key, **_version(version_id))
        return answer

    def stream(self, key: str, version_id: str | None = None) -> Iterator[bytes]:
        """Yield the content of ``key`` in chunks; where the connection breaks, it goes on from there.

        :raises DamagedError: if the store gives fewer bytes than it says that there are, again and again.
        """
        action = f"read {key}"
        answer = self.call("get_object", action, Key=key, **_version(version_id))
        size, etag, offset = int(answer["ContentLength"]), answer["ETag"], 0
        for attempt in range(_RESUMPTIONS):
            body = answer["Body"]
            try:
                while chunk := body.read(_CHUNK):
                    offset += len(chunk)
                    yield chunk
            except BotoCoreError:
                if attempt + 1 == _RESUMPTIONS:
                    with told(action, self.title):
                        raise
            finally:
                body.close()
            if offset >= size:
                return
            rest = {"Range": f"bytes={offset}-", "IfMatch": etag}
            answer = self.call("get_object", action, Key=key, **_version(version_id), **rest)
        raise DamagedError(f"The repository {self.title} gives {offset} of the {size} bytes of {key}.")

    def objects(self, prefix: str, after: str = "") -> list[Stored]:
        """Return all objects whose keys begin with ``prefix``, and of these only those that sort behind ``after``."""
        found: list[Stored] = []
        more = {"StartAfter": self._prefix + after} if after else {}
        while True:
            answer = self.call("list_objects_v2", f"list {prefix}", Prefix=prefix, **more)
            for each in answer.get("Contents", []):
                found.append(Stored(self._relative(each["Key"]), int(each["Size"]), each["ETag"]))
            if not answer.get("IsTruncated"):
                return found
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def objects_as_of(self, prefix: str, instant: datetime) -> list[Stored]:
        """Return the objects whose keys begin with ``prefix`` as they were at ``instant``, each with its version."""
        versions: list[dict[str, Any]] = []
        markers: list[dict[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            answer = self.call("list_object_versions", f"list the versions of {prefix}", Prefix=prefix, **more)
            versions.extend(answer.get("Versions", []))
            markers.extend(answer.get("DeleteMarkers", []))
            if not answer.get("IsTruncated"):
                break
            more = {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}
        found = as_of(versions, markers, instant)
        return [Stored(self._relative(each.key), each.size, each.etag, each.version_id) for each in found]

    def fetch_commands(self, keys: Sequence[str]) -> list[str]:
        """Return shell commands that bring the objects ``keys`` into the current folder."""
        return fetch_commands(self._settings, keys)

    def read_all(self, wanted: Sequence[Stored]) -> Iterator[bytes | RepositoryError]:
        """Yield the content of each small object, or why it cannot be read, in the same order.

        Many at a time, and by requests of our own: boto3 takes three times the processor time for each.
        """
        if not wanted:
            return
        action = f"read {len(wanted)} objects"
        with told(action, self.title):
            credentials = self._session.get_credentials()
            if credentials is None:
                raise NoCredentialsError
            signer = S3SigV4Auth(credentials.get_frozen_credentials(), "s3", self.client.meta.region_name)
            # How the bucket is addressed is for boto3 to say.
            params = {"Bucket": self._name, "Key": "x"}
            root = self.client.generate_presigned_url("get_object", Params=params).partition("?")[0][:-1]
        http = URLLib3Session(
            verify=self._verify,
            proxies=get_environ_proxies(root),
            timeout=(_CONNECT_LIMIT, _READ_LIMIT),
            max_pool_connections=_READERS,
        )

        def read(stored: Stored) -> bytes | RepositoryError:
            query = _version(stored.version_id)
            request = AWSRequest("GET", root + quote(self._prefix + stored.key, safe="/~"), params=query)
            try:
                signer.add_auth(request)
                answer = http.send(request.prepare())
                if answer.status_code == 200 and len(answer.content) == stored.size:
                    return bytes(answer.content)
            except BotoCoreError:
                pass  # the way below tries again with patience, and tells what is wrong
            try:
                return b"".join(self.stream(stored.key, stored.version_id))
            except OpsError as error:
                return RepositoryError(error.message)

        try:
            with ThreadPoolExecutor(min(_READERS, len(wanted))) as readers:
                yield from readers.map(read, wanted)
        finally:
            http.close()

    def delete(self, key: str, version_id: str | None = None, **more: Any) -> dict[str, Any]:
        """Delete one object; its absence is no error. One by one: some stores refuse to delete several at once."""
        answer: dict[str, Any] = self.call("delete_object", f"delete {key}", Key=key, **_version(version_id), **more)
        return answer

    def unfinished(self, prefix: str) -> list[Unfinished]:
        """Return the multipart uploads of keys that begin with ``prefix``."""
        found: list[Unfinished] = []
        more: dict[str, str] = {}
        while True:
            answer = self.call("list_multipart_uploads", "list unfinished uploads", Prefix=prefix, **more)
            for each in answer.get("Uploads", []):
                found.append(Unfinished(self._relative(each["Key"]), each["UploadId"], each["Initiated"]))
            if not answer.get("IsTruncated"):
                return [each for each in found if each.key.startswith(prefix)]
            more = {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    def abort(self, key: str, upload_id: str) -> None:
        """Abort a multipart upload; its parts are removed. It may be gone already."""
        try:
            self.call("abort_multipart_upload", f"abort the upload of {key}", Key=key, UploadId=upload_id)
        except StoreRefusalError as refusal:
            if refusal.code != "NoSuchUpload":
                raise

    def _relative(self, key: str) -> str:
        return key.removeprefix(self._prefix)


def retention_params(retention: Retention | None) -> dict[str, Any]:
    """Return the parameters of a call that creates an object."""
    if retention is None:
        return {}
    return {"ObjectLockMode": retention.mode, "ObjectLockRetainUntilDate": retention.until}


def _version(version_id: str | None) -> dict[str, str]:
    return {} if version_id is None else {"VersionId": version_id}
