# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""npm, run where it is: on the host, or in a container of an image that has it. Each run is bounded in time."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

WHERE = ("auto", "host", "container")
# Of coreutils and of busybox alike.
_TIME_IS_OVER = (124, 137, 143)
_GRACE = 5
_INSIDE = "/project"
_CA_INSIDE = "/run/ca-bundle.pem"
_NO_NPM = (126, 127)


@dataclass(frozen=True)
class Said:
    """What a run of npm wrote. Its exit status is kept for ``npm test``; of a report it tells nothing."""

    stdout: str
    stderr: str
    status: int


@dataclass(frozen=True)
class Place:
    """Where npm runs: on the host if ``image`` is empty, else in a container of it.

    ``limit`` is how many seconds one run may take. ``registry`` and ``ca_bundle`` are None for npm's own.
    """

    image: str = ""
    limit: float = 120
    registry: str | None = None
    ca_bundle: str | None = None
    network: str | None = None

    @property
    def title(self) -> str:
        """Where that is, for people."""
        return f"a container of {self.image}" if self.image else "the host"


def choose_place(where: str, place: Place) -> Place:
    """Return where npm runs, as ``where`` (one of WHERE) says: on the host if there is one, else in a container.

    :raises RefusedError: if there is neither.
    """
    if where != "container" and shutil.which("npm", path=_path()):
        return Place(limit=place.limit, registry=place.registry, ca_bundle=place.ca_bundle)
    if where == "host":
        raise RefusedError(
            "There is no npm on this host. Install it, or set where to container and image to one with npm."
        )
    if not place.image:
        raise RefusedError(
            "There is no npm on this host, and no image is named that has one. Set image to the stack's Node image."
        )
    return place


def run_npm(place: Place, folder: str, *arguments: str, writable: bool = False) -> Said:
    """Run npm in ``folder`` and return what it wrote, whatever its exit status.

    :param writable: whether it may change the folder, if it runs in a container; on the host nothing prevents it.
    :raises ToolError: if it cannot be started, or takes too long.
    """
    if not place.image:
        return _run(_host_command(place, folder, arguments), place, arguments)
    name = f"chatbot-ops-npm-{secrets.token_hex(6)}"
    try:
        return _run(container_command(place, folder, arguments, name, writable=writable), place, arguments)
    finally:
        # The client may be dead, and the container not.
        with suppress(ToolError):
            run_command(Command((find_program("docker"), "rm", "--force", "--volumes", name), name="docker rm"))


def settings(place: Place, folder: str, ca_bundle: str | None) -> dict[str, str]:
    """Return npm's settings as its environment. Pure."""
    found = {
        "npm_config_update_notifier": "false",
        "npm_config_fund": "false",
        "npm_config_fetch_retries": "1",
        "npm_config_fetch_timeout": str(int(place.limit * 1000)),
        "npm_config_logs_max": "0",
        "npm_config_color": "false",
        "npm_config_cache": folder,
        "NO_UPDATE_NOTIFIER": "1",
    }
    if place.registry:
        found["npm_config_registry"] = place.registry
    if ca_bundle:
        found["NODE_EXTRA_CA_CERTS"] = ca_bundle
    return found


def container_command(place: Place, folder: str, arguments: tuple[str, ...], name: str, *, writable: bool) -> Command:
    """Return the command that runs npm in a container of its own, without any right that it does not need."""
    owner = os.stat(folder)
    mounts = [f"--volume={folder}:{_INSIDE}{'' if writable else ':ro'}"]
    if place.ca_bundle:
        mounts.append(f"--volume={place.ca_bundle}:{_CA_INSIDE}:ro")
    given = {"HOME": "/tmp", **settings(place, "/tmp/.npm", _CA_INSIDE if place.ca_bundle else None)}
    words = [find_program("timeout"), f"--kill-after={_GRACE}", f"{place.limit + 2 * _GRACE:g}"]
    words += [find_program("docker"), "run", "--rm", f"--name={name}", "--pull=never", "--read-only"]
    words += ["--tmpfs=/tmp:exec,mode=1777", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--memory=1g"]
    words += [f"--user={owner.st_uid}:{owner.st_gid}", f"--workdir={_INSIDE}", "--entrypoint=timeout"]
    words += [*mounts, *([f"--network={place.network}"] if place.network else [])]
    # Their names alone: docker takes the values from its own environment.
    words += [f"--env={key}" for key in sorted(given)]
    words += [place.image, "-k", str(_GRACE), f"{place.limit:g}", "npm", *arguments]
    return Command(tuple(words), name="npm", env=given)


def _host_command(place: Place, folder: str, arguments: tuple[str, ...]) -> Command:
    cache = os.path.join(os.path.expanduser("~"), ".npm")
    path = _path()
    program = shutil.which("npm", path=path)
    if program is None:
        raise ToolError("The program npm is not on this host any more.")
    words = (find_program("timeout"), f"--kill-after={_GRACE}", f"{place.limit:g}", program, *arguments)
    return Command(words, name="npm", env={"PATH": path, **settings(place, cache, place.ca_bundle)}, cwd=folder)


def _path() -> str:
    """Return the PATH, with the local folder that sessions without a login leave out."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/bin"])


def _run(command: Command, place: Place, arguments: tuple[str, ...]) -> Said:
    ended: list[tuple[int, str]] = []

    def note(status: int, tail: str) -> None:
        ended.append((status, tail))

    told = run_command(Command(command.argv, command.name, command.env, judge=note, cwd=command.cwd))
    (status, tail) = ended[-1]
    what = f"npm {arguments[0]}"
    if status in _TIME_IS_OVER:
        raise ToolError(
            f"{what} took more than {place.limit:g} seconds in {place.title}, and was ended. Set time_limit higher."
        )
    if status == 125 or (place.image and status in _NO_NPM):
        raise ToolError(f"Failed to run {what} in {place.title}: {tail.strip() or 'it has no npm'}.")
    return Said(told, tail, status)
