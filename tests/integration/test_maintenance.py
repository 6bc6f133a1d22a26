# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runbooks pause the monitors around what they stop, and have them watch again, whichever way they end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support.killing import kill_all
from tests.support.playbooks import Play, Playbooks
from tests.support.stack import STACK, SampleStack
from tests.support.uptime_api import APIS, KEY, Answer, HealthchecksApi, Trouble, UptimeApi
from tests.support.zygote import Zygote

ADDRESS = "https://bot.example.com"
# What the work sees of the service, by a way of its own.
WITNESS = """
import json, sys, urllib.request
with open(sys.argv[2]) as stream:
    key = stream.read()
request = urllib.request.Request(sys.argv[1] + "/monitors?per_page=250", headers={"Authorization": "Bearer " + key})
found = json.load(urllib.request.urlopen(request))["data"]
shown = [each.get("attributes", each) for each in found]
with open(sys.argv[3], "a") as stream:
    stream.write(json.dumps([each["status"].lower() for each in shown]) + "\\n")
"""


class Operator:
    """Runs playbooks on the sample stack, which ``service`` watches."""

    def __init__(self, stack: SampleStack, folder: Path, service: UptimeApi, waiting: HealthchecksApi) -> None:
        self.stack, self.folder, self.service = stack, folder, service
        self.playbooks = Playbooks(stack, folder)
        self.seen, secret = folder / "seen", folder / "key"
        secret.write_text(KEY)
        waiting.add("backup", "backup")
        for name, more in (("API", "health"), ("n8n", "n8n")):
            service.add(name, f"{ADDRESS}/{more}")  # type: ignore[attr-defined]
        watching = {"provider": service.provider, "api_url": service.url}
        self.variables: dict[str, Any] = {
            "uptime_monitors": [
                {"name": "API", "url": f"{ADDRESS}/health", **watching},
                {"name": "n8n", "url": f"{ADDRESS}/n8n", **watching},
                {"name": "backup", "provider": "healthchecks", "api_url": waiting.url},
            ],
            "uptime_api_keys": {service.provider: KEY, "healthchecks": KEY},
            "uptime_state_folder": str(folder / "state"),
            "uptime_pause_in_maintenance": True,
            "restore_confirm": STACK,
            "restore_n8n_stop_command": [sys.executable, "-c", WITNESS, service.url, str(secret), str(self.seen)],
            "restore_n8n_start_command": [],
        }

    def arguments(self, **more: Any) -> list[str]:
        return ["-e", json.dumps({**self.variables, **more})]

    def play(self, name: str, *arguments: str, **more: Any) -> Play:
        return self.playbooks.play(name, *self.arguments(**more), *arguments)

    def lose_something(self) -> None:
        """Leave a restore of n8n something to do: it stops nothing else."""
        (self.stack.n8n / "config").write_text("{}")

    def statuses(self) -> list[str]:
        shown = [each.get("attributes", each) for each in self.service.monitors.values()]
        return [each["status"].lower() for each in shown]

    def witnessed(self) -> list[list[str]]:
        return [json.loads(line) for line in self.seen.read_text().splitlines()] if self.seen.exists() else []

    @property
    def remembered(self) -> dict[str, Any]:
        folder = self.folder / f"state/uptime-{STACK}"
        return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


@pytest.fixture(params=["uptimerobot"])
def operator(request: pytest.FixtureRequest, stack: SampleStack, zygote: Zygote, tmp_path: Path) -> Iterator[Operator]:
    with APIS[request.param]() as service, HealthchecksApi() as waiting:
        operator = Operator(stack, tmp_path, service, waiting)
        stack.back_up(zygote)
        yield operator
        assert waiting.writes() == [], "a check that waits to be called is not paused"
    assert service.violations == []


def running(statuses: list[str]) -> bool:
    return not set(statuses) & {"paused"}


@pytest.mark.parametrize(
    "operator", ["uptimerobot", pytest.param("betterstack", marks=pytest.mark.thorough)], indirect=True
)
def test_a_restore_is_no_alarm(operator: Operator) -> None:
    operator.lose_something()
    done = operator.play("restore_n8n", "--tags", "restore", "-vvv")
    assert done.exit_status == 0, done.output
    assert operator.witnessed() == [["paused", "paused"]]
    assert running(operator.statuses())
    assert operator.remembered == {}
    given = json.dumps(operator.variables["uptime_api_keys"])
    assert KEY not in done.output.replace(given, "", 1), "once it is on the command line"
    operator.lose_something()
    without = operator.play("restore_n8n", uptime_pause_in_maintenance=False)
    assert running(operator.witnessed()[1])
    operator.lose_something()
    again = operator.play("restore_n8n")
    assert again.changed == without.changed, "what is paused and resumed is no change"


@pytest.mark.thorough
def test_work_that_fails_leaves_nothing_paused(operator: Operator) -> None:
    operator.lose_something()
    (manifest,) = operator.stack.manifests("n8n")
    payload = manifest.with_name("data.tar.zst")
    payload.write_bytes(bytes(payload.stat().st_size))
    failed = operator.play("restore_n8n")
    assert failed.exit_status != 0
    assert operator.witnessed() == [["paused", "paused"]]
    assert (running(operator.statuses()), operator.remembered) == (True, {})


