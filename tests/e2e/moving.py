# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The production server's stack by names of images that move: what they stand for in the registry is what an update finds."""

from __future__ import annotations

import json
import ssl
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.load import Account, Load
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import PROJECT, REGISTRY
from tests.e2e.player import Play, Player, Started

#: What the server remembers of its updates.
STATE = f"/var/lib/chatbot-ops/updates/{PROJECT}.json"
# The API's own health check takes a minute to give up: this one takes a quarter of it.
ONE_API = "services: {api: {healthcheck: {retries: 3}}}"
TWO_APIS = "services: {api: {healthcheck: {retries: 3}, deploy: {replicas: 2}}}"
#: Images of the API that run and never serve, and that serve for half a minute.
NEVER_WELL = 'CMD ["node", "-e", "setInterval(() => {}, 1e6)"]'
ILL_LATER = """CMD ["node", "-e", "const http = require('node:http'); const make = http.createServer;\\
 http.createServer = (...given) => { const server = make(...given);\\
 setTimeout(() => { server.close(); server.closeAllConnections(); setInterval(() => {}, 1e6); }, 30000); return server; };\\
 require('/opt/api/server.cjs');"]"""
#: An image of n8n whose migration fails halfway, and has changed the data by then.
BREAKS_N8N = """ENTRYPOINT ["tini", "--", "node", "-e", "const sqlite = require('/usr/local/lib/node_modules/sqlite3');\\
 const database = new sqlite.Database('/home/node/.n8n/database.sqlite');\\
 database.exec(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Broken9999999999999');\\
 CREATE TABLE halfway (x int); DELETE FROM workflow_entity`, (error) => {\\
 console.error('Migration Broken9999999999999 failed', error); process.exit(1); });"]
CMD []"""

_MOVING = f"{REGISTRY}/moving"
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

    def start(self, **variables: Any) -> Started:
        """Start the update."""
        return self._player.start("update_stack", **self._variables(variables))

    def roll_back(self, **variables: Any) -> Play:
        """Run the rollback by hand."""
        return self._player.play("rollback_stack", **self._variables({"stack_update_confirm": PROJECT, **variables}))

    def state(self) -> dict[str, Any]:
        """What the server remembers."""
        document: dict[str, Any] = json.loads(self.server.ssh("cat", STATE))
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


@contextmanager
def moving_stack(bed: Bed, player: Player, folder: Path) -> Iterator[Moving]:
    """The stack by moving names; afterwards it is the bed's own again.

    :param folder: for the journals of the updates.
    """
    server = bed.production
    environment = f"{stack.PROJECT_FOLDER}/.env"
    server.ssh("cp", "--preserve", environment, "/root/env.before-updates")
    found = Moving(bed, player, folder)
    try:
        server.shell(f"rm -rf {Path(STATE).parent}")
        for service in ("api", "n8n"):
            found.push(service)
            name = f"{_MOVING}/{service}:stable"
            server.ssh("docker", "pull", "--quiet", name, timeout=240)
            server.shell(f"sed -i 's|^{service.upper()}_IMAGE=.*|{service.upper()}_IMAGE={name}|' {environment}")
        found.lay_over(ONE_API)
        stack.up(server)
        yield found
    finally:
        server.shell(f"mv /root/env.before-updates {environment}; rm -rf {Path(STATE).parent}")
        server.shell(f"rm -f {stack.PROJECT_FOLDER}/compose.override.yml")
        # The second replica may be the one that is left, and the bed's tests know the containers by their first names.
        stack.compose(server, "rm", "--stop", "--force", "api")
        stack.up(server)
        names = "docker images --format '{{.Repository}}:{{.Tag}}' | grep -E '^chatbot-ops/|/moving/' | grep -v '<none>' || true"
        for name in server.shell(names).split():
            server.ssh("docker", "rmi", "--force", name)
        server.shell(f"docker image prune --force > /dev/null; rm -rf {stack.VOLUME_FOLDER}.previous-*")
        for kept in stack.psql(server, "SELECT datname FROM pg_database WHERE datname LIKE '%_previous_%'").split():
            stack.psql(server, f"DROP DATABASE {kept}")


def said(play: Play) -> str:
    """What a run wrote, in one line."""
    return " ".join(play.output.split())


def failed(play: Play, *words: str) -> str:
    """A run that has to fail, and to say those words; what it wrote, in one line."""
    written = said(play)
    assert not play.succeeded, play.output[-4000:]
    assert [each for each in words if each not in written] == [], play.output[-6000:]
    return written


def tell(load: Load, moving: Moving) -> Account:
    """Nothing that was acknowledged is lost; what else became of the messages is printed, and returned."""
    account = load.account(stack.message_ids(moving.server))
    print(f"acknowledged {account.acknowledged}, failed {account.failed}, outage {account.longest_outage:.1f} s")
    print(Counter(each.failure[:60] for each in load.failures()))
    assert account.missing == frozenset()
    return account


class Asking:
    """While in use, asks the API for its health through nginx, ten times a second."""

    def __init__(self, bed: Bed) -> None:
        self.slowest = 0.0
        self.failures: list[str] = []
        self.asked = 0
        self._good: list[float] = []
        self._begun = self._ended = 0.0
        self._url = f"https://localhost:{bed.site.ports['production-https']}/health"
        self._context = ssl.create_default_context(cafile=str(bed.site.authority))
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _number in range(2)]

    def __enter__(self) -> Asking:
        self._begun = time.monotonic()
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_about: object) -> None:
        self._end.set()
        for each in self._threads:
            each.join(30)
        self._ended = time.monotonic()

    @property
    def missing(self) -> float:
        """The longest time in seconds without a good answer, however that showed: as a failure, or as a long wait."""
        instants = sorted((self._begun, *self._good, self._ended))
        return max(after - before for before, after in pairwise(instants))

    def _ask(self) -> None:
        while not self._end.wait(0.2):
            began = time.monotonic()
            try:
                with urllib.request.urlopen(self._url, timeout=20, context=self._context) as answer:
                    answer.read()
                self._good.append(time.monotonic())
            except (OSError, ValueError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
            self.asked += 1
            self.slowest = max(self.slowest, time.monotonic() - began)
