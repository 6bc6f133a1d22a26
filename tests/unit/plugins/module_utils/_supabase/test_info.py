# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a project can be brought back from, by the modules themselves too."""

from __future__ import annotations

import time

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._supabase.info import backup_info

from tests.support.modules import run_module
from tests.support.supabase_api import REF, TOKEN, Trouble
from tests.unit.plugins.module_utils._supabase.conftest import Site

HOUR = 3600


def test_a_project_of_a_paid_plan(site: Site) -> None:
    site.api.state.pitr = False
    site.api.state.add_backup(1, 26 * HOUR)
    site.api.state.add_backup(2, 2 * HOUR)
    site.api.state.add_backup(3, HOUR, status="FAILED")
    found = backup_info(site.client(), 24 * HOUR)
    assert [each["id"] for each in found["backups"]] == [3, 2, 1]
    assert 2 * HOUR <= found["age_seconds"] <= 2 * HOUR + 60
    assert (found["fresh"], found["healthy"], found["plan"]) == (True, True, "pro")
    assert "The pro plan keeps daily backups for 7 days." in found["notes"]
    assert backup_info(site.client(), HOUR)["fresh"] is False
    assert backup_info(site.client(), None)["fresh"] is None


def test_point_in_time_recovery_makes_it_younger(site: Site) -> None:
    site.api.state.add_backup(1, 26 * HOUR)
    latest = int(time.time()) - 90
    site.api.state.reach = {
        "earliest_physical_backup_date_unix": latest - HOUR,
        "latest_physical_backup_date_unix": latest,
    }
    found = backup_info(site.client(), None)
    assert 90 <= found["age_seconds"] <= 150
    assert found["pitr"]["enabled"] is True
    assert found["pitr"]["latest"] == found["newest"]


def test_nothing_at_all_is_not_fresh(site: Site) -> None:
    site.api.state.pitr, site.api.state.plan = False, "free"
    found = backup_info(site.client(), 26 * HOUR)
    assert (found["newest"], found["age_seconds"], found["fresh"]) == (None, None, False)
    assert any("free plan has no managed backup" in each for each in found["notes"])


def test_a_paused_project(site: Site) -> None:
    site.api.state.course = ["INACTIVE"]
    found = backup_info(site.client(), None)
    assert (found["healthy"], found["services"]) == (False, [])
    assert found["notes"][0].startswith("The project is paused")


def test_a_sick_service(site: Site) -> None:
    site.api.state.database = ["UNHEALTHY"]
    found = backup_info(site.client(), None)
    assert found["healthy"] is False
    assert "Service db is UNHEALTHY: no connection" in found["notes"]


def test_a_plan_that_may_not_be_read_is_no_failure(site: Site) -> None:
    site.api.state.plan = None
    found = backup_info(site.client(), None)
    assert found["plan"] is None
    assert any("organization_admin_read" in each for each in found["notes"])


def test_backups_that_may_not_be_read_are(site: Site) -> None:
    site.api.troubles = [Trouble("GET", "/backups", 403)]
    with pytest.raises(RefusedError, match="backups_read"):
        backup_info(site.client(), None)


def test_the_modules(site: Site) -> None:
    site.api.state.add_backup(7, HOUR)
    found = run_module("supabase_backup_info", site.api.params(max_age="26h"))
    assert (found["fresh"], found["project"]["ref"]) == (True, REF)
    options = site.api.params(method="managed_backup", poll_interval="0.01")
    plan = run_module("supabase_restore", options, check=True)
    assert (plan["changed"], plan["backup_id"]) == (True, 7)
    refused = run_module("supabase_restore", options, fails=True)
    assert (refused["error_kind"], site.api.restores) == ("refused", [])
    done = run_module("supabase_restore", {**options, "confirm": REF})
    assert (done["status"], len(site.api.restores)) == ("ACTIVE_HEALTHY", 1)
    assert TOKEN not in str([found, plan, done, refused])
