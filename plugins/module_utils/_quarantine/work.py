# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the restored folder of a stack to the compose file of its copy in quarantine, on the host."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.derive import Quarantine, quarantine
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.images import Said, have_images, wanted_image
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.rules import BLANK, Rules


@dataclass(frozen=True)
class Options:
    """What the user asked for; see the documentation of ``compose_quarantine``."""

    stack: str
    project: str
    name: str
    root: str
    directory: str
    dest: str
    images: Mapping[str, Said]
    never_start: tuple[str, ...]
    blank: tuple[str, ...]
    memory: str

    @property
    def folder(self) -> str:
        """The restored project folder."""
        return os.path.join(self.root, self.directory.lstrip("/"))

    @property
    def blank_file(self) -> str:
        """What lies in the place of secrets that nobody may use."""
        return f"{self.dest}.blank"


def make_quarantine(options: Options, engine: Engine, *, check_mode: bool) -> dict[str, Any]:
    """Write the compose file of the copy, and return the result of the module.

    :raises OpsError: if the restored folder is none of a stack, or an image cannot be had.
    """
    config = read_config(options)
    names = {name: value for name, value in config["services"].items() if name not in options.never_start}
    wanted = {
        name: wanted_image(options.project, name, value, options.images.get(name)) for name, value in names.items()
    }
    images = {name: each.title for name, each in wanted.items()}
    if not check_mode:
        images = have_images(wanted, engine.image_id, _pull)
    derived = quarantine(config, options.name, rules_of(options, images))
    changed = _write(options, derived, check_mode=check_mode)
    return {
        "changed": changed,
        "services": sorted(derived.document["services"]),
        "containers": _containers(options, config, derived),
        "volumes": _volumes(options, config, derived),
        "ports": [asdict(each) for each in derived.ports],
        "may_end": sorted(name for name, value in names.items() if not _restarts(value)),
        "images": {name: each.title for name, each in wanted.items()},
        "told": list(derived.told),
    }


def read_config(options: Options) -> dict[str, Any]:
    """Return the compose file of the restored project with all that belongs to it, resolved.

    :raises OpsError: if it is not there, or Docker Compose does not understand it.
    """
    folder = options.folder
    # A restored link may lead to the stack's own folder, whose file is not what is to be proven.
    if locate(options.root, options.directory) is None or not os.path.isdir(folder):
        raise RefusedError(
            f"The backup holds no folder {folder}. Is directory the one with the stack's compose file, as it is called on "
            "the server that was backed up? If that is a link, name the folder that it leads to."
        )
    words = (find_program("docker"), "compose", f"--project-directory={folder}", "config", "--format=json")
    try:
        # Without a folder of its own, a compose file above this process's would be taken.
        document: dict[str, Any] = json.loads(run_command(Command(words, name="docker compose config", cwd=folder)))
    except ToolError as error:
        raise ToolError(
            f"Docker Compose does not understand what was restored to {folder}, so that a rebuild would not either: "
            f"{error.message}. If it misses a file, add that to what is backed up (chatbot_stack.config.paths)."
        ) from error
    except ValueError as error:
        raise ToolError(
            f"docker compose config wrote no JSON ({error}). It takes Docker Compose 2.18 or newer."
        ) from error
    document["services"] = document.get("services") or {}
    return document


def rules_of(options: Options, images: Mapping[str, str]) -> Rules:
    """Return what the options mean for the compose file.

    :raises RefusedError: if a pattern is none.
    """
    try:
        blank = tuple(re.compile(each) for each in options.blank)
    except re.error as error:
        raise RefusedError(f"Parameter blank: {error.pattern!r} is no regular expression ({error}).") from error
    return Rules(
        stack=options.stack,
        locate=lambda path: locate(options.root, path),
        images=images,
        never_start=frozenset(options.never_start),
        blank=blank,
        blank_file=options.blank_file,
        memory=options.memory,
    )


def locate(root: str, path: str) -> str | None:
    """Return where the restored copy of ``path`` is below ``root``; None if there is none.

    A link that leads out of it counts as none: Docker would follow it to the stack's own data.
    """
    inside = os.path.realpath(root)
    plain = path if _below(path, root) or _below(path, inside) else os.path.join(root, path.lstrip("/"))
    real = os.path.realpath(plain)
    return real if os.path.exists(real) and _below(real, inside) and real != inside else None


def _restarts(service: Mapping[str, Any]) -> bool:
    """Tell whether the stack wants the service to run for ever: one that has ended is broken then."""
    return str(service.get("restart") or "no").partition(":")[0] in ("always", "unless-stopped")


def _below(path: str, folder: str) -> bool:
    return f"{os.path.normpath(path)}/".startswith(f"{folder.rstrip('/')}/")


def _pull(reference: str) -> str:
    return run_command(Command((find_program("docker"), "pull", "--quiet", reference), name="docker pull"))


def _write(options: Options, derived: Quarantine, *, check_mode: bool) -> bool:
    contents = {
        options.dest: json.dumps(derived.document, indent=2) + "\n",
        options.blank_file: BLANK,
    }
    changed = {path: content for path, content in contents.items() if _content(path) != content}
    for path, content in changed.items() if not check_mode else ():
        try:
            write_file(path, content.encode(), replace=True)
        except OSError as error:
            raise OpsError(f"Failed to write {path}: {error.strerror}.") from error
    return bool(changed)


def _content(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def _containers(options: Options, config: Mapping[str, Any], derived: Quarantine) -> dict[str, dict[str, Any]]:
    """Return by service what its container is called here (``name``), and what the stack calls its own (``was``)."""
    services: Mapping[str, Any] = config["services"]
    return {
        name: {
            "name": f"{options.name}-{name}-1",
            "was": services[name].get("container_name") or f"{options.project}-{name}-1",
        }
        for name in derived.document["services"]
    }


def _volumes(options: Options, config: Mapping[str, Any], derived: Quarantine) -> dict[str, dict[str, Any]]:
    """The same of the volumes, by what the compose file calls them."""
    volumes: Mapping[str, Any] = config.get("volumes") or {}
    keys: Sequence[str] = list(derived.document["volumes"])
    return {
        key: {
            "name": f"{options.name}_{key}",
            "was": (volumes.get(key) or {}).get("name") or f"{options.project}_{key}",
        }
        for key in keys
    }
