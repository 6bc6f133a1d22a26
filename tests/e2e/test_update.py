# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are updated under load; bad ones are gone back on, with the data from before, and the next run works.

The registry has a name of each image that moves: what it stands for is what an update finds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Load, port_by_name
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import PROJECT, REGISTRY
from tests.e2e.player import Play, Player

_MOVING = f"{REGISTRY}/moving"
_STATE = f"/var/lib/chatbot-ops/updates/{PROJECT}.json"
_ADDRESSES = ["https://localhost/health", "https://localhost/healthz/readiness"]
_QUICK = {"stack_update_soak": "5s", "stack_update_wait_limit": "90s"}
_MIGRATIONS = "SELECT name FROM migrations ORDER BY timestamp DESC, id DESC LIMIT 1"


class Moving:
    """The production server's stack, whose images have names in the registry that move."""

    def __init__(self, bed: Bed, player: Player, folder: Path) -> None:
        self.server: Server = bed.production
        self._bed, self._player, self._folder = bed, player, folder

    def push(self, service: str, recipe: str = "") -> str:
        """Let the moving name of a service's image stand for another one: the one that runs, and what the recipe adds.

        :return: the image's id.
        """
        lines = f"FROM {self.original(service)}\nLABEL moved={time.time_ns()}\n{recipe}\n"
        name = f"{_MOVING}/{service}:stable"
        self.server.ssh("docker", "build", "--quiet", f"--tag={name}.new", "-", stdin=lines.encode(), timeout=240)
        identity = self.server.ssh("docker", "image", "inspect", "--format={{.Id}}", f"{name}.new").strip()
        before = self.id_of(name)
        self.server.ssh("docker", "tag", f"{name}.new", name)
        self.server.ssh("docker", "push", "--quiet", name, timeout=240)
        # The server is to have it from the registry, not from here.
        if before:
            self.server.ssh("docker", "tag", before, name)
        else:
            self.server.ssh("docker", "rmi", name)
        self.server.ssh("docker", "rmi", f"{name}.new")
        return identity

    def original(self, service: str) -> str:
        """The name of the image that the bed's stack has by itself."""
        key = f"{service.upper()}_IMAGE="
        lines = self.server.ssh("cat", "/root/env.before-updates").splitlines()
        (line,) = [each for each in lines if each.startswith(key)]
        return line.removeprefix(key)

    def id_of(self, name: str) -> str:
        """The id of the image that the name stands for on the server; empty if there is none."""
        try:
            return self.server.ssh("docker", "image", "inspect", "--format={{.Id}}", name).strip()
        except BedError:
            return ""

    def running(self) -> dict[str, str]:
        """The ids of the images that run, by service."""
        script = f"docker ps --filter=label=com.docker.compose.project={PROJECT} --quiet | xargs docker inspect"
        found = json.loads(self.server.shell(script))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each["Image"] for each in found}

    def update(self, **variables: Any) -> Play:
        """Run the update."""
        return self._player.play("update_stack", **self._variables(variables))

    def start(self, **variables: Any) -> Any:
        """Start the update."""
        return self._player.start("update_stack", **self._variables(variables))

    def roll_back(self, **variables: Any) -> Play:
        """Run the rollback by hand."""
        return self._player.play("rollback_stack", **self._variables({"stack_update_confirm": PROJECT, **variables}))

    def state(self) -> dict[str, Any]:
        """What the server remembers."""
        document: dict[str, Any] = json.loads(self.server.ssh("cat", _STATE))
        return document

    def workflows(self) -> list[str]:
        """What n8n's database holds: its last migration, and the workflows."""
        ask = f"""
import sqlite3
c = sqlite3.connect('file:{stack.VOLUME_FOLDER}/database.sqlite?mode=ro', uri=True)
print(c.execute({_MIGRATIONS!r}).fetchone()[0])
print(*sorted(row[0] for row in c.execute('SELECT id FROM workflow_entity')))
print(*sorted(row[0] for row in c.execute("SELECT name FROM sqlite_master WHERE type = 'table'")))
"""
        return self.server.ssh("python3", "-", stdin=ask.encode()).splitlines()

    def _variables(self, more: dict[str, Any]) -> dict[str, Any]:
        common = {"stack_health_urls": _ADDRESSES, "stack_update_folder": str(self._folder), "stack_update_min_free": 1}
        return {"target": "production", **common, **_QUICK, **more}


