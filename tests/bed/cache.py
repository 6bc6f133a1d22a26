# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bed keeps in the user's cache between starts, and the Debian system that its engine lives in.

The bed installs nothing on the machine: debootstrap is unpacked beside, and everything else is installed into a Debian
system of the bed's own. So it is the same on each host, whatever its C library.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bed.process import BedError, Command, run, step
from tests.support.cache import cache_folder, made_once

RECIPES = Path(__file__).parent / "images"
SUITE = "trixie"
BASE_ARCHIVE = "base.tar"
# The engine with its builder; the file system of the store; the network of the bed; what adopts orphans.
ENGINE_PACKAGES = (
    "docker.io",
    "docker-cli",
    "docker-buildx",
    "ca-certificates",
    "btrfs-progs",
    "iproute2",
    "iptables",
    "kmod",
    "passt",
    "tini",
)
_QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
_TIME_LIMIT = 900.0


def bed_cache() -> Path:
    """The bed's folder in the user's cache; made if it is not there."""
    folder = cache_folder() / "bed"
    folder.mkdir(exist_ok=True)
    return folder


def digest(parts: Iterable[str], *folders: Path) -> str:
    """A name for a recipe: it changes with each of its words and with each file below its folders."""
    value = hashlib.sha256("\n".join(parts).encode())
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            value.update(f"\n{path.relative_to(folder)} {path.stat().st_mode:o}\n".encode())
            value.update(path.read_bytes())
    return value.hexdigest()[:12]


def engine_root() -> Path:
    """The folder with the engine's Debian system (``root``) and the bare system it began as (``base.tar``).

    Made the first time, which takes about two minutes.

    :raises BedError: if a package cannot be had.
    """
    target = bed_cache() / f"engine-{digest([SUITE, *ENGINE_PACKAGES])}"
    with made_once(target) as unfinished:
        if unfinished is not None:
            _remove_leftovers(target, unfinished)
            with step("base system"):
                _make_base(unfinished)
            with step("engine packages"):
                _install_engine(unfinished / "root")
    return target


@contextmanager
def work_folder(name: str) -> Iterator[Path]:
    """An empty folder in the cache for intermediate files; it is removed at the end."""
    folder = bed_cache() / "gathered" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_base(folder: Path) -> None:
    root = folder / "root"
    with tempfile.TemporaryDirectory(prefix="bed-debootstrap-") as scratch:
        tool = Path(scratch)
        _unpack_packages(("debootstrap", "debian-archive-keyring"), tool)
        keyring = tool / "usr/share/keyrings/debian-archive-keyring.gpg"
        # In a mount namespace of its own: an interrupted debootstrap leaves no /proc mounted in a half-made system.
        command: Command = ["unshare", "--mount", tool / "usr/sbin/debootstrap", "--variant=minbase"]
        command += [f"--keyring={keyring}", SUITE, root]
        environment = {**os.environ, **_QUIET, "DEBOOTSTRAP_DIR": str(tool / "usr/share/debootstrap")}
        run(command, f"install Debian {SUITE}", timeout=_TIME_LIMIT, environment=environment)
    for archive in (root / "var/cache/apt/archives").glob("*.deb"):
        archive.unlink()
    tar: Command = [
        "tar",
        "--create",
        f"--file={folder / BASE_ARCHIVE}",
        f"--directory={root}",
        "--one-file-system",
        ".",
    ]
    run(tar, "pack the base system", timeout=_TIME_LIMIT)


def _install_engine(root: Path) -> None:
    # No service may start in there: it would run in the machine's own network.
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", **_QUIET}
    chroot: Command = ["unshare", "--mount", "chroot", root]
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *ENGINE_PACKAGES], ["clean"]):
        command: Command = [*chroot, "apt-get", "--quiet", *arguments]
        run(command, "install the engine's packages", timeout=_TIME_LIMIT, environment=environment)


def _unpack_packages(names: Iterable[str], target: Path) -> None:
    """Downloads packages of the machine's own distribution and unpacks them, without installing them."""
    command: Command = ["apt-get", "--quiet", "download", *names]
    environment = {**os.environ, **_QUIET}
    try:
        run(command, "download debootstrap", environment=environment, folder=target)
    except BedError:  # a fresh machine may have no package lists yet, or old ones
        run(["apt-get", "--quiet", "update"], "update the package lists", timeout=300, environment=environment)
        run(command, "download debootstrap", environment=environment, folder=target)
    for package in target.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, target], f"unpack {package.name}")


def _remove_leftovers(target: Path, unfinished: Path) -> None:
    """Removes what a killed run left beside, and the systems of older recipes."""
    kind = target.name.split("-", 1)[0]
    for each in target.parent.iterdir():
        mine = each.is_dir() and each.name.lstrip(".").startswith(f"{kind}-")
        if mine and each not in (target, unfinished):
            shutil.rmtree(each, ignore_errors=True)
