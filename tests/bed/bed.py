# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole bed: brought up, taken down, asked how it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bed import server as servers
from tests.bed import services, stack, workflows
from tests.bed.cache import bed_cache, engine_root
from tests.bed.engine import Engine
from tests.bed.images import recipe_digest
from tests.bed.process import BedError, step
from tests.bed.seed import ensure_seed
from tests.bed.server import Server
from tests.bed.site import SERVERS, STATE, Site, open_site
from tests.bed.store import Store

_PROGRAMS = ("apt-get", "dpkg-deb", "unshare", "nsenter", "mount", "tar", "wget", "ssh", "ssh-keygen")
_FILE_SYSTEMS = ("btrfs", "overlay")


class Bed:
    """The bed of this checkout, which may or may not be up."""

    def __init__(self, state: Path = STATE) -> None:
        self.site: Site = open_site(state)
        self.engine = Engine(state)
        self.production, self.replacement = (Server(name, self.site) for name in SERVERS)

    def up(self) -> None:
        """Brings up what is not up, and returns when all is ready.

        :raises BedError: if a part cannot be brought up; the others stay as they are, and a repeated call goes on.
        """
        with step("cache"):
            cached_root = engine_root()
            seed = recipe_digest(cached_root)
        store = Store(bed_cache(), cached_root / "root")
        running = self.engine.running()
        if running and running.state != str(self.site.state):
            raise BedError(f"Failed to start the bed: another one is up, in {running.state}; `make bed-down` ends it")
        if running is None or running.seed != seed:
            self._start_engine(store, cached_root, seed)
        servers.ensure_network(self.engine)
        for service in services.SERVICES:
            with step(service.name):
                services.start(self.engine, self.site, service)
        with step("servers"):
            servers.start(self.engine, self.production, with_engine=True)
            servers.start(self.engine, self.replacement, with_engine=False)
        with step("workflows"):
            stack.put_files(self.production)
            workflows.seed(self.production)
        with step("stack"):
            stack.up(self.production)

    def down(self) -> None:
        """Removes every trace of the bed but the cache; fine if there is none.

        :raises BedError: if something cannot be removed.
        """
        running = self.engine.running()
        self.engine.stop()
        root = next(iter(bed_cache().glob("engine-*/root")), None)
        if root is not None:
            Store(bed_cache(), root).clear()
        shutil.rmtree(self.site.state, ignore_errors=True)
        if running:
            shutil.rmtree(running.state, ignore_errors=True)

    def status(self) -> dict[str, str]:
        """Each part of the bed with "ready", or why it is not."""
        if self.engine.running() is None:
            return {"engine": "it is not up"}
        checks: dict[str, Callable[[], str | None]] = {"engine": self._engine_obstacle}
        for service in services.SERVICES:
            checks[service.name] = lambda service=service: services.obstacle(service, self.site)  # type: ignore[misc]
        for server in (self.production, self.replacement):
            checks[server.name] = lambda server=server: servers.obstacle(self.engine, server)  # type: ignore[misc]
        checks["stack"] = lambda: stack.obstacle(self.production)
        return {name: _said(check) for name, check in checks.items()}

    def _engine_obstacle(self) -> str | None:
        self.engine.docker("version", timeout=10)
        return None

    def _start_engine(self, store: Store, cached_root: Path, seed: str) -> None:
        # One from another recipe, or one that an interrupted set-up has left.
        self.engine.stop()
        store.ensure()
        ensure_seed(self.engine, store, self.site, cached_root, seed)
        with step("engine"):
            store.open(seed)
            self.engine.start(cached_root / "root", store.image, self.site.ports.values(), seed)


def check_machine() -> None:
    """Checks that the bed can be brought up here.

    :raises BedError: if not; with all that is in the way.
    """
    obstacles = []
    if os.geteuid() != 0:
        obstacles.append("it must be run by root")
    if not {"debian", "ubuntu"} & set(_distribution()):
        obstacles.append("it needs Debian or Ubuntu")
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    if missing:
        obstacles.append(f"the programs {', '.join(missing)} are missing")
    known = Path("/proc/filesystems").read_text(encoding="utf-8").split()
    unknown = [name for name in _FILE_SYSTEMS if name not in known and not shutil.which("modprobe")]
    if unknown:
        obstacles.append(f"the kernel lacks {', '.join(unknown)}")
    if obstacles:
        raise BedError(f"The bed cannot be brought up on this machine: {'; '.join(obstacles)}")


def _distribution() -> list[str]:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    fields = dict(line.split("=", 1) for line in lines if "=" in line)
    return " ".join(fields.get(name, "").strip('"') for name in ("ID", "ID_LIKE")).split()


def _said(check: Callable[[], str | None]) -> str:
    try:
        return check() or "ready"
    except BedError as error:
        return str(error)
