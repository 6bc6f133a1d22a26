# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The n8n of the stack as one that was used: with credentials, and with workflows that are published.

n8n's own command line makes it, four calls of seconds each. The volume that they leave is kept in the cache.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.bed import stack
from tests.bed.cache import bed_cache, digest
from tests.bed.images import stack_images
from tests.bed.server import Server
from tests.support.n8n_install import RECIPES

_DONE, _FOLDER = "/var/lib/bed/seeded", "/var/lib/bed/seed"
_FILES = {"credentials": RECIPES / "credentials.json", "workflows": stack.FILES / "workflows.json"}
_PUBLISHED = ("heartbeat0000001", "inbound000000001")


def seed(server: Server, *, line: int = 2) -> None:
    """Fills the volume of n8n: credentials, and the workflows, published.

    What an interrupted attempt has left is removed first; after a whole one, it does nothing.

    :param server: one that has the stack's files.
    :param line: n8n's major version in them.
    :raises BedError: if n8n cannot take them.
    """
    if server.shell(f"test -e {_DONE} && echo yes || true").strip():
        return
    stack.compose(server, "down", "--volumes", timeout=120)
    kept = _kept(line)
    if kept.exists():
        _run(server, "tar", "--extract", "--directory=/home/node/.n8n", stdin=kept.read_bytes())
    else:
        _import(server, line)
        _keep(server, kept)
    server.ssh("mkdir", "-p", str(Path(_DONE).parent))
    server.ssh("touch", _DONE)


def _import(server: Server, line: int) -> None:
    server.ssh("mkdir", "-p", _FOLDER)
    for name, file in _FILES.items():
        server.ssh("tee", f"{_FOLDER}/{name}.json", stdin=file.read_bytes())
    _run(server, "sh", "-c", _script(line), mounted=f"{_FOLDER}:/seed:ro")


def _run(server: Server, program: str, *arguments: str, mounted: str = "", stdin: bytes | None = None) -> None:
    """Runs a program in a container of n8n that goes with it, with n8n's volume."""
    words = ["run", "--rm", "--no-deps", "-T", *([f"--volume={mounted}"] if mounted else []), f"--entrypoint={program}"]
    purpose = f"make the workflows on {server.name}"
    stack.compose(server, *words, "n8n", *arguments, timeout=240, purpose=purpose, stdin=stdin)


def _script(line: int) -> str:
    activate = "update:workflow --active=true" if line == 1 else "publish:workflow"
    lines = ["set -e", "n8n import:credentials --input=/seed/credentials.json"]
    lines += ["n8n import:workflow --input=/seed/workflows.json"]
    return "\n".join([*lines, *(f"n8n {activate} --id={workflow}" for workflow in _PUBLISHED)])


def _kept(line: int) -> Path:
    """Where the cache has the volume, as a tar archive: its name changes with all that it is made of."""
    parts = [stack_images(line)["N8N_IMAGE"], _script(line), *(file.read_text("utf-8") for file in _FILES.values())]
    return bed_cache() / f"workflows-{line}-{digest(parts)}.tar"


def _keep(server: Server, kept: Path) -> None:
    for old in kept.parent.glob(f"{kept.name.rpartition('-')[0]}-*"):
        old.unlink()
    # Not by a pipe: it would hide that tar has failed.
    archive = f"{_FOLDER}/kept.tar"
    script = f"tar --create --file={archive} --directory={stack.VOLUME_FOLDER} . && base64 {archive} && rm {archive}"
    content = server.shell(script)
    # It holds n8n's key, of tests alone; what is half written has another name.
    unfinished = kept.with_suffix(".part")
    unfinished.touch(0o600)
    unfinished.write_bytes(base64.b64decode(content))
    unfinished.rename(kept)
