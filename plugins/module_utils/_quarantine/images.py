# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which image each service of the copy runs: the very one that ran when the backup was taken, if it can be had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError


@dataclass(frozen=True)
class Wanted:
    """What a service is to run: ``there`` are the names it may have on the host, ``pull`` those that registries know."""

    title: str
    there: tuple[str, ...]
    pull: tuple[str, ...]


#: What is said of a service's image: a name, or what ``config_backup`` keeps (``image``, ``id``, ``digests``).
Said = Union[str, Mapping[str, Any]]


def wanted_image(project: str, service: str, config: Mapping[str, Any], said: Said | None) -> Wanted:
    """Return what ``service`` of the stack is to run. Pure.

    :param project: the stack's own name as a project; by it Docker Compose calls what it builds.
    :param config: the service in the compose file.
    :param said: what is said of it; without it, what the compose file's name says today.
    """
    if isinstance(said, str):
        return Wanted(said, (said,), (said,))
    name = config.get("image") or f"{project}-{service}"
    if said is None:
        # What is built here, no registry has.
        return Wanted(name, (name,), () if "build" in config else (name,))
    digests = tuple(said.get("digests") or ())
    return Wanted(said.get("image") or name, (*filter(None, [said.get("id")]), *digests), digests)


def have_images(
    wanted: Mapping[str, Wanted], image_id: Callable[[str], str | None], pull: Callable[[str], object]
) -> dict[str, str]:
    """Return by service the image that this host has by now, pulled if it was not there.

    :param image_id: returns the id of an image of this host, or None.
    :param pull: brings one here, or raises ToolError.
    :raises RefusedError: naming all that cannot be had.
    """
    found: dict[str, str] = {}
    missing: list[str] = []
    for service, each in wanted.items():
        reference = _first_there(each.there, image_id)
        reasons: list[str] = []
        for name in each.pull if reference is None else ():
            try:
                pull(name)
            except ToolError as error:
                reasons.append(error.message)
            else:
                reference = _first_there((name,), image_id)
                break
        if reference is None:
            missing.append(f"{each.title} of {service} ({'; '.join(reasons) or 'no registry has it'})")
        else:
            found[service] = reference
    if missing:
        raise RefusedError(
            f"Images that the stack ran when the backup was taken cannot be had: {', '.join(missing)}. A rebuild could not "
            "have them either: see that the registry has and gives them, or push what was built here to one."
        )
    return found


def _first_there(names: Iterable[str], image_id: Callable[[str], str | None]) -> str | None:
    return next((name for name in names if image_id(name) is not None), None)
