# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the world outside, one by one, as the playbook finds them on a stack that serves; the services are doubles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.health_watch import Watch
from tests.support import supabase_api, uptime_api, whatsapp_double
from tests.support.whatsapp_api import WhatsAppApi

pytestmark = pytest.mark.thorough

_URL = "https://bot.example.com/health"


class Outside:
    """The services, and the playbook that asks them."""

    def __init__(
        self,
        watch: Watch,
        folder: Path,
        robot: uptime_api.UptimeRobotApi,
        meta: WhatsAppApi,
        cloud: supabase_api.SupabaseApi,
    ) -> None:
        self.watch, self.folder, self.robot, self.meta, self.cloud = watch, folder, robot, meta, cloud
        self.monitor = robot.add("bot", _URL)
        self.baseline: dict[str, str] = {}
        self.checks: dict[str, dict[str, Any]] = {}

    def look(self, **more: Any) -> dict[str, str]:
        """Return what is not well beyond what was not in the beginning, by a run of the whole playbook."""
        done = self.watch.player.play("health_check", **{**self.watch.variables(self.folder), **self.given(), **more})
        (path,) = self.folder.glob("health-*.json")
        self.checks = {each["id"]: each for each in json.loads(path.read_text(encoding="utf-8"))["checks"]}
        states = {name: each["status"] for name, each in self.checks.items()}
        ill = {name: status for name, status in states.items() if status != "ok"}
        assert done.succeeded == (not set(ill.values()) & {"critical", "unknown"}), done.output
        assert whatsapp_double.TOKEN not in done.output
        assert uptime_api.KEY not in done.output
        return {name: status for name, status in ill.items() if self.baseline.get(name) != status}

    def given(self) -> dict[str, Any]:
        """Return the variables that bring the playbook to the services."""
        return {
            "health_monitors": True,
            "uptime_monitors": [{"name": "bot", "provider": "uptimerobot", "url": _URL, "api_url": self.robot.url}],
            "uptime_api_keys": {"uptimerobot": uptime_api.KEY},
            "uptime_state_folder": str(self.folder / "state"),
            "health_whatsapp": {"phone_number_id": whatsapp_double.NUMBER_ID, "label": "sales"},
            "health_whatsapp_access_token": whatsapp_double.TOKEN,
            "health_whatsapp_api_url": self.meta.url,
            "health_supabase_ref": supabase_api.REF,
            "health_supabase_token": supabase_api.TOKEN,
            "health_supabase_api_url": self.cloud.url,
            "health_language": "en",
            # How busy the machine is, or how full, is none of these faults.
            "health_skip": ["time.*", "server.*", "disk.*"],
        }


@pytest.fixture(scope="module")
def outside(watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with uptime_api.UptimeRobotApi() as robot, WhatsAppApi() as meta, supabase_api.SupabaseApi() as cloud:
        cloud.state.add_backup(1, 3600)
        found = Outside(watch, tmp_path_factory.mktemp("outside"), robot, meta, cloud)
        found.baseline = found.look()
        print("Not well from the beginning:", found.baseline)
        begins = ("whatsapp.", "monitor", "supabase.")
        assert not [name for name in found.baseline if name.startswith(begins)], found.checks
        yield found
        assert robot.violations + meta.violations + cloud.violations == []


def _red(outside: Outside) -> None:
    outside.meta.state.number["quality_rating"] = "RED"


def _token_expired(outside: Outside) -> None:
    refusal = whatsapp_double.graph_error(
        401, 190, "Error validating access token: Session has expired", error_subcode=463
    )
    outside.meta.state.troubles, outside.meta.state.lasting = [refusal], True


def _blocked(outside: Outside) -> None:
    entity = {"entity_type": "WABA", "id": whatsapp_double.ACCOUNT_ID, "can_send_message": "BLOCKED"}
    outside.meta.state.number["health_status"] = {"can_send_message": "BLOCKED", "entities": [entity]}


def _monitor(status: str) -> Callable[[Outside], None]:
    def change(outside: Outside) -> None:
        outside.robot.monitors[outside.monitor]["status"] = status

    return change


def _monitor_gone(outside: Outside) -> None:
    outside.robot.monitors.clear()


def _project_paused(outside: Outside) -> None:
    outside.cloud.state.course[:] = ["INACTIVE"]


def _no_managed_backup(outside: Outside) -> None:
    outside.cloud.state.backups.clear()


# What the number is like, nobody knows then.
_UNREAD = dict.fromkeys(("whatsapp.sales.status", "whatsapp.sales.quality", "whatsapp.sales.limit"), "unknown")
FAULTS: dict[str, tuple[Callable[[Outside], None], Mapping[str, str]]] = {
    "WhatsApp red": (_red, {"whatsapp.sales.quality": "critical"}),
    "token expired": (_token_expired, {"whatsapp.sales.token": "critical", **_UNREAD}),
    "number blocked": (_blocked, {"whatsapp.sales.status": "critical"}),
    "monitor paused": (_monitor("PAUSED"), {"monitor.bot.status": "warning"}),
    "seen as down from outside": (_monitor("DOWN"), {"monitor.bot.status": "critical"}),
    "monitor gone": (_monitor_gone, {"monitor.bot.status": "critical"}),
    "project paused": (_project_paused, {"supabase.project": "critical"}),
    "no managed backup": (_no_managed_backup, {"supabase.backups": "warning"}),
}


@pytest.fixture
def restored(outside: Outside) -> Iterator[None]:
    """The services are as before afterwards."""
    monitors = {number: dict(each) for number, each in outside.robot.monitors.items()}
    backups = list(outside.cloud.state.backups)
    yield
    outside.robot.monitors.clear()
    outside.robot.monitors.update(monitors)
    outside.meta.state = whatsapp_double.State()
    outside.cloud.state.course[:] = ["ACTIVE_HEALTHY"]
    outside.cloud.state.backups[:] = backups
    assert outside.look() == {}


@pytest.mark.usefixtures("restored")
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_outside_is_found_named_and_gone(outside: Outside, name: str) -> None:
    do, wanted = FAULTS[name]
    do(outside)
    assert outside.look() == wanted
    for each in wanted:
        found = outside.checks[each]
        print(f"{found['status']} {each}: {found['summary']} {found['advice']}")
        assert found["advice"]


def test_a_number_that_the_guard_has_asked_for_is_not_asked_for_again(outside: Outside) -> None:
    asked = len(outside.meta.requests)
    told = {"id": "whatsapp.sales.quality", "component": "whatsapp", "status": "warning", "summary": "yellow"}
    assert outside.look(health_extra_checks=[told]) == {"whatsapp.sales.quality": "warning"}
    assert len(outside.meta.requests) == asked