@pytest.mark.thorough
def test_what_cannot_or_need_not_be_done_stops_nothing_and_starts_what_was_left_stopped(operator: Operator) -> None:
    started = operator.folder / "started"
    start = [sys.executable, "-c", f"open({str(started)!r}, 'w').close()"]
    refused = operator.play("restore_n8n", restore_backup_id="20200101T000000Z-n8n-0000")
    assert refused.exit_status != 0
    assert "There is no backup 20200101T000000Z-n8n-0000" in refused.output
    assert operator.witnessed() == []
    assert operator.play("restore_n8n").exit_status == 0
    assert len(operator.witnessed()) == 1
    idle = operator.play("restore_n8n", restore_n8n_start_command=start)
    assert (idle.exit_status, idle.changed) == (0, 0), idle.output
    assert len(operator.witnessed()) == 1
    assert started.exists()


@pytest.mark.thorough
def test_who_did_not_ask_for_it_and_a_backup_that_stops_nothing_pause_nothing(operator: Operator) -> None:
    assert operator.play("restore_n8n", uptime_pause_in_maintenance=False).exit_status == 0
    assert operator.play("backup_stack", backup_max_age="").exit_status == 0
    assert operator.service.writes() == []
    operator.play("backup_stack", "--tags", "nothing", backup_n8n_consistency="stop")
    assert [path.rpartition("/")[2] for _method, path, _body in operator.service.writes()] == [
        *("pause", "pause", "start", "start")
    ]


@pytest.mark.thorough
def test_what_a_killed_run_left_paused_is_resumed_by_the_next_one(operator: Operator) -> None:
    killed(operator)
    assert operator.statuses() == ["paused", "paused"]
    assert set(operator.remembered) == {"restore_n8n"}
    # Another runbook leaves them alone: for all it knows, that one still works.
    assert operator.play("restore_database").exit_status == 0
    assert operator.statuses() == ["paused", "paused"]
    done = operator.play("restore_n8n")
    assert done.exit_status == 0, done.output
    assert (running(operator.statuses()), operator.remembered) == (True, {})


@pytest.mark.thorough
def test_what_nobody_ran_again_is_resumed_by_the_health_check_when_its_time_is_over(operator: Operator) -> None:
    killed(operator)
    during = checks(operator)
    assert during["monitors.window"]["status"] == during["monitor.api.status"]["status"] == "ok"
    assert operator.statuses() == ["paused", "paused"]
    path = operator.folder / f"state/uptime-{STACK}/restore_n8n.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "until": "2026-01-01T00:00:00Z"}))
    operator.service.troubles = [Trouble("POST", Answer(403, {"message": "no"}))]
    refused = checks(operator)
    assert refused["monitors.window"]["status"] == "warning"
    assert "restore_n8n" in refused["monitors.window"]["summary"]
    assert [refused[f"monitor.{name}.status"]["status"] for name in ("api", "n8n")] == ["warning", "unknown"]
    assert operator.remembered["restore_n8n"]["monitors"] == ["API"]
    assert checks(operator)["monitors.window"]["advice"]
    assert (running(operator.statuses()), operator.remembered) == (True, {})
    assert checks(operator)["monitors.window"]["status"] == "ok"


@pytest.mark.thorough
def test_by_hand_around_what_no_runbook_does(operator: Operator) -> None:
    assert operator.play("configure_monitors", "--tags", "pause").exit_status == 0
    assert operator.statuses() == ["paused", "paused"]
    # A runbook meanwhile resumes nothing of it.
    assert operator.play("restore_n8n").exit_status == 0
    assert operator.statuses() == ["paused", "paused"]
    assert operator.play("configure_monitors", "--tags", "resume").exit_status == 0
    assert (running(operator.statuses()), operator.remembered) == (True, {})


@pytest.mark.thorough
def test_two_that_begin_at_once_both_have_what_they_paused_until_they_end(operator: Operator) -> None:
    windows = ("one", "other")

    def pause(window: str) -> Play:
        return operator.play("configure_monitors", "--tags", "pause", uptime_window=window)

    with ThreadPoolExecutor() as both:
        assert [each.exit_status for each in both.map(pause, windows)] == [0, 0]
    assert set(operator.remembered) == set(windows)
    assert all(set(each["monitors"]) == {"API", "n8n"} for each in operator.remembered.values())
    operator.play("configure_monitors", "--tags", "resume", uptime_window="one")
    assert operator.statuses() == ["paused", "paused"]
    operator.play("configure_monitors", "--tags", "resume", uptime_window="other")
    assert (running(operator.statuses()), operator.remembered) == (True, {})


def killed(operator: Operator) -> None:
    """Run a restore that is killed at its work, with all its processes."""
    wait = [
        sys.executable,
        "-c",
        f"open({str(operator.folder / 'begun')!r}, 'w').close(); import time; time.sleep(600)",
    ]
    operator.lose_something()
    process = subprocess.Popen(
        operator.playbooks.command("restore_n8n", *operator.arguments(restore_n8n_stop_command=wait)),
        cwd=operator.folder,
        env=operator.playbooks.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (operator.folder / "begun").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.1)
    kill_all(process)


def checks(operator: Operator) -> dict[str, dict[str, Any]]:
    """Return what a health check says of the monitors."""
    operator.play("health_check", health_monitors=True, health_repositories=[], health_language="en")
    path = operator.playbooks.reports / f"health-{STACK}.json"
    return {each["id"]: each for each in json.loads(path.read_text(encoding="utf-8"))["checks"]}
