# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update changes, decided before anything is touched. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import Pin, Pins
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service


@dataclass(frozen=True)
class Step:
    """What is done to one service. ``how`` is ``replace``, ``roll`` (the new container first) or ``restart``."""

    service: str
    how: str
    image: str
    image_id: str
    replicas: int

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Restores:
    """Which sources have to come back with the old images, and why."""

    sources: tuple[str, ...]
    reasons: tuple[str, ...]


def steps(
    services: Sequence[Service], wanted: Mapping[str, str], containers: Mapping[str, Sequence[Container]]
) -> list[Step]:
    """Return the steps to the wanted images, in the services' order.

    :param wanted: the ids of the images by service; a service that is not among them is left alone.
    :param containers: what there is of each service.
    """
    found: list[Step] = []
    touched: set[str] = set()
    for each in services:
        image_id = wanted.get(each.name)
        if image_id is None:
            continue
        there = containers.get(each.name, ())
        if any(container.image_id != image_id for container in there) or not there:
            how = "roll" if each.rolls and there else "replace"
        elif touched & set(each.restarts_with):
            how = "restart"
        else:
            continue
        touched.add(each.name)
        found.append(Step(each.name, how, each.image, image_id, each.replicas))
    return found


def changed_services(wanted: Mapping[str, str], pins: Pins) -> list[str]:
    """Return the services whose new image is another one than the pinned one."""
    return sorted(
        name for name, image_id in wanted.items() if name in pins.services and pins.services[name].image_id != image_id
    )


def names_to_return(pins: Mapping[str, Pin], services: Sequence[Service]) -> dict[str, str]:
    """Return which names are given back to the pinned images: those by which the compose file still asks for them.

    A name that the compose file did not have then is left alone: it would lie about what the image is.
    """
    return {
        each.image: pins[each.name].image_id
        for each in services
        if each.name in pins and pins[each.name].image == each.image
    }


def override(pins: Mapping[str, Pin], services: Sequence[Service]) -> dict[str, Any]:
    """Return what is laid over a compose file that asks for other names than the pinned images had; empty if none does."""
    renamed = {each.name: pins[each.name].tag for each in services if each.name in pins}
    kept = {each.name for each in services if each.name in pins and pins[each.name].image == each.image}
    services_laid_over = {name: {"image": tag} for name, tag in renamed.items() if name not in kept}
    return {"services": services_laid_over} if services_laid_over else {}


def sources_to_restore(
    *, n8n: tuple[Any, Any], database: tuple[Any, Any], sources: Collection[str], together: bool
) -> Restores:
    """Decide which data the old images cannot read any more: what was changed in its shape since the set was taken.

    What is not known counts as changed.

    :param n8n: the last migration of n8n's own database, in the set and now.
    :param database: a digest of the database's schema, before the update and now.
    :param sources: what the set holds.
    :param together: whether n8n keeps its data in that same database: then both go back, or none.
    """
    found: dict[str, str] = {}
    if "n8n" in sources and not together and (n8n[0] != n8n[1] or not n8n[1]):
        found["n8n"] = f"n8n's database was migrated from {_named(n8n[0])} to {_named(n8n[1])}"
    if "database" in sources and (database[0] != database[1] or not database[1]):
        found["database"] = "the database's schema was changed"
    if together and found:
        for source in ("n8n", "database"):
            if source in sources:
                found.setdefault(source, f"{source} belongs to it")
    # The database first: n8n looks at it when it starts.
    ordered = [source for source in ("database", "n8n") if source in found]
    return Restores(tuple(ordered), tuple(found[source] for source in ordered))


def _named(migration: Any) -> str:
    if isinstance(migration, Mapping):
        return str(migration.get("name", "unknown"))
    return str(migration or "unknown")
