# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Docker Compose project as its compose file describes it, and in which order its services go. Pure.

The document is that of ``docker compose config --format json``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Service:
    """A service of the compose file. ``restarts_with`` are those of ``needs`` that it must be restarted with."""

    name: str
    image: str
    is_built: bool
    needs: tuple[str, ...]
    restarts_with: tuple[str, ...]
    replicas: int
    is_bound: bool
    """Whether no two of its containers can be there at once: it has a name or a port of its own."""

    @property
    def rolls(self) -> bool:
        """Whether a new container can serve before an old one goes."""
        return self.replicas > 1 and not self.is_bound


def read_project(document: Mapping[str, Any]) -> list[Service]:
    """Return the services that the document describes, each after those that it needs."""
    project = str(document.get("name", ""))
    found = [_read(project, name, each) for name, each in (document.get("services") or {}).items()]
    return in_order(each for each in found if each.replicas > 0)


def in_order(services: Iterable[Service]) -> list[Service]:
    """Return the services, each after those that it needs; a circle, which Compose refuses, ends where it began."""
    given = {each.name: each for each in sorted(services, key=lambda each: each.name)}
    ordered: dict[str, Service] = {}
    seen: set[str] = set()

    def visit(service: Service) -> None:
        if service.name in seen:
            return
        seen.add(service.name)
        for need in service.needs:
            if need in given:
                visit(given[need])
        ordered[service.name] = service

    for each in given.values():
        visit(each)
    return list(ordered.values())


def _read(project: str, name: str, document: Mapping[str, Any]) -> Service:
    needs = document.get("depends_on") or {}
    return Service(
        name=name,
        image=str(document.get("image") or f"{project}-{name}"),
        is_built="build" in document,
        needs=tuple(sorted(needs)),
        restarts_with=tuple(sorted(need for need, each in needs.items() if (each or {}).get("restart"))),
        replicas=_replicas(document),
        is_bound="container_name" in document or any(each.get("published") for each in document.get("ports") or ()),
    )


def _replicas(document: Mapping[str, Any]) -> int:
    for number in ((document.get("deploy") or {}).get("replicas"), document.get("scale")):
        if number is not None:
            return int(number)
    return 1
