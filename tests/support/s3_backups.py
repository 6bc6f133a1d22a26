# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many backups in a bucket, put there without the code under test; each is a manifest without payloads."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.s3_server import BUCKET, S3Server
from tests.support.stack import STACK

_NEWEST = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
_WRITERS = 16


def put_backups(server: S3Server, prefix: str, count: int) -> list[str]:
    """Put ``count`` backups of n8n below ``prefix``, an hour apart, and return their ids, newest first."""
    client = server.client()
    ids = [f"{_NEWEST - timedelta(hours=number):%Y%m%dT%H%M%SZ}-n8n-{number:04x}" for number in range(count)]

    def put(backup_id: str) -> None:
        key = f"{prefix}/{STACK}/n8n/{backup_id}/manifest.json"
        client.put_object(Bucket=BUCKET, Key=key, Body=_sealed(_manifest(backup_id)))

    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(put, ids))
    return ids


def _manifest(backup_id: str) -> dict[str, Any]:
    at = "2026-11-24T03:15:00.000000Z"
    return {
        "format": 1,
        "backup_id": backup_id,
        "set_id": "20261124T031500Z-set-1c9e",
        "stack": STACK,
        "source": "n8n",
        "host": "production",
        "started": at,
        "taken": at,
        "ended": at,
        "objects": [],
        "proof": {"database": {"workflows": 12, "credentials": 5}, "files": {f"file{n}": "0" * 64 for n in range(20)}},
        "versions": {"n8n": "2.41.1"},
        "consistency": {"mode": "online", "downtime_seconds": 0.0, "reason": None},
        "recovery": ["zstd -dc data.tar.zst | tar -x"],
        "details": {},
        "tolerated": [],
        "unrecoverable": None,
    }


def _sealed(document: dict[str, Any]) -> bytes:
    """Return the document with the digest of its own spelling, as every manifest ends."""
    return _spelled({**document, "~sha256": hashlib.sha256(_spelled(document)).hexdigest()})


def _spelled(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()
