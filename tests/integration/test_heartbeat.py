# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heartbeats of backup, verification, rehearsal and health, as somebody outside hears them."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import pytest

from tests.support.ping_api import SECRETS, PingApi
from tests.support.playbooks import Playbooks
from tests.support.stack import STACK, SampleStack

JOBS = {"backup": "healthchecks", "verification": "uptime_kuma", "rehearsal": "cronitor"}
# How full this machine is, is no matter here.
_LIMITS = {each: {"warning": None, "critical": None} for each in ("disk_bytes", "disk_inodes", "days_left")}


@pytest.fixture
def playbooks(stack: SampleStack, tmp_path: pathlib.Path) -> Playbooks:
    return Playbooks(stack, tmp_path)


@pytest.fixture
def api() -> Iterator[PingApi]:
    with PingApi() as running:
        yield running
    assert running.violations == []


def targets(api: PingApi, *jobs: str) -> list[str]:
    given = {job: {"type": JOBS[job], "url": api.url(JOBS[job])} for job in jobs}
    return ["-e", json.dumps({"heartbeat_targets": given})]


def health(api: PingApi, service: str, **more: object) -> list[str]:
    given = {"heartbeat_targets": {"health": {"type": service, "url": api.url(service)}}, "health_limits": _LIMITS}
    return ["-e", json.dumps({**given, "health_language": "en", **more})]


@pytest.mark.thorough
def test_a_rehearsal_tells_of_all_three_jobs(playbooks: Playbooks, api: PingApi) -> None:
    done = playbooks.play("rehearse_recovery", *targets(api, *JOBS), "-e", "rehearsal_mode=scratch", "-vvv")
    assert done.exit_status == 0, done.output
    assert api.events() == ["run", "start", "success", "up", "complete"]
    begun, backup_begun, backup, verified, ended = api.pings
    assert begun.run == ended.run != ""
    assert backup_begun.run == backup.run != ""
    assert "-n8n-" in backup.summary
    assert verified.summary == backup.summary
    assert "RTO" in ended.summary
    assert [each for each in SECRETS if each in done.output] == []


def test_a_failure_is_told_and_one_that_nobody_hears_is_no_failure(playbooks: Playbooks, api: PingApi) -> None:
    failed = playbooks.play("backup_stack", *targets(api, "backup"), "-e", "backup_database_password=wrong")
    assert (failed.exit_status, failed.failed) == (2, 1), failed.output
    assert api.events() == ["start", "fail"]
    assert "database: " in api.pings[1].summary
    api.refusals = [(404, b"not found")] * 4
    done = playbooks.play("backup_stack", *targets(api, "backup"))
    assert (done.exit_status, done.changed) == (0, 1), done.output
    assert done.output.count("ATTENTION: not everybody heard of the backup") == 2


@pytest.mark.thorough
def test_a_health_check_tells_what_is_wrong_and_that_nothing_is(playbooks: Playbooks, api: PingApi) -> None:
    ill = playbooks.play("health_check", *health(api, "healthchecks"), "-vvv")
    assert ill.exit_status == 2, ill.output
    assert [each for each in SECRETS if each in ill.output] == []
    well = playbooks.play("health_check", "--tags=health", *health(api, "cronitor", health_repositories=[]))
    assert well.exit_status == 0, well.output
    assert api.events() == ["fail", "complete"]
    told, done = api.pings
    assert "CRITICAL backup.database." in told.summary
    assert "There is no good backup of database" in told.summary
    assert "CRITICAL" not in done.summary
    assert told.run != done.run != ""
    # With tags, all is looked at as well.
    document = json.loads((playbooks.reports / f"health-{STACK}.json").read_text(encoding="utf-8"))
    assert "database.connect" in [each["id"] for each in document["checks"]]
