# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor as it is wanted and as it was found, and what has to be done about the difference. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

#: What a monitor says of what it watches, in one set of words for all services.
STATUSES = ("up", "down", "paused", "pending", "late", "maintenance", "unknown")


@dataclass(frozen=True)
class Wanted:
    """A monitor to be had. Spans are in seconds; ``contacts`` None leaves those that are there alone.

    ``url`` and ``keyword`` are what is visited and what must stand in the answer; ``grace``, ``schedule`` and ``zone`` are for
    a check that waits to be called. With ``state_only``, one that is there is paused or resumed, and its settings stay.
    """

    name: str
    state: str
    url: str = ""
    keyword: str = ""
    interval: int = 300
    timeout: int = 30
    contacts: tuple[str, ...] | None = None
    grace: int = 3600
    schedule: str = ""
    zone: str = "UTC"
    state_only: bool = False


@dataclass(frozen=True)
class Found:
    """A monitor that is there. ``fields`` are its settings in the words of the service's own requests."""

    id: str
    name: str
    url: str
    status: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_paused(self) -> bool:
        """Whether it watches nothing at present."""
        return self.status == "paused"


@dataclass(frozen=True)
class Contact:
    """Somebody, or something, that a service tells. ``words`` are what one can call it by; its first one is for people."""

    id: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Action:
    """One step: ``create``, ``update``, ``delete``, ``pause`` or ``resume``; ``fields`` is what it sends."""

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def choose(monitors: Sequence[Found], name: str, url: str, title: str) -> Found | None:
    """Return the monitor of that name, else the one of that address, if one is given; None if there is neither.

    :raises RefusedError: if there are several, naming them.
    """
    for what, value, found in (
        ("name", name, [each for each in monitors if each.name == name]),
        ("address", url, [each for each in monitors if url and each.url == url]),
    ):
        if len(found) > 1:
            listed = ", ".join(f"{each.id} ({each.name}, {each.url})" for each in found)
            raise RefusedError(
                f"{title} has {len(found)} monitors of the {what} {value!r}: {listed}. Nobody knows which one is meant: "
                "delete or rename all but one."
            )
        if found:
            return found[0]
    return None


def resolve(names: Sequence[str], known: Sequence[Contact], title: str) -> tuple[str, ...]:
    """Return the ids of the contacts that ``names`` call, by address, name or id.

    :raises RefusedError: if one is not there, or several are called so.
    """
    ids = []
    for name in names:
        found = [each for each in known if name == each.id] or [each for each in known if name in each.words]
        if len(found) != 1:
            there = ", ".join(sorted(each.words[0] for each in known if each.words)) or "none"
            count = "several" if found else "no"
            raise RefusedError(
                f"{title} has {count} contacts called {name!r}. Those that are there: {there}. Correct alert_contacts, or "
                "add the contact in the dashboard, where it also confirms that it wants to be told."
            )
        ids.append(found[0].id)
    return tuple(sorted(ids))


def plan(wanted: Wanted, fields: Mapping[str, Any], found: Found | None, fixed: Sequence[str] = ()) -> list[Action]:
    """Return the steps that make of ``found`` what is wanted; none if it is that.

    :param fields: the wanted settings, in the words of the service's own requests.
    :param fixed: those that cannot be changed: the monitor is made anew.
    """
    if wanted.state == "absent":
        return [Action("delete")] if found else []
    changed = {} if found is None else differences(fields, found)
    steps = []
    is_paused = found.is_paused if found else False
    if found is None or set(changed) & set(fixed):
        steps += [Action("delete")] if found else []
        steps.append(Action("create", fields))
        is_paused = False
    elif changed:
        steps.append(Action("update", fields))
    if is_paused != (wanted.state == "paused"):
        steps.append(Action("resume" if is_paused else "pause"))
    return steps


def differences(fields: Mapping[str, Any], found: Found) -> dict[str, Any]:
    """Return those of ``fields`` that are otherwise at present, as they are."""
    return {name: found.fields.get(name) for name, value in fields.items() if found.fields.get(name) != value}
