# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images are updated under load; bad ones are gone back on, with the data from before, and the next run works.

The registry has a name of each image that moves: what it stands for is what an update finds.
"""

from __future__ import annotations

import json
import shlex
import ssl
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed import services, stack
from tests.bed.bed import Bed
from tests.bed.load import Account, Load, port_by_name
from tests.bed.process import BedError, wait_until
from tests.bed.server import Server
from tests.bed.site import PROJECT, REGISTRY
from tests.e2e.player import Play, Player

_MOVING = f"{REGISTRY}/moving"
_STATE = f"/var/lib/chatbot-ops/updates/{PROJECT}.json"
_ADDRESSES = ["https://localhost/health", "https://localhost/healthz/readiness"]
_QUICK = {"stack_update_soak": "5s", "stack_update_wait_limit": "90s"}
# The API's own health check takes a minute to give up: this one takes a quarter of it.
_OVERRIDE = "services: {api: {healthcheck: {retries: 5}}}"
_TWO = "services: {api: {healthcheck: {retries: 5}, deploy: {replicas: 2}}}"
_NEVER_WELL = 'CMD ["node", "-e", "setInterval(() => {}, 1e6)"]'
# Serves for half a minute.
_ILL_LATER = """CMD ["node", "-e", "const http = require('node:http'); const make = http.createServer;\\
 http.createServer = (...given) => { const server = make(...given);\\
 setTimeout(() => { server.close(); server.closeAllConnections(); setInterval(() => {}, 1e6); }, 30000); return server; };\\
 require('/opt/api/server.cjs');"]"""
_CHANGES_THE_SCHEMA = """CMD ["node", "-e", "const { Client } = require('/opt/api/node_modules/pg');\\
 const client = new Client(); client.connect()\\
 .then(() => client.query('ALTER TABLE messages ADD COLUMN IF NOT EXISTS broken int; DELETE FROM messages'))\\
 .then(() => setInterval(() => {}, 1e6));"]"""
_BREAKS_N8N = """ENTRYPOINT ["tini", "--", "node", "-e", "const sqlite = require('/usr/local/lib/node_modules/sqlite3');\\
 const database = new sqlite.Database('/home/node/.n8n/database.sqlite');\\
 database.exec(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Broken9999999999999');\\
 CREATE TABLE halfway (x int); DELETE FROM workflow_entity`, (error) => {\\
 console.error('Migration Broken9999999999999 failed', error); process.exit(1); });"]
CMD []"""
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

    def lay_over(self, content: str) -> None:
        """Lay something over the compose file."""
        self.server.ssh("tee", f"{stack.PROJECT_FOLDER}/compose.override.yml", stdin=content.encode())

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

    def names(self) -> dict[str, str]:
        """What the moving names stand for on the server."""
        return {service: self.id_of(f"{_MOVING}/{service}:stable") for service in ("api", "n8n")}

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
        found.lay_over(_OVERRIDE)
        stack.up(server)
        yield found
    finally:
        server.shell(f"mv /root/env.before-updates {environment}; rm -rf {Path(_STATE).parent}")
        server.shell(f"rm -f {stack.PROJECT_FOLDER}/compose.override.yml")
        stack.up(server)
        names = "docker images --format '{{.Repository}}:{{.Tag}}' | grep -E '^chatbot-ops/|/moving/' | grep -v '<none>' || true"
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


def _tell(load: Load, moving: Moving) -> Account:
    """Nothing that was acknowledged is lost; what else became of the messages is printed, and returned."""
    account = load.account(stack.message_ids(moving.server))
    print(f"acknowledged {account.acknowledged}, failed {account.failed}, outage {account.longest_outage:.1f} s")
    print(Counter(each.failure[:60] for each in load.failures()))
    assert account.missing == frozenset()
    return account


def test_a_good_update_under_load(moving: Moving, bed: Bed) -> None:
    """Nothing acknowledged is lost, and the API is missed for its container's own restart at most."""
    before = moving.running()
    wanted = moving.push("api")
    with Load(port_by_name(bed.site), bed.site.authority, rate=5) as load:
        done = moving.update()
    assert done.succeeded, done.output[-6000:]
    assert moving.running() == {**before, "api": wanted}
    account = _tell(load, moving)
    assert account.acknowledged > 20
    # Its container alone is away: not as long as a whole stack takes.
    assert account.longest_outage < 60
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


@pytest.fixture
def as_before(moving: Moving) -> Iterator[Callable[[], None]]:
    """Tells whether what runs, and the data, is that from before; and that the next update works."""
    images, workflows, names = moving.running(), moving.workflows(), moving.names()
    messages = stack.message_ids(moving.server)

    def check() -> None:
        assert moving.running() == images
        assert moving.workflows() == workflows
        assert moving.names() == names
        assert messages <= stack.message_ids(moving.server)
        assert stack.obstacle(moving.server) is None
        assert moving.state()["attempt"] is None
        assert moving.server.shell("ls /var/lib/chatbot-ops/windows").split() == []

    yield check
    wanted = moving.push("api")
    # It needs no data to go back to: this is quicker.
    done = moving.update(stack_update_services=["api"], stack_update_soak="1s", stack_update_sources=["config"])
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["api"] == wanted


@pytest.mark.thorough
def test_a_migration_of_n8n_that_fails(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("n8n", _BREAKS_N8N)
    words = ("n8n does not get healthy", "to Broken9999999999999", "n8n by ", "serve again, and are healthy")
    _failed(moving.update(), *words)
    as_before()
    moving.server.shell(f"rm -rf {stack.VOLUME_FOLDER}.previous-*")
    moving.push("n8n")
    done = moving.update()
    assert done.succeeded, done.output[-4000:]


@pytest.mark.thorough
def test_a_connection_that_is_lost_while_services_are_brought_up(moving: Moving) -> None:
    wanted = {"api": moving.push("api"), "n8n": moving.push("n8n")}
    started = moving.start()
    script = f'until grep -q \'"phase": "up"\' {_STATE}; do sleep 0.1; done; sleep 2'
    moving.server.shell(f"timeout 240 sh -c {shlex.quote(script)}", timeout=250)
    started.kill()
    assert moving.state()["attempt"]["phase"] == "up"
    again = moving.update()
    assert again.succeeded, again.output[-4000:]
    assert "was cut off while services were brought up. It goes on" in _said(again)
    assert {name: moving.running()[name] for name in wanted} == wanted
    assert moving.state()["attempt"] is None
    assert stack.obstacle(moving.server) is None


@pytest.mark.thorough
def test_an_image_that_never_turns_healthy(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _NEVER_WELL)
    said = _failed(
        moving.update(stack_update_wait_limit="30s"), "api does not get healthy", "serve again, and are healthy"
    )
    assert "The data was left as it is" in said
    as_before()


@pytest.mark.thorough
def test_two_replicas_behind_nginx_answer_all_the_time(moving: Moving, bed: Bed) -> None:
    moving.lay_over(_TWO)
    stack.up(moving.server)
    try:
        wanted = moving.push("api")
        with _Asking(bed) as asking, Load(port_by_name(bed.site), bed.site.authority, rate=5) as load:
            done = moving.update()
        assert done.succeeded, done.output[-4000:]
        assert moving.running()["api"] == wanted
        _tell(load, moving)
        print(f"asked {asking.asked} times, slowest {asking.slowest:.1f} s, failures {asking.failures}")
        assert asking.asked > 200
        assert asking.failures == []
    finally:
        moving.lay_over(_OVERRIDE)
        stack.up(moving.server)


@pytest.mark.thorough
def test_a_full_disk_while_the_image_comes(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", "USER root\nRUN head -c 16M /dev/urandom > /opt/big\nUSER node")
    folder = "/var/lib/docker/tmp"
    moving.server.shell(f"mkdir -p {folder} && mount -t tmpfs -o size=1m tmpfs {folder}")
    try:
        _failed(moving.update(), "no space left on device", "No container was touched")
    finally:
        moving.server.shell(f"umount {folder}")
    as_before()


@pytest.mark.thorough
def test_an_image_that_turns_unhealthy_after_half_a_minute(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _ILL_LATER)
    _failed(moving.update(stack_update_soak="60s"), "while it was watched for 60 s", "serve again, and are healthy")
    as_before()


@pytest.mark.thorough
def test_an_image_that_changes_the_schema_and_fails(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _CHANGES_THE_SCHEMA)
    _failed(
        moving.update(stack_update_wait_limit="30s"),
        "the database's schema was changed",
        "is kept as lottery_previous_",
    )
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'messages' AND column_name = 'broken'"
    assert stack.psql(moving.server, columns).strip() == "0"
    as_before()


@pytest.mark.thorough
def test_another_major_version_of_n8n_that_nobody_asked_for(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("n8n", "LABEL org.opencontainers.image.version=3.0.0")
    _failed(moving.update(), "across a major version", "No container was touched")
    as_before()
    moving.push("n8n")


@pytest.mark.thorough
def test_a_connection_that_is_lost_on_the_way_back(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _NEVER_WELL)
    started = moving.start(stack_update_wait_limit="20s")
    script = f'until grep -q \'"phase": "back"\' {_STATE}; do sleep 0.1; done'
    moving.server.shell(f"timeout 240 sh -c {shlex.quote(script)}", timeout=250)
    started.kill()
    _failed(moving.update(), "the way back from it was cut off. Now it is finished", "serve again, and are healthy")
    as_before()


@pytest.mark.thorough
def test_a_rehearsal_finds_the_failing_migration_and_production_is_not_touched(
    moving: Moving, as_before: Callable[[], None]
) -> None:
    started = moving.server.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1")
    moving.push("n8n", _BREAKS_N8N)
    words = ("failed in the phase rehearse", "n8n does not get healthy", "No container was touched")
    _failed(moving.update(stack_update_rehearse=True), *words)
    assert moving.server.ssh("docker", "inspect", "--format={{.State.StartedAt}}", f"{PROJECT}-n8n-1") == started
    as_before()
    wanted = moving.push("n8n")
    done = moving.update(stack_update_rehearse=True)
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["n8n"] == wanted
    left = (
        "docker ps --all --format '{{.Names}}'; docker volume ls --format '{{.Name}}'; ls /var/lib/chatbot-ops/updates"
    )
    assert "rehearsal" not in moving.server.shell(left)


@pytest.mark.thorough
def test_an_image_whose_answers_fail_before_docker_notices(moving: Moving, as_before: Callable[[], None]) -> None:
    moving.push("api", _ILL_LATER)
    _failed(moving.update(stack_update_soak="34s"), "https://localhost/health", "serve again, and are healthy")
    as_before()


@pytest.mark.thorough
def test_a_registry_that_does_not_answer(moving: Moving, bed: Bed, as_before: Callable[[], None]) -> None:
    moving.push("api")
    bed.engine.docker("stop", "registry")
    try:
        _failed(moving.update(), "Failed to pull the images", "No container was touched")
    finally:
        bed.engine.docker("start", "registry")
        wait_until(lambda: services.obstacle(services.REGISTRY_SERVICE, bed.site), "start the registry again", 60)
    as_before()


class _Asking:
    """While in use, asks the API for its health through nginx, ten times a second."""

    def __init__(self, bed: Bed) -> None:
        self.asked, self.slowest = 0, 0.0
        self.failures: list[str] = []
        self._url = f"https://localhost:{bed.site.ports['production-https']}/health"
        self._context = ssl.create_default_context(cafile=str(bed.site.authority))
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _number in range(2)]

    def __enter__(self) -> _Asking:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self._end.set()
        for each in self._threads:
            each.join(30)

    def _ask(self) -> None:
        while not self._end.wait(0.2):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self._url, timeout=20, context=self._context) as answer:
                    answer.read()
            except (OSError, ValueError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            self.asked += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
