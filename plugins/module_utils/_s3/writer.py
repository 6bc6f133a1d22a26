# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write one object of unknown size in one pass: parts, several at a time, in bounded memory."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import (
    Bucket,
    Retention,
    Written,
    checksum_of,
    retention_params,
)
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError

_MIB = 1 << 20
_STEP = 8 * _MIB
_USUAL = 24 * _MIB
_LARGEST = 40 * _MIB
_MEMORY = 80 * _MIB  # for all parts that are being filled or sent
_PARALLEL = 4
_FEW_PARTS = 1_000  # Scaleway takes no more
_MOST_PARTS = 10_000  # S3 itself


def part_size(expected: int | None) -> int:
    """Return the size of the parts of a payload that is ``expected`` to have so many bytes, if that is known.

    All parts have one size, since some stores insist on it. A payload twice as large still fits in 1,000 parts as long
    as the memory allows.
    """
    if expected is None:
        return _USUAL
    needed = -(-2 * expected // _FEW_PARTS)
    return min(_LARGEST, max(_STEP, -(-needed // _STEP) * _STEP))


def parallel_parts(size: int) -> int:
    """Return how many parts of ``size`` bytes may be sent at a time while another one is filled."""
    return max(1, min(_PARALLEL, _MEMORY // size - 1))


class _Part(io.RawIOBase):
    """The bytes of one part, as a file for boto3, in memory that serves one part after the other.

    Fresh memory for each would be given back late (boto3's requests refer to it, and to each other) and in pieces.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self._memory = memoryview(bytearray(size))
        self.clear()

    def clear(self) -> None:
        """Empty it."""
        self._filled = self._position = 0

    def fill(self, chunk: memoryview) -> memoryview:
        """Take as much of ``chunk`` as there is room for, and return the rest."""
        taken = chunk[: len(self._memory) - self._filled]
        self._memory[self._filled : self._filled + len(taken)] = taken
        self._filled += len(taken)
        return chunk[len(taken) :]

    @property
    def is_full(self) -> bool:
        """Whether there is no room left."""
        return self._filled == len(self._memory)

    @property
    def content(self) -> memoryview:
        """What it holds."""
        return self._memory[: self._filled]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        given = self._memory[self._position : min(self._filled, self._position + len(buffer))]
        buffer[: len(given)] = given
        self._position += len(given)
        return len(given)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._filled}[whence]
        return self._position

    def tell(self) -> int:
        return self._position


class ObjectWriter:
    """An object being written. A small one goes as it is, a larger one by a multipart upload.

    Call :meth:`write`, then :meth:`finish` or :meth:`abort`; nothing is visible under the key before the former.
    """

    def __init__(self, bucket: Bucket, key: str, expected: int | None, retention: Retention | None) -> None:
        self._bucket, self._key, self._retention = bucket, key, retention
        self._part_size = part_size(expected)
        self._parallel = parallel_parts(self._part_size)
        self._filling = _Part(self._part_size)
        self._senders = ThreadPoolExecutor(self._parallel)  # started with the first part, if there ever is one
        self._pending: deque[Future[_Part]] = deque()
        self._begun = 0
        self._parts: dict[int, dict[str, Any]] = {}
        self._digests: dict[int, bytes] = {}
        self._upload_id: str | None = None
        self._lock = threading.Lock()  # another thread writes than the one that gives up
        self._given_up = False
        self._begun_twice = False
        self.checksum = ""

    def write(self, chunk: bytes) -> None:
        """Take ``chunk``; it waits while as many parts are under way as the memory allows.

        :raises RepositoryError: of an earlier part, late.
        """
        view = memoryview(chunk)
        with self._lock:
            while view:
                view = self._filling.fill(view)
                if self._filling.is_full:
                    self._send()

    def finish(self) -> Written:
        """Send what is left and make the object visible.

        :raises RepositoryError: if the store does not take it.
        """
        if self._upload_id is None:
            content = bytes(self._filling.content)
            self.checksum = checksum_of(content)
            return self._bucket.put(self._key, content, retention=self._retention)
        if self._filling.content:
            self._send()
        while self._pending:
            self._pending.popleft().result()
        digests = b"".join(self._digests[number] for number in sorted(self._digests))
        self.checksum = base64.b64encode(hashlib.sha256(digests).digest()).decode("ascii")
        return self._complete()

    def close(self) -> None:
        """Let the threads go, once the parts that are under way have ended."""
        self._senders.shutdown(cancel_futures=True)

    def abort(self) -> None:
        """Give the upload up: the store removes its parts, those that are still under way too.

        :raises RepositoryError: if it cannot be told so.
        """
        self._given_up = True
        self.close()  # a part that arrives after the abort would stay
        with self._lock:
            if self._upload_id is not None:
                self._bucket.abort(self._key, self._upload_id)
        self.abort_twins()

    def abort_twins(self) -> None:
        """Abort what the store began without its answer having come here: it was asked again then, and began another one.

        :raises RepositoryError: if it cannot be told so.
        """
        if self._begun_twice:
            for each in self._bucket.unfinished(self._key):
                if each.key == self._key and each.upload_id != self._upload_id:
                    self._bucket.abort(each.key, each.upload_id)

    def _send(self) -> None:
        if self._given_up:
            raise RepositoryError(f"The upload of {self._key} was given up.")
        if self._upload_id is None:
            self._upload_id = self._begin()
        self._begun += 1
        if self._begun > _MOST_PARTS:
            raise RepositoryError(
                f"Failed to write {self._key} in the repository {self._bucket.title}: it is larger than {_MOST_PARTS} "
                f"parts of {self._part_size} bytes, as the backup before was far smaller. A first backup, under another "
                f"prefix, may have {_MOST_PARTS * _USUAL} bytes."
            )
        self._pending.append(self._senders.submit(self._send_part, self._begun, self._filling))
        self._filling = _Part(self._part_size) if self._begun <= self._parallel else self._pending.popleft().result()

    def _begin(self) -> str:
        self._begun_twice = True  # for all that is known, should this fail
        answer = self._bucket.call(
            "create_multipart_upload",
            f"begin {self._key}",
            Key=self._key,
            ChecksumAlgorithm="SHA256",
            **retention_params(self._retention),
        )
        self._begun_twice = answer["ResponseMetadata"]["RetryAttempts"] > 0
        return str(answer["UploadId"])

    def _send_part(self, number: int, part: _Part) -> _Part:
        """Send ``part`` and return it, empty."""
        digest = hashlib.sha256(part.content).digest()
        checksum = base64.b64encode(digest).decode("ascii")
        part.seek(0)
        answer = self._bucket.call(
            "upload_part",
            f"write part {number} of {self._key}",
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=part,
            ChecksumSHA256=checksum,
        )
        self._digests[number] = digest
        self._parts[number] = {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}
        part.clear()
        return part

    def _complete(self) -> Written:
        parts = [self._parts[number] for number in sorted(self._parts)]
        action = f"complete {self._key}"
        try:
            answer = self._bucket.call(
                "complete_multipart_upload",
                action,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": parts},
            )
        except StoreRefusalError as refusal:
            if refusal.code != "NoSuchUpload":
                raise
            # The answer to a first attempt may have been lost: then the object is there. It is read back in any case.
            answer = self._bucket.head(self._key)
        return Written(answer["ETag"], answer.get("ChecksumSHA256"), answer.get("VersionId"))
