# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker Compose's own command line, told to do one thing at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import finished_first
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service, read_project

# What Compose finds by itself, and what it lays over that.
_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = (
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


@dataclass(frozen=True)
class Compose:
    """A project in a folder. ``files`` are its compose files; none: those that Compose finds there by itself.

    ``name`` is the project's, if it is another one than they say.
    """

    folder: str
    files: tuple[str, ...] = ()
    name: str = ""

    def laid_over(self, path: str, known: Sequence[str]) -> Compose:
        """Return the same project with one more file over it.

        :param known: the files that made what runs: once one is named, all have to be.
        """
        given = [each for each in known if each != path and os.path.exists(each)]
        base = given or [*self._first(_FILES), *self._first(_OVERRIDES)]
        return replace(self, files=(*base, path))

    def _first(self, names: Sequence[str]) -> list[str]:
        paths = [os.path.join(self.folder, each) for each in names]
        return [each for each in paths if os.path.exists(each)][:1]

    def services(self) -> list[Service]:
        """Return the services of the compose file, each after those that it needs.

        :raises ToolError: if it cannot be read.
        """
        return read_project(self.document())

    def document(self) -> dict[str, Any]:
        """Return the compose file with all that is laid over it and put into it. It holds secrets.

        :raises ToolError: if it cannot be read.
        """
        text = self._run("read its compose file", "config", "--format", "json")
        try:
            found: dict[str, Any] = json.loads(text)
            return found
        except ValueError as error:
            raise ToolError(f"Docker Compose's description of {self.folder} is no JSON: {error}.") from error

    def pull(self, services: Sequence[str]) -> None:
        """Have the newest images of those services under their names."""
        self._run("pull the images", "pull", "--quiet", *services)

    def build(self, services: Sequence[str]) -> None:
        """Build the images of those services anew, on the newest of what they build on."""
        self._run("build the images", "build", "--quiet", "--pull", *services)

    def up(self, service: str, replicas: int, *, keep: bool = False) -> None:
        """Make and start the containers of one service alone, from images that are here.

        :param keep: leave those alone that are there, and add what is missing to ``replicas``.
        """
        words = ["up", "--detach", "--no-deps", "--no-build", "--pull=never", f"--scale={service}={replicas}"]
        # Cut off between the old container's end and the new one's start, it would leave none.
        with finished_first():
            self._run(f"start {service}", *words, *(["--no-recreate"] if keep else []), service)

    def create(self) -> None:
        """Make all containers, networks and volumes, from images that are here, and start nothing."""
        self._run("make the containers", "create", "--no-build", "--pull=never")

    def run_once(self, service: str, program: str, *words: str) -> str:
        """Run a program in a container of its own of that service, and return what it says."""
        return self._run(
            f"run {program} {words[0]}",
            "run",
            "--rm",
            "--no-TTY",
            "--no-deps",
            f"--entrypoint={program}",
            service,
            *words,
        )

    def down(self) -> None:
        """Remove all of the project: containers, networks, and the volumes with their content."""
        self._run("remove the containers", "--profile=*", "down", "--volumes", "--remove-orphans", "--timeout=10")

    def restart(self, service: str) -> None:
        """Restart the containers of one service."""
        with finished_first():
            self._run(f"restart {service}", "restart", "--no-deps", service)

    def _run(self, what: str, *words: str) -> str:
        command = Command(tuple(self.words(*words)), name="docker compose", cwd=self.folder)
        try:
            return run_command(command)
        except ToolError as error:
            raise ToolError(f"Failed to {what} of the project in {self.folder}: {error.message}") from error

    def words(self, *words: str) -> list[str]:
        """Return the command line."""
        files = [f"--file={each}" for each in self.files]
        name = [f"--project-name={self.name}"] if self.name else []
        return [find_program("docker"), "compose", f"--project-directory={self.folder}", *name, *files, *words]
