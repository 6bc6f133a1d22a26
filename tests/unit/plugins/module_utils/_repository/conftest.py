# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories in buckets of real servers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3 import S3Repository
from ansible_collections.chatbot.ops.plugins.module_utils._s3 import writer

from tests.support.s3_server import RcloneServer, S3Server, SeaweedServer
from tests.unit.plugins.module_utils._repository.s3_tools import LOCKED

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def seaweed() -> Iterator[S3Server]:
    with SeaweedServer() as running:
        yield running


@pytest.fixture(scope="session")
def rclone() -> Iterator[S3Server]:
    with RcloneServer() as running:
        yield running


@pytest.fixture
def prefix() -> str:
    return f"test{next(NUMBERS)}"


@pytest.fixture
def warnings() -> list[str]:
    """What repositories warned of."""
    return []


@pytest.fixture
def opened(prefix: str, warnings: list[str]) -> Callable[..., S3Repository]:
    """Opens what is below the test's own prefix on a server."""

    def opened_on(server: S3Server, **more: Any) -> S3Repository:
        repository = open_repository(server.repository(prefix, **more), warnings.append)
        assert isinstance(repository, S3Repository)
        return repository

    return opened_on


@pytest.fixture
def repository(seaweed: S3Server, opened: Callable[..., S3Repository]) -> S3Repository:
    return opened(seaweed)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts as small as S3 allows, so that little data makes several."""
    monkeypatch.setattr(writer, "part_size", lambda _expected: 5 << 20)


@pytest.fixture(scope="session")
def locked(seaweed: S3Server) -> S3Server:
    """A server with a bucket that has Object Lock, and so keeps versions."""
    seaweed.client().create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
    return seaweed
