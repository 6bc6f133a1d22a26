# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of the s3 repository do to a store by another way than its own."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError

from tests.support.s3_server import BUCKET, S3Server, objects
from tests.unit.plugins.module_utils.made import PLACE

LARGE = "head -c 20000000 /dev/urandom"


LOCKED = "locked"


def names(server: S3Server, prefix: str) -> list[str]:
    """The names that belong to backups, without what the repository keeps beside them."""
    keys = [key for key in objects(server, f"{prefix}/{PLACE}/") if "/." not in key]
    return sorted(key.rpartition("/")[2] for key in keys)


def content_of(repository: S3Repository, backup_id: str) -> bytes:
    return b"".join(repository.read(PLACE, backup_id, "text.zst"))


def put_lease(server: S3Server, prefix: str, content: bytes) -> None:
    server.client().put_object(Bucket=BUCKET, Key=f"{prefix}/{PLACE}/.lease", Body=content)


def begin_upload(server: S3Server, key: str) -> None:
    client = server.client()
    upload = client.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    client.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=b"half")


def unfinished(server: S3Server, prefix: str) -> list[str]:
    answer = server.client().list_multipart_uploads(Bucket=BUCKET, Prefix=f"{prefix}/")
    return [each["Key"].rpartition("/")[2] for each in answer.get("Uploads", [])]


def refusing(bucket: Any, operation: str, code: str = "AccessDenied", status: int = 403) -> Callable[..., Any]:
    """Return the bucket's ``call``, but for ``operation``, which the store refuses."""
    call = bucket.call

    def refused(asked: str, action: str, **params: Any) -> Any:
        if asked == operation:
            raise StoreRefusalError(f"Failed to {action}: refused.", code, status)
        return call(asked, action, **params)

    return refused


@contextlib.contextmanager
def append_only(server: S3Server, bucket: str) -> Iterator[dict[str, str]]:
    """Give keys that may put, get and list, and delete nothing."""
    iam, user = server.client("iam"), f"appender-{secrets.token_hex(4)}"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    actions = ["s3:PutObject", "s3:GetObject", "s3:ListBucket"]
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources}],
    }
    iam.put_user_policy(UserName=user, PolicyName="append", PolicyDocument=json.dumps(policy))
    yield {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
