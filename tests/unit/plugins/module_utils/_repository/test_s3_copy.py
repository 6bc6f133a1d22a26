# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies between a folder and a bucket."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import LATEST
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import CopyRequest, copy_backups
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository

from tests.unit.plugins.module_utils.made import PLACE, backed_up, no_warning


@pytest.mark.parametrize("way", ["to the bucket", "from the bucket"])
def test_to_a_bucket_and_back(repository: S3Repository, tmp_path: pathlib.Path, way: str) -> None:
    folder = LocalRepository(str(tmp_path))
    here, there = (folder, repository) if way == "to the bucket" else (repository, folder)
    backup_id = backed_up(here, "hola " * 1000)
    request = CopyRequest((PLACE,), LATEST, None, check_mode=False)
    assert [each["backup_id"] for each in copy_backups(here, there, request, no_warning)["copied"]] == [backup_id]
    assert b"".join(there.read(PLACE, backup_id, "text.zst")) == b"".join(here.read(PLACE, backup_id, "text.zst"))
    assert [each.good for each in there.entries(PLACE)] == [True]
    assert copy_backups(here, there, request, no_warning)["changed"] is False
