# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bed's stack: that it is the one that the other tests take it for."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Load, Outcome, account, port_by_name
from tests.bed.process import BedError, wait_until
from tests.bed.site import BUCKET, REGISTRY


def test_the_stack_is_healthy(bed: Bed) -> None:
    assert stack.health(bed.production) == dict.fromkeys(stack.SERVICES, "healthy")


def test_the_database_is_that_of_the_chatbot(bed: Bed) -> None:
    rows = stack.psql(bed.production, "SELECT count(*) FROM system_logs; SELECT count(*) FROM subscribers").split()
    assert int(rows[0]) >= stack.LOG_ROWS
    assert int(rows[1]) > 0


def test_the_heartbeat_runs(bed: Bed) -> None:
    volume = "/var/lib/docker/volumes/n8n_data/_data/database.sqlite"
    count = f"import sqlite3; print(sqlite3.connect('file:{volume}?mode=ro', uri=True)"
    count += ".execute('SELECT count(*) FROM execution_entity').fetchone()[0])"

    def counted() -> int:
        return int(bed.production.ssh("python3", "-", stdin=count.encode()))

    before = counted()
    wait_until(lambda: None if counted() > before else "it does not", "see n8n execute the workflow", 30)


def test_an_acknowledged_message_is_in_the_database(bed: Bed) -> None:
    with Load(port_by_name(bed.site), bed.site.authority, rate=4, threads=4) as load:
        time.sleep(6)
    result = load.account(stack.message_ids(bed.production))
    assert result.acknowledged >= 10, load.failures()
    assert result.failed == 0, load.failures()
    assert not result.missing


def test_a_message_that_is_lost_is_noticed(bed: Bed) -> None:
    with Load(port_by_name(bed.site), bed.site.authority, rate=2, threads=2) as load:
        time.sleep(2)
    lost = next(each.id for each in load.outcomes if not each.failure)
    stack.psql(bed.production, f"DELETE FROM messages WHERE id = '{lost}'")
    assert load.account(stack.message_ids(bed.production)).missing == {lost}


def test_messages_fail_while_the_database_is_away(bed: Bed) -> None:
    with Load(port_by_name(bed.site), bed.site.authority, rate=4, threads=8) as load:
        time.sleep(2)
        stack.compose(bed.production, "stop", "postgres")
        time.sleep(4)
        stack.up(bed.production)
        time.sleep(4)
    result = load.account(stack.message_ids(bed.production))
    assert result.acknowledged > 0
    assert result.failed > 0
    assert result.longest_outage > 3
    assert not result.missing


def test_the_account_knows_lost_and_unacknowledged_messages() -> None:
    outcomes = [
        Outcome("a", 10.0, 0.1, ""),
        Outcome("b", 11.0, 0.3, "HTTP 502"),
        Outcome("c", 13.0, 0.2, "TimeoutError: timed out"),
        Outcome("d", 14.5, 0.2, ""),
    ]
    result = account(outcomes, {"a", "c"})
    assert (result.acknowledged, result.failed, sorted(result.missing)) == (2, 2, ["d"])
    assert result.unacknowledged == 1
    assert result.longest_outage == pytest.approx(4.5)


@pytest.mark.thorough  # the largest image; a rebuild pulls all the others
def test_a_server_pulls_from_the_registry(bed: Bed) -> None:
    image = f"{REGISTRY}/lottery/n8n:1.123.81"
    bed.production.ssh("docker", "pull", "--quiet", image, timeout=120)
    digests = json.loads(bed.production.ssh("docker", "image", "inspect", image))[0]["RepoDigests"]
    assert digests[0].startswith(f"{REGISTRY}/lottery/n8n@sha256:")
    bed.production.ssh("docker", "rmi", image)


def test_the_store_takes_objects_from_who_may_write(bed: Bed) -> None:
    name, url = f"bed-{uuid.uuid4()}", f"https://s3.bed:8333/{BUCKET}"

    def curl(who: str, *words: str) -> str:
        secret = bed.site.secrets[f"s3_{who}_secret"]
        command = (
            "exec",
            "-T",
            "nginx",
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            "--max-time",
            "20",
            "--insecure",
        )
        signed = ("--aws-sigv4", "aws:amz:us-east-1:s3", "--user", f"BED{who.upper()}:{secret}")
        return stack.compose(bed.production, *command, *signed, *words)

    curl("backup", "--request", "PUT", "--data-binary", "content", f"{url}/{name}")
    assert curl("restore", f"{url}/{name}") == "content"
    with pytest.raises(BedError, match="403"):
        curl("restore", "--request", "PUT", "--data-binary", "other", f"{url}/{name}")
