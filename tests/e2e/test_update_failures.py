# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad images, and what goes wrong while they come: back to what ran, with the data from before, and the next run works."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.bed import services, stack
from tests.bed.bed import Bed
from tests.bed.process import wait_until
from tests.e2e.moving import BREAKS_N8N, ILL_LATER, NEVER_WELL, Moving, failed

pytestmark = pytest.mark.thorough

_CHANGES_THE_SCHEMA = """CMD ["node", "-e", "const { Client } = require('/opt/api/node_modules/pg');\\
 const client = new Client(); client.connect()\\
 .then(() => client.query('ALTER TABLE messages ADD COLUMN IF NOT EXISTS broken int; DELETE FROM messages'))\\
 .then(() => setInterval(() => {}, 1e6));"]"""


def test_a_migration_of_n8n_that_fails(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("n8n", BREAKS_N8N)
    words = ("n8n does not get healthy", "to Broken9999999999999", "n8n by ", "serve again, and are healthy")
    failed(moving.update(), *words)
    as_before()
    moving.server.shell(f"rm -rf {stack.VOLUME_FOLDER}.previous-*")
    moving.push("n8n")
    done = moving.update()
    assert done.succeeded, done.output[-4000:]


def test_an_image_that_never_turns_healthy(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", NEVER_WELL)
    said = failed(
        moving.update(stack_update_wait_limit="30s"), "api does not get healthy", "serve again, and are healthy"
    )
    assert "The data was left as it is" in said
    as_before()


def test_a_full_disk_while_the_image_comes(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", "USER root\nRUN head -c 16M /dev/urandom > /opt/big\nUSER node")
    folder = "/var/lib/docker/tmp"
    moving.server.shell(f"mkdir -p {folder} && mount -t tmpfs -o size=1m tmpfs {folder}")
    try:
        failed(moving.update(), "no space left on device", "No container was touched")
    finally:
        moving.server.shell(f"umount {folder}")
    as_before()


def test_an_image_that_turns_unhealthy_after_half_a_minute(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", ILL_LATER)
    failed(moving.update(stack_update_soak="60s"), "while it was watched for 60 s", "serve again, and are healthy")
    as_before()


def test_an_image_that_changes_the_schema_and_fails(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _CHANGES_THE_SCHEMA)
    failed(
        moving.update(stack_update_wait_limit="30s"),
        "the database's schema was changed",
        "is kept as lottery_previous_",
    )
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'messages' AND column_name = 'broken'"
    assert stack.psql(moving.server, columns).strip() == "0"
    as_before()


def test_another_major_version_of_n8n_that_nobody_asked_for(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("n8n", "LABEL org.opencontainers.image.version=3.0.0")
    failed(moving.update(), "across a major version", "No container was touched")
    as_before()
    moving.push("n8n")


def test_an_image_whose_answers_fail_before_docker_notices(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", ILL_LATER)
    failed(moving.update(stack_update_soak="34s"), "https://localhost/health", "serve again, and are healthy")
    as_before()


def test_a_registry_that_does_not_answer(moving: Moving, bed: Bed, as_before: Callable[[], None]) -> None:
    moving.push("api")
    bed.engine.docker("stop", "registry")
    try:
        failed(moving.update(), "Failed to pull the images", "No container was touched")
    finally:
        bed.engine.docker("start", "registry")
        wait_until(lambda: services.obstacle(services.REGISTRY_SERVICE, bed.site), "start the registry again", 60)
    as_before()