@pytest.fixture(scope="module")
def moving(bed: Bed, player: Player, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moving]:
    """The stack by moving names; afterwards it is the bed's own again."""
    server = bed.production
    environment = f"{stack.PROJECT_FOLDER}/.env"
    server.ssh("cp", "--preserve", environment, "/root/env.before-updates")
    found = Moving(bed, player, tmp_path_factory.mktemp("updates"))
    try:
        server.shell(f"rm -rf {Path(_STATE).parent}")
        for service in ("api", "n8n"):
            found.push(service)
            name = f"{_MOVING}/{service}:stable"
            server.ssh("docker", "pull", "--quiet", name, timeout=240)
            server.shell(f"sed -i 's|^{service.upper()}_IMAGE=.*|{service.upper()}_IMAGE={name}|' {environment}")
        stack.up(server)
        yield found
    finally:
        server.shell(f"mv /root/env.before-updates {environment}; rm -rf {Path(_STATE).parent}")
        stack.up(server)
        names = "docker images --format '{{.Repository}}:{{.Tag}}' | grep -E '^chatbot-ops/|/moving/' || true"
        for name in server.shell(names).split():
            server.ssh("docker", "rmi", "--force", name)
        server.shell(f"docker image prune --force > /dev/null; rm -rf {stack.VOLUME_FOLDER}.previous-*")
        for kept in stack.psql(server, "SELECT datname FROM pg_database WHERE datname LIKE '%_previous_%'").split():
            stack.psql(server, f"DROP DATABASE {kept}")


def _said(play: Play) -> str:
    return " ".join(play.output.split())


def _failed(play: Play, *words: str) -> str:
    said = _said(play)
    assert not play.succeeded, play.output[-4000:]
    assert [each for each in words if each not in said] == [], play.output[-6000:]
    return said


def test_a_good_update_under_load(moving: Moving, bed: Bed) -> None:
    """Nothing acknowledged is lost, and the API is missed for its container's own restart at most."""
    before = moving.running()
    wanted = moving.push("api")
    with Load(port_by_name(bed.site), bed.site.authority, rate=5) as load:
        done = moving.update()
    assert done.succeeded, done.output[-6000:]
    assert moving.running() == {**before, "api": wanted}
    account = load.account(stack.message_ids(moving.server))
    print(f"acknowledged {account.acknowledged}, failed {account.failed}, outage {account.longest_outage:.1f} s")
    assert account.missing == frozenset()
    assert account.acknowledged > 20
    assert account.longest_outage < 15
    again = moving.update()
    assert again.succeeded, again.output[-4000:]
    assert again.changed == 0
    assert "There is nothing to do" in _said(again)
    state = moving.state()
    assert state["attempt"] is None
    assert state["previous"]["services"]["api"]["image_id"] == before["api"]
    assert moving.id_of(state["previous"]["services"]["api"]["tag"]) == before["api"]


def test_back_by_hand_and_forth_again(moving: Moving) -> None:
    state = moving.state()
    refused = moving.roll_back(stack_update_confirm="")
    _failed(refused, "To go on, add -e stack_update_confirm")
    done = moving.roll_back()
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["api"] == state["previous"]["services"]["api"]["image_id"]
    again = moving.roll_back()
    assert again.succeeded, again.output[-4000:]
    assert moving.running()["api"] == state["current"]["services"]["api"]["image_id"]
    assert stack.obstacle(moving.server) is None
