# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs of the stack: read from the host's files and through Docker alike, and bounded without harm."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.process import BedError
from tests.e2e.player import Player
from tests.support.uptime_api import KEY, UptimeRobotApi

pytestmark = pytest.mark.thorough

_OVERRIDE = f"{stack.PROJECT_FOLDER}/compose.override.yml"
_JOURNAL = "/etc/systemd/journald.conf.d/chatbot-ops.conf"
_LOOKS = """---
- hosts: production
  gather_facts: false
  vars:
    ansible_python_interpreter: /opt/chatbot-ops/venv/bin/python
  tasks:
    - chatbot.ops.container_log_info:
        project: lottery-chatbot
        since: 1h
        reader: "{{ item }}"
        state_file: /run/bed-seen-{{ item }}.json
      loop: [files, docker]
"""


def test_files_and_docker_tell_the_same(bed: Bed, player: Player, tmp_path: Path) -> None:
    for _number in range(3):
        bed.production.shell("docker exec lottery-chatbot-postgres-1 psql -U postgres -c 'SELECT 1/0' || true")
    playbook = tmp_path / "looks.yml"
    playbook.write_text(_LOOKS, encoding="utf-8")
    done = player.must(playbook)
    files, docker = done.result("container_log_info")["results"]
    one, other = (_counts(each) for each in (files, docker))
    assert one == other
    assert one["postgres"]["division by zero"] >= 3
    assert all(each["readable"] for each in docker["containers"])
    bed.production.shell("rm -f /run/bed-seen-*.json")


def _counts(look: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        each["service"]: {group["signature"]: group["count"] for group in each["signatures"]}
        for each in look["containers"]
    }


@pytest.fixture
def deployed(bed: Bed) -> Iterator[None]:
    """The stack, which is as it was deployed again afterwards."""
    yield
    bed.production.ssh("rm", "-f", _OVERRIDE, _JOURNAL)
    stack.up(bed.production)


_LIMITS: dict[str, Any] = {
    "target": "production",
    "log_rotation_engine": False,
    "log_rotation_services": ["api"],
    "log_rotation_max_size": "9m",
}


class Watched:
    """Somebody outside who watches the stack, and the variables that have a runbook pause that."""

    def __init__(self, robot: UptimeRobotApi, folder: Path) -> None:
        self._robot, url = robot, "https://bot.example.com/health"
        robot.add("bot", url)
        self.variables: dict[str, Any] = {
            "uptime_monitors": [{"name": "bot", "provider": "uptimerobot", "url": url, "api_url": robot.url}],
            "uptime_api_keys": {"uptimerobot": KEY},
            "uptime_state_folder": str(folder),
            "uptime_pause_in_maintenance": True,
        }

    def done(self) -> list[str]:
        """Return what was done to its monitor, in order."""
        return [path.rpartition("/")[2] for _method, path, _body in self._robot.writes()]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with UptimeRobotApi() as robot:
        yield Watched(robot, tmp_path / "state")
    assert robot.violations == []


@pytest.mark.usefixtures("deployed")
def test_containers_are_made_anew_only_when_asked(bed: Bed, player: Player, watched: Watched) -> None:
    before = _container(bed)
    done = player.must("rotate_logs", **_LIMITS, **watched.variables)
    assert "api of lottery-chatbot still run with other limits" in done.output
    assert _container(bed) == before
    assert watched.done() == []
    player.must("rotate_logs", log_rotation_recreate=True, **_LIMITS, **watched.variables)
    assert watched.done() == ["pause", "start"]
    after = _container(bed)
    assert after["log"]["Config"]["max-size"] == "9m"
    assert after["id"] != before["id"]
    # Other limits, written first and put in force later: only the log changes, and so it is done.
    other = {**_LIMITS, "log_rotation_max_size": "8m"}
    player.must("rotate_logs", **other)
    player.must("rotate_logs", log_rotation_recreate=True, **other)
    assert _container(bed)["log"]["Config"]["max-size"] == "8m"
    assert player.must("rotate_logs", log_rotation_recreate=True, **other).changed == 0


@pytest.mark.usefixtures("deployed")
def test_nothing_else_is_deployed_on_the_way(bed: Bed, player: Player, watched: Watched) -> None:
    before = _container(bed)
    compose = f"{stack.PROJECT_FOLDER}/compose.yml"
    bed.production.shell(f"cp -p {compose} /run/compose.bed && sed -i 's/PGDATABASE: .*/PGDATABASE: other/' {compose}")
    try:
        refused = player.play("rotate_logs", log_rotation_recreate=True, **_LIMITS, **watched.variables)
        assert watched.done() == ["pause", "start"]
        assert not refused.succeeded
        assert "More than the logs of api would change" in refused.output
        assert _container(bed) == before
        with pytest.raises(BedError):
            bed.production.ssh("cat", _OVERRIDE)
        # One that cannot get healthy: the old one comes back.
        bed.production.ssh("cp", "-p", "/run/compose.bed", compose)
        hurt = player.play(
            "rotate_logs", log_rotation_recreate=True, log_rotation_wait=1, **{**_LIMITS, "log_rotation_max_size": "6m"}
        )
        assert not hurt.succeeded
        assert "The old limits are" in hurt.output
        assert _container(bed)["log"] == before["log"]
    finally:
        bed.production.ssh("mv", "/run/compose.bed", compose)
    assert stack.health(bed.production)["api"] in ("healthy", "starting")


def _container(bed: Bed) -> dict[str, Any]:
    asked = "docker inspect --format '{{json .Id}} {{json .HostConfig.LogConfig}}' lottery-chatbot-api-1"
    identity, log = bed.production.shell(asked).strip().split(" ", 1)
    return {"id": identity, "log": json.loads(log)}
