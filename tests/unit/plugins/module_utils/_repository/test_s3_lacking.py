# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The s3 repository on a store that ignores what it does not know: rclone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    OpsError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository

from tests.support.s3_server import S3Server
from tests.unit.plugins.module_utils._repository.s3_tools import (
    LARGE,
    names,
)
from tests.unit.plugins.module_utils.made import PLACE, backed_up

Opened = Callable[..., S3Repository]


class TestStoreThatLacksMuch:
    """rclone: a stand-in for stores that ignore what they do not know."""

    def test_it_is_told_and_backups_are_whole(self, rclone: S3Server, opened: Opened, warnings: list[str]) -> None:
        repository = opened(rclone)
        backup_id = backed_up(repository, "buenos días")
        assert [each.backup_id for each in repository.entries(PLACE) if each.good] == [backup_id]
        assert "ignores conditional writes" in warnings[0]

    def test_a_lease_still_keeps_writers_apart_that_begin_one_after_the_other(
        self, rclone: S3Server, opened: Opened
    ) -> None:
        with opened(rclone).lease(PLACE), pytest.raises(BusyError), opened(rclone).lease(PLACE):
            pass

    @pytest.mark.usefixtures("small_parts")
    def test_a_large_payload_goes_in_parts(self, rclone: S3Server, opened: Opened) -> None:
        repository = opened(rclone)
        backed_up(repository, command=LARGE)
        assert repository.entries(PLACE)[0].good

    def test_checksums_that_follow_the_content_are_told_to_be_turned_off(
        self, rclone: S3Server, opened: Opened
    ) -> None:
        repository = opened(rclone, request_checksum_calculation="when_supported")
        with pytest.raises(RepositoryError, match="request_checksum_calculation: when_required"):
            repository._bucket.call("put_object", "write it", Key="object", Body=b"content")

    def test_a_lock_that_was_forgotten_fails_the_backup(self, rclone: S3Server, opened: Opened, prefix: str) -> None:
        with pytest.raises(OpsError, match="Object Lock"):
            backed_up(opened(rclone, object_lock_days=3))
        assert names(rclone, prefix) == []

    def test_the_doctor_tells_what_it_lacks(self, rclone: S3Server, opened: Opened) -> None:
        examination = opened(rclone).examine(PLACE.stack, touch=True)
        assert examination.details["conditional_writes"] is False
        assert examination.can_destroy is True
