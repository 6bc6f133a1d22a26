# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an examination of a bucket finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError

from tests.support.s3_server import S3Server, objects
from tests.unit.plugins.module_utils._repository.s3_tools import (
    LOCKED,
    append_only,
    refusing,
)
from tests.unit.plugins.module_utils.made import PLACE, backed_up

Opened = Callable[..., S3Repository]


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

    @pytest.mark.parametrize("operation", ["get_bucket_versioning", "get_object_lock_configuration"])
    def test_what_may_not_be_asked_stays_unknown(
        self, repository: S3Repository, monkeypatch: pytest.MonkeyPatch, operation: str
    ) -> None:
        name = operation.removeprefix("get_").removeprefix("bucket_").removesuffix("_configuration")
        monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, operation))
        assert repository.examine(PLACE.stack, touch=False).details[name] is None
        refused = refusing(repository._bucket, operation, "InternalError", 500)
        monkeypatch.setattr(repository._bucket, "call", refused)
        with pytest.raises(StoreRefusalError):
            repository.examine(PLACE.stack, touch=False)

    def test_credentials_that_only_write_cannot_restore(
        self, repository: S3Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(repository._bucket, "call", refusing(repository._bucket, "get_object"))
        examination = repository.examine(PLACE.stack, touch=True)
        assert (examination.can_write, examination.can_read) == (True, False)

    def test_a_store_that_gives_other_bytes_back_is_damaged(
        self, repository: S3Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(repository._bucket, "get", lambda _key: None)
        with pytest.raises(DamagedError, match="does not give back"):
            repository.examine(PLACE.stack, touch=True)

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
