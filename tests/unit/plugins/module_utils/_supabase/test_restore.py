# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A project brought back, and everything that keeps it from that; what was asked of Supabase, the double tells."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    OpsError,
    RefusedError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso

from tests.support.supabase_api import REF, State, Trouble
from tests.unit.plugins.module_utils._supabase.conftest import Site

HOUR = 3600
PITR = "point_in_time"
MANAGED = "managed_backup"


@pytest.fixture
def now(site: Site) -> int:
    """The present second; recovery reaches back for a week, and there are daily backups."""
    present = int(time.time())
    site.api.state = State(
        reach={
            "earliest_physical_backup_date_unix": present - 168 * HOUR,
            "latest_physical_backup_date_unix": present - 60,
        }
    )
    for number, age in ((3, 50), (2, 26), (1, 2)):
        site.api.state.add_backup(10 - number, age * HOUR)
    return present


def at(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def test_to_a_point_in_time(site: Site, now: int) -> None:
    done = site.restore(method=PITR, recovery_time=at(now - HOUR))
    assert [each.body for each in site.api.restores] == [{"recovery_time_target_unix": now - HOUR}]
    assert (done["changed"], done["joined"], done["status"]) == (True, False, "ACTIVE_HEALTHY")
    assert done["recovery_time"] == to_iso(from_iso(at(now - HOUR)))
    assert HOUR <= done["lost_seconds"] <= HOUR + 60
    assert done["duration_seconds"] == 40.0  # four looks before the last one


def test_before_a_time_is_the_second_before_it(site: Site, now: int) -> None:
    site.restore(method=PITR, before=at(now - HOUR))
    assert site.api.restores[0].body == {"recovery_time_target_unix": now - HOUR - 1}


@pytest.mark.parametrize(
    ("options", "number"),
    [({}, 9), ({"backup_id": "7"}, 7), ({"before": 25}, 8)],
    ids=["the newest", "by its number", "the newest before a time"],
)
def test_to_a_managed_backup(site: Site, now: int, options: dict[str, Any], number: int) -> None:
    if "before" in options:
        options = {"before": at(now - options["before"] * HOUR)}
    done = site.restore(method=MANAGED, **options)
    assert [each.body for each in site.api.restores] == [{"id": number}]
    assert done["backup_id"] == number


def test_check_mode_tells_what_would_be_lost(site: Site, now: int) -> None:
    plan = site.restore(method=PITR, before=at(now - HOUR), check_mode=True, confirm=None)
    assert plan["changed"] is True
    assert HOUR < plan["lost_seconds"] <= HOUR + 60
    assert plan["diff"]["after"]["content"].endswith(plan["recovery_time"])
    assert site.api.restores == []


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("confirm", [None, "", "lottery", "abcdefghijklmnopqrsx"])
def test_nothing_without_a_typed_confirmation(site: Site, confirm: str | None) -> None:
    with pytest.raises(RefusedError, match=f"seconds are lost.*set confirm: {REF}"):
        site.restore(method=MANAGED, confirm=confirm)
    assert site.api.restores == []


@pytest.mark.usefixtures("now")
def test_one_that_is_under_way_is_waited_for(site: Site) -> None:
    site.api.state.course = ["RESTORING", "RESTORING", "COMING_UP", "ACTIVE_HEALTHY"]
    done = site.restore(method=MANAGED, confirm=None)
    assert (done["changed"], done["joined"], done["recovery_time"]) == (False, True, None)
    assert done["status"] == "ACTIVE_HEALTHY"
    assert site.api.restores == []
    assert "does not tell to which instant" in site.warnings[0]


@pytest.mark.usefixtures("now")
def test_check_mode_waits_for_nothing(site: Site) -> None:
    site.api.state.course = ["RESTORING"]
    assert site.restore(method=MANAGED, check_mode=True)["status"] == "RESTORING"
    assert site.time.pauses == []


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("INACTIVE", RefusedError, "it is paused. Resume it"),
        ("REMOVED", RefusedError, "it was deleted"),
        ("INIT_FAILED", RefusedError, "never set up"),
        ("UNKNOWN", RefusedError, "nobody knows"),
        ("PAUSING", BusyError, "being paused"),
        ("COMING_UP", BusyError, "it is starting"),
        ("UPGRADING", BusyError, "upgraded"),
        ("RESIZING", BusyError, "compute size"),
    ],
)
def test_a_state_in_which_nothing_can_begin(site: Site, status: str, kind: type[OpsError], words: str) -> None:
    site.api.state.course = [status]
    with pytest.raises(kind, match=words) as caught:
        site.restore(method=MANAGED)
    assert caught.value.details["status"] == status
    assert site.api.restores == []


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize("status", ["ACTIVE_UNHEALTHY", "RESTORE_FAILED"])
def test_a_sick_project_can_be_restored(site: Site, status: str) -> None:
    site.api.state.course = [status]
    site.api.state.after_restore = [status, "RESTORING", "ACTIVE_HEALTHY"]
    assert site.restore(method=MANAGED)["changed"] is True


