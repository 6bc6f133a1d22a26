# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the copy in quarantine is to be, what there is in it, and what is told of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

#: What stands in a variable whose value must not be used. An empty one would keep many programs from starting.
BLANK = "blank-in-quarantine"


@dataclass(frozen=True)
class Rules:
    """What the copy is to be.

    ``locate`` returns where the restored copy of a path of the host is, or None if there is none: nothing else of the
    host is mounted. ``images`` are those to run by service, in place of the compose file's. Of the services in
    ``never_start`` there is none. Variables and secrets whose names match one of ``blank`` lose their value; ``blank_file``
    is what a secret is then. ``memory`` is what each service may take that has no limit of its own (empty: no limit).
    """

    stack: str
    locate: Callable[[str], str | None]
    images: Mapping[str, str]
    never_start: frozenset[str]
    blank: tuple[re.Pattern[str], ...]
    blank_file: str
    memory: str = ""

    def blanks(self, name: str) -> bool:
        """Tell whether the variable or secret of that name loses its value."""
        return any(each.search(name) for each in self.blank)


@dataclass
class Told:
    """What the copy does without, in the order in which it was noticed."""

    _found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, service: str, what: str) -> None:
        """Note it, of a service or (empty) of the whole."""
        if (service, what) not in self._found:
            self._found.append((service, what))

    def sentences(self) -> tuple[str, ...]:
        """Return all of it, each as one sentence."""
        return tuple(f"The service {service} {what}." if service else f"{what}." for service, what in self._found)


@dataclass(frozen=True)
class Kept:
    """What there is in the copy, and the labels of all of it."""

    services: frozenset[str]
    secrets: frozenset[str]
    configs: frozenset[str]
    labels: Mapping[str, str]
