# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lease of the s3 repository, and what writers that died left."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository import s3, s3_lease
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository

from tests.support.s3_server import BUCKET, S3Server
from tests.unit.plugins.module_utils._repository.s3_tools import (
    begin_upload,
    put_lease,
    refusing,
    unfinished,
)
from tests.unit.plugins.module_utils.made import PLACE, backed_up

Opened = Callable[..., S3Repository]


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


def test_uploads_that_may_not_be_listed_are_told(
    repository: S3Repository, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "list_multipart_uploads"))
    backed_up(repository)
    assert "left unfinished stays" in warnings[0]


def test_a_lease_that_cannot_be_given_back_is_told_and_no_failure(
    repository: S3Repository, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_lease, "_RENEWAL", 0.1)
    with repository.lease(PLACE):
        monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "get_object"))
        time.sleep(0.5)
    assert "was not given back" in warnings[0]
