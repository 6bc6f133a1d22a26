# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role uptime: monitors are paused for a maintenance and resumed after it, and a person's own pause is respected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play
from tests.support.uptime_api import KEY, Answer, HealthchecksApi, Trouble, UptimeRobotApi

pytestmark = pytest.mark.thorough

HEALTH = "https://bot.example.com"
FAILS = {"ansible.builtin.fail": {"msg": "the work failed"}}


class Operator:
    def __init__(self, folder: Path, robot: UptimeRobotApi, waiting: HealthchecksApi) -> None:
        self.folder, self.robot = folder, robot
        visiting = {"provider": "uptimerobot", "api_url": robot.url, "alert_contacts": ["ops@example.com", "#alerts"]}
        monitors = [
            {"name": "API", "url": f"{HEALTH}/health", "keyword": '"status":"ok"', **visiting},
            {"name": "n8n", "url": f"{HEALTH}/n8n", **visiting},
            {"name": "backup", "provider": "healthchecks", "api_url": waiting.url, "schedule": "15 3 * * *"},
        ]
        self.variables: dict[str, Any] = {
            "chatbot_stack": {"name": "lottery", "monitors": monitors},
            "uptime_api_keys": {"uptimerobot": KEY, "healthchecks": KEY},
            "uptime_state_folder": str(folder / "state"),
        }

    def run(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = ()) -> RolePlay:
        hosts = {"all": {"hosts": {"bot": {"ansible_host": "192.0.2.1"}}}}
        return play(self.folder, hosts, [{"hosts": "bot", "vars": self.variables, "tasks": list(tasks)}], *arguments)

    def entry(self, name: str) -> dict[str, Any]:
        return {"ansible.builtin.include_role": {"name": "chatbot.ops.uptime", "tasks_from": name}}

    def around(self, work: dict[str, Any]) -> dict[str, Any]:
        return {"block": [self.entry("pause"), work], "always": [self.entry("resume")]}

    def pauses(self) -> list[str]:
        return [
            path.rpartition("/")[2] for method, path, _body in self.robot.writes() if path.endswith(("pause", "start"))
        ]

    @property
    def paused(self) -> list[str]:
        return [each["friendlyName"] for each in self.robot.monitors.values() if each["status"] == "PAUSED"]

    @property
    def remembered(self) -> dict[str, list[str]]:
        """The monitors that each window has paused, by its name."""
        return {path.stem: json.loads(path.read_text())["monitors"] for path in self.memory.glob("*.json")}

    @property
    def memory(self) -> Path:
        return self.folder / "state/uptime-lottery"


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    with UptimeRobotApi() as robot, HealthchecksApi() as waiting:
        yield Operator(tmp_path, robot, waiting)
        assert len(waiting.monitors) == 1
    assert robot.violations + waiting.violations == []


def test_a_window_around_work_that_fails(operator: Operator) -> None:
    made = operator.run(operator.entry("main"))
    assert (made.exit_status, made.changed("bot")) == (0, 1), made.output
    assert len(operator.robot.monitors) == 2
    again = operator.run(operator.entry("main"), operator.around(FAILS), arguments=("-vvv",))
    assert again.exit_status != 0
    assert "the work failed" in again.output
    assert KEY not in again.output
    assert operator.pauses() == ["pause", "pause", "start", "start"]
    assert (operator.paused, operator.remembered) == ([], {})


def test_what_somebody_paused_stays_paused_and_what_a_killed_run_paused_does_not(operator: Operator) -> None:
    operator.run(operator.entry("main"))
    own = next(each for each in operator.robot.monitors.values() if each["friendlyName"] == "n8n")
    own["status"] = "PAUSED"
    killed = operator.run(operator.entry("pause"))
    assert killed.exit_status == 0, killed.output
    assert (operator.paused, operator.remembered) == (["API", "n8n"], {"by hand": ["API"]})
    told = operator.run(operator.entry("check"), {"ansible.builtin.debug": {"var": "uptime_checks"}}).text
    assert "the monitor API is paused for the maintenance" in told
    assert "UptimeRobot does not watch n8n: the monitor is paused" in told
    assert "healthchecks.io has not looked at backup yet" in told
    operator.robot.troubles = [Trouble("POST", Answer(403, {"message": "no"}))]
    refused = operator.run(operator.entry("pause"), operator.entry("resume"))
    assert "Not every monitor watches again" in refused.text
    assert operator.remembered == {"by hand": ["API"]}
    resumed = operator.run(operator.entry("resume"))
    assert resumed.exit_status == 0, resumed.output
    assert (operator.paused, operator.remembered) == (["n8n"], {})


def test_a_run_resumes_what_it_paused_though_another_one_forgot_it(operator: Operator) -> None:
    operator.run(operator.entry("main"))
    operator.variables["uptime_pause_in_maintenance"] = True
    path = operator.memory / "by hand.json"
    forget = {"ansible.builtin.file": {"path": str(path), "state": "absent"}, "delegate_to": "localhost"}
    hosts_own = {"ansible_connection": "local", "ansible_become": False}
    runbook = operator.run(operator.entry("open_window"), {**forget, "vars": hosts_own}, operator.entry("close_window"))
    assert runbook.exit_status == 0, runbook.output
    assert operator.pauses() == ["pause", "pause", "start", "start"]
    assert (operator.paused, operator.remembered) == ([], {})
    # A health check that closes nothing touches nothing.
    operator.run(operator.entry("pause"))
    before = path.stat()
    assert operator.run(operator.entry("check")).exit_status == 0
    assert (path.stat().st_ino, path.stat().st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


def test_where_awx_forgets_what_is_paused_nothing_is(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tmp_path / "job"
    job.mkdir()
    monkeypatch.setenv("PWD", str(job))
    in_awx = ("--extra-vars=awx_job_id=7",)
    operator.run(operator.entry("main"))
    operator.variables.update(uptime_state_folder=f"{job}/state", uptime_pause_in_maintenance=True)
    runbook = operator.run(operator.entry("open_window"), arguments=in_awx)
    assert runbook.exit_status == 0, runbook.output
    assert "ATTENTION: no monitor is paused" in runbook.text
    for name in ("main", "pause"):
        assert (
            f"AWX removes {job}/state when this job ends" in operator.run(operator.entry(name), arguments=in_awx).text
        )
    assert (operator.pauses(), operator.paused) == ([], [])