@pytest.mark.usefixtures("now")
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": PITR}, "needs one time"),
        ({"method": PITR, "before": "2026-01-01", "recovery_time": "2026-01-01"}, "needs one time"),
        ({"method": PITR, "before": "2026-01-01", "backup_id": "7"}, "no backup_id"),
        ({"method": PITR, "before": "yesterday"}, "is not a time"),
        ({"method": PITR, "before": "2020-01-01"}, "is out of reach.*reaches from"),
        ({"method": PITR, "recovery_time": "2099-01-01"}, "still to come"),
        ({"method": MANAGED, "recovery_time": "2026-01-01"}, "for method: point_in_time"),
        ({"method": MANAGED, "before": "2026-01-01", "backup_id": "7"}, "Give one of them"),
        ({"method": MANAGED, "before": "2020-01-01"}, r"no completed managed backup from before.*There is 9"),
        ({"method": MANAGED, "backup_id": "77"}, r"no managed backup 77\. There is 9"),
        ({"method": MANAGED, "backup_id": "newest"}, "neither latest nor the number"),
        ({"method": MANAGED, "poll_interval": "0"}, "without a pause"),
    ],
    ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else "",
)
def test_what_cannot_be_had(site: Site, options: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        site.restore(**options)
    assert site.api.restores == []


def test_the_last_seconds_are_not_written_away_yet(site: Site, now: int) -> None:
    with pytest.raises(RefusedError, match="every two minutes"):
        site.restore(method=PITR, recovery_time=at(now - 5))


def test_point_in_time_recovery_that_is_not_enabled(site: Site, now: int) -> None:
    site.api.state.pitr = False
    with pytest.raises(RefusedError, match=r"not enabled\. Point-in-time recovery is an add-on"):
        site.restore(method=PITR, before=at(now - HOUR))
    assert site.api.restores == []


def test_point_in_time_recovery_that_supabase_refuses(site: Site, now: int) -> None:
    site.api.troubles = [Trouble("POST", "/restore-pitr", 400, "PITR is not enabled for this project.")]
    with pytest.raises(RefusedError, match=r"not enabled for this project\. Point-in-time recovery is an add-on"):
        site.restore(method=PITR, before=at(now - HOUR))


def test_a_span_that_is_not_told(site: Site, now: int) -> None:
    site.api.state.reach = {}
    with pytest.raises(RefusedError, match="tells no span"):
        site.restore(method=PITR, before=at(now - HOUR))


def test_no_backup_at_all(site: Site) -> None:
    site.api.state.pitr = False
    with pytest.raises(RefusedError, match=r"free plan have none.*pg_restore"):
        site.restore(method=MANAGED)


def test_point_in_time_recovery_in_place_of_daily_backups(site: Site) -> None:
    with pytest.raises(RefusedError, match="use method: point_in_time"):
        site.restore(method=MANAGED)


@pytest.mark.parametrize(
    ("status", "physical", "words"), [("FAILED", True, "is FAILED"), ("COMPLETED", False, "a logical one")]
)
def test_a_backup_that_cannot_be_restored(site: Site, status: str, physical: bool, words: str) -> None:
    site.api.state.add_backup(1, HOUR, status=status, physical=physical)
    with pytest.raises(RefusedError, match=words):
        site.restore(method=MANAGED, backup_id="1")
    assert site.api.restores == []


@pytest.mark.usefixtures("now")
def test_a_restore_that_failed(site: Site) -> None:
    site.api.state.after_restore = ["RESTORING", "RESTORE_FAILED"]
    with pytest.raises(ToolError, match="Supabase failed to restore") as caught:
        site.restore(method=MANAGED)
    assert caught.value.details["status"] == "RESTORE_FAILED"


@pytest.mark.usefixtures("now")
def test_a_project_that_is_paused_meanwhile(site: Site) -> None:
    site.api.state.after_restore = ["RESTORING", "PAUSING"]
    with pytest.raises(ToolError, match="from its restore to PAUSING"):
        site.restore(method=MANAGED)


@pytest.mark.usefixtures("now")
def test_a_restore_that_does_not_end(site: Site) -> None:
    site.api.state.after_restore = ["RESTORING"]
    with pytest.raises(ToolError, match=r"not healthy again after .*no second restore is begun"):
        site.restore(method=MANAGED, time_limit="1h", poll_interval="5m")
    assert HOUR <= site.time.now <= HOUR + 300


@pytest.mark.usefixtures("now")
def test_a_restore_that_never_begins_is_no_success(site: Site) -> None:
    site.api.state.after_restore = ["ACTIVE_HEALTHY"]
    with pytest.raises(ToolError, match="the project does not restore; its state is ACTIVE_HEALTHY"):
        site.restore(method=MANAGED, start_limit="5m")


@pytest.mark.usefixtures("now")
def test_a_healthy_project_with_a_sick_database_is_not_healthy(site: Site) -> None:
    site.api.state.database = ["COMING_UP", "UNHEALTHY", "ACTIVE_HEALTHY"]
    site.api.state.after_restore = ["RESTORING", "ACTIVE_HEALTHY"]
    assert site.restore(method=MANAGED)["duration_seconds"] == 30.0


@pytest.mark.usefixtures("now")
def test_a_network_that_fails_meanwhile(site: Site) -> None:
    site.api.state.after_restore = ["RESTORING", "ACTIVE_HEALTHY"]
    site.api.troubles = [Trouble("GET", "/health", 0, times=5), Trouble("GET", "/health", 429, times=3)]
    assert site.restore(method=MANAGED)["status"] == "ACTIVE_HEALTHY"


@pytest.mark.usefixtures("now")
def test_a_lost_answer_is_no_second_restore(site: Site) -> None:
    site.api.troubles = [Trouble("POST", "/restore", 0, after=True)]
    assert site.restore(method=MANAGED)["status"] == "ACTIVE_HEALTHY"
    assert len(site.api.restores) == 1


@pytest.mark.usefixtures("now")
def test_a_lost_request_is_told(site: Site) -> None:
    site.api.troubles = [Trouble("POST", "/restore", 503)]
    with pytest.raises(ToolError, match=r"HTTP 503.*did not begin to restore.*seems to be lost"):
        site.restore(method=MANAGED)
    assert len(site.api.restores) == 1


@pytest.mark.usefixtures("now")
def test_a_token_that_is_revoked_meanwhile(site: Site) -> None:
    site.api.troubles = [Trouble("GET", "/health", 401)]
    with pytest.raises(RefusedError, match=r"HTTP 401.*A restore may be under way, and cannot be followed"):
        site.restore(method=MANAGED)
    assert len(site.api.restores) == 1


@pytest.mark.usefixtures("now")
def test_backups_that_may_not_be_read(site: Site) -> None:
    site.api.troubles = [Trouble("GET", "/database/backups", 403)]
    with pytest.raises(RefusedError, match="backups_read"):
        site.restore(method=MANAGED)
    assert site.api.restores == []
