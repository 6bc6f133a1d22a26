# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a person gets at the pages in a repository, by hand. Pure: what the inventory says, without a secret."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import PAGES_FOLDER
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Label
from ansible_collections.chatbot.ops.plugins.module_utils._restic.settings import without_users

_PLACES = {"local": "path", "s3": "bucket", "restic": "location"}


@dataclass(frozen=True)
class Reach:
    """A repository for people: its ``name`` (it may be empty), ``kind``, and ``where`` it is.

    ``command`` shows a page of a set on the terminal; it is empty where there is no set.
    """

    name: str
    kind: str
    where: str
    command: str


def reach(repository: Mapping[str, Any], stack: str, set_id: str | None, page: str) -> Reach:
    """Return how to reach the repository that the inventory describes so.

    :param page: the page's name, such as ``RECOVERY.md``.
    :raises RefusedError: if it does not say where the repository is.
    """
    kind = str(repository.get("type") or "local")
    place = repository.get(_PLACES.get(kind, ""))
    if not place:
        raise RefusedError(
            f"A repository of type {kind} does not say where it is. Set {_PLACES.get(kind, 'type')} in "
            "chatbot_stack.repositories."
        )
    commands = {"local": _local, "s3": _s3, "restic": _restic}
    where, command = commands[kind](repository, without_users(str(place)), stack, set_id or "", page)
    return Reach(str(repository.get("name") or ""), kind, where, command if set_id else "")


def _local(_repository: Mapping[str, Any], path: str, stack: str, set_id: str, page: str) -> tuple[str, str]:
    file = "/".join((path.rstrip("/"), stack, PAGES_FOLDER, set_id, page))
    return path, f"less {shlex.quote(file)}"


def _s3(repository: Mapping[str, Any], bucket: str, stack: str, set_id: str, page: str) -> tuple[str, str]:
    prefix = str(repository.get("prefix") or "").strip("/")
    root = "/".join(filter(None, (f"s3://{bucket}", prefix)))
    endpoint = without_users(str(repository.get("endpoint_url") or ""))
    option = f"--endpoint-url {shlex.quote(endpoint)} " if endpoint else ""
    file = "/".join((root, stack, PAGES_FOLDER, set_id, page))
    return f"{root} ({endpoint})" if endpoint else root, f"aws {option}s3 cp {shlex.quote(file)} -"


def _restic(_repository: Mapping[str, Any], location: str, stack: str, set_id: str, page: str) -> tuple[str, str]:
    tags = Label(stack, PAGES_FOLDER, set_id, page).to_tags()
    return location, f"restic --repo {shlex.quote(location)} dump --tag {shlex.quote(tags)} latest {shlex.quote(page)}"
