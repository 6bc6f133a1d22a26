# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store can really do: some take a condition or a checksum and ignore it, which is found out by trying."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket, checksum_of
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError

_NO_ETAG = '"00000000000000000000000000000000"'


@dataclass(frozen=True)
class Conditions:
    """Whether a write that is to create (``If-None-Match``) and one that is to replace (``If-Match``) fail as asked."""

    create: bool
    replace: bool

    @property
    def honoured(self) -> bool:
        """Whether both do."""
        return self.create and self.replace


def try_conditions(bucket: Bucket, key: str) -> Conditions:
    """Find out by means of the object ``key``, which is overwritten."""
    content = secrets.token_bytes(16)
    bucket.put(key, content)
    return Conditions(
        create=_refused(bucket, key, content, IfNoneMatch="*"),
        replace=_refused(bucket, key, content, IfMatch=_NO_ETAG),
    )


def try_checksum(bucket: Bucket, key: str) -> bool:
    """Tell whether the store refuses content that does not match its SHA-256, by means of the object ``key``."""
    content = secrets.token_bytes(16)
    try:
        params = {"Key": key, "Body": content, "ChecksumSHA256": checksum_of(b"something else")}
        bucket.call("put_object", f"write {key}", **params)
    except StoreRefusalError as refusal:
        if refusal.status == 400:
            return True
        raise
    return False


def _refused(bucket: Bucket, key: str, content: bytes, **condition: Any) -> bool:
    """Tell whether a write is refused for its condition; a store that does not know conditions says 501, or writes."""
    try:
        bucket.put(key, content, **condition)
    except StoreRefusalError as refusal:
        if refusal.condition_failed:
            return True
        if refusal.status != 501:
            raise
    return False
