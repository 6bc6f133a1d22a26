# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another S3 store, Ceph's gateway, takes a stack's backups, locked too, and gives them back.

One that refuses boto3's own defaults stands among the unit tests: Ceph's did so up to its version 16.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import botocore.config
import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.images import CEPH_IMAGE, build
from tests.bed.server import remove
from tests.bed.services import CEPH_KEY, CEPH_SERVICE, start
from tests.bed.site import PROJECT
from tests.e2e.player import Player

_BUCKET = "backups"


def _client(bed: Bed) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=f"https://localhost:{bed.site.ports['ceph']}",
        aws_access_key_id=CEPH_KEY,
        aws_secret_access_key=bed.site.secrets["ceph_secret"],
        region_name="us-east-1",
        verify=str(bed.site.authority),
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


@pytest.fixture
def client(bed: Bed) -> Iterator[Any]:
    build(bed.engine, CEPH_IMAGE)
    try:
        start(bed.engine, bed.site, CEPH_SERVICE)
        yield _client(bed)
    finally:
        remove(bed.engine, CEPH_SERVICE.name)


@pytest.mark.thorough
def test_it_takes_backups_and_gives_them_back(bed: Bed, player: Player, client: Any) -> None:
    client.create_bucket(Bucket=_BUCKET, ObjectLockEnabledForBucket=True)
    store = {
        "type": "s3",
        "bucket": _BUCKET,
        "endpoint_url": "https://ceph.bed:7480",
        "access_key": CEPH_KEY,
        "secret_key": bed.site.secrets["ceph_secret"],
        "ca_bundle": "/etc/ssl/certs/ca-certificates.crt",
        "object_lock_days": 1,
    }
    done = player.must("backup_stack", backup_max_age="", backup_repositories=[store])
    assert done.result("n8n_volume_backup")["changed"]
    player.must("verify_backups", verification_repositories=[store], verification_level="restore")
    stack.psql(bed.production, "CREATE TABLE later (x int)")
    restored = player.must("restore_database", restore_repository=store, restore_confirm=PROJECT)
    assert restored.result("pg_restore")["changed"]
    assert stack.psql(bed.production, "SELECT to_regclass('later') IS NULL").strip() == "t"
    again = player.must("backup_stack", backup_max_age="", backup_repositories=[store])
    player.must("verify_backups", verification_repositories=[store], verification_level="checksum")
    rules: dict[str, Any] = {f"retention_keep_{each}": 0 for each in ("daily", "weekly", "monthly")}
    pruned = player.must("prune_backups", retention_repositories=[store], retention_keep_last=1, **rules)
    retained = {each["backup_id"] for each in pruned.result("backup_prune")["results"][0]["retained"]}
    assert retained == {done.result(each)["backup_id"] for each in ("n8n_volume_backup", "pg_dump", "config_backup")}
    manifests = [each["Key"] for each in client.list_objects_v2(Bucket=_BUCKET)["Contents"]]
    assert sum(key.endswith("/manifest.json") for key in manifests) == 6
    assert again.result("pg_dump")["changed"]
    uploads = client.list_multipart_uploads(Bucket=_BUCKET)
    assert uploads.get("Uploads", []) == []
