# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the seed of the store: all images built, pushed to the registry, and pulled on the production server."""

from __future__ import annotations

from pathlib import Path

from tests.bed import server as servers
from tests.bed import services
from tests.bed.engine import Engine
from tests.bed.images import Image, build, images, import_base, stack_images
from tests.bed.process import step
from tests.bed.server import Server
from tests.bed.site import REGISTRY, Site
from tests.bed.store import Store

_PUSH_LIMIT = 600.0


def ensure_seed(engine: Engine, store: Store, site: Site, cached_root: Path, name: str) -> None:
    """Makes the seed of that name, if the store lacks it; minutes the first time, less after a change of a recipe.

    An interrupted attempt goes on where it was.

    :param cached_root: the engine's folder in the cache.
    :raises BedError: if a part cannot be had or made.
    """
    seeds = store.seeds()
    if name in seeds:
        return
    # An older seed saves the work that its recipes have in common with the new ones.
    store.resume(seeds[0] if seeds else None)
    engine.start(cached_root / "root", store.image, site.ports.values())
    try:
        _fill(engine, site, cached_root)
        with step("seed"):
            engine.docker("builder", "prune", "--force", "--filter=until=24h", timeout=300)
            engine.stop(grace=120)
            store.keep(name)
    finally:
        engine.stop()


def _fill(engine: Engine, site: Site, cached_root: Path) -> None:
    import_base(engine, cached_root)
    for image in images():
        build(engine, image)
    servers.ensure_network(engine)
    services.start(engine, site, services.REGISTRY_SERVICE)
    pushed = [image for image in images() if image.pushed]
    for image in pushed:
        with step(f"push {image.pushed}"):
            _push(engine, site, image)
    production = Server("production", site)
    servers.start(engine, production, with_engine=True)
    for name in stack_images().values():
        with step(f"pull {name}"):
            production.ssh("docker", "pull", "--quiet", f"{REGISTRY}/{name}", timeout=_PUSH_LIMIT)
    production.ssh("docker", "image", "prune", "--force")
    production.ssh("systemctl", "stop", "docker.socket", "docker", "containerd")
    for name in ("production", "registry"):
        engine.docker("stop", name)
        servers.remove(engine, name)


def _push(engine: Engine, site: Site, image: Image) -> None:
    # The engine trusts a registry of its own loopback whatever its certificate.
    name = f"127.0.0.1:{site.ports['registry']}/{image.pushed}"
    engine.docker("tag", image.name, name)
    engine.docker("push", "--quiet", name, timeout=_PUSH_LIMIT, purpose=f"push {image.pushed}")
    engine.docker("rmi", name)
