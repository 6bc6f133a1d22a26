# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs, pinned: the very images by their ids, kept from Docker's own clean-up by a name of ours. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso

FORMAT = 1
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Pin:
    """The image of one service: what the compose file called it, its id, what registries call it, our own name for it."""

    image: str
    image_id: str
    digests: tuple[str, ...]
    tag: str


@dataclass(frozen=True)
class Pins:
    """The images that served together since ``since`` (UTC, ISO 8601), by service.

    ``backups`` are the backups by source that were taken right before these images were given up; ``migrated`` tells
    whether the data was changed since so that these images cannot read it, in which case they need those backups.
    """

    id: str
    since: str
    services: Mapping[str, Pin]
    backups: Mapping[str, str] = field(default_factory=dict)
    migrated: bool = False

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Attempt:
    """An update that is under way, or was cut off.

    ``phase`` is ``pulled`` (no container was touched yet), ``up`` or ``back``. ``names`` maps the names of images to
    the ids that they stood for before (None: for nothing), ``wanted`` the services to the ids of their new images.
    ``facts`` is what the role needs to know of it later.
    """

    id: str
    begun: str
    phase: str
    names: Mapping[str, str | None]
    pins: Pins
    wanted: Mapping[str, str]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class State:
    """All that is remembered of a stack: what serves, what served before, what waits to be removed, what is under way."""

    current: Pins | None = None
    previous: Pins | None = None
    old: tuple[Pins, ...] = ()
    attempt: Attempt | None = None

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"format": FORMAT, **asdict(self)}

    def kept(self) -> list[Pins]:
        """Return all pins."""
        under_way = [self.attempt.pins] if self.attempt else []
        return [*filter(None, (self.current, self.previous)), *self.old, *under_way]


def read_state(document: Mapping[str, Any], path: str) -> State:
    """Return what the document says.

    :raises DamagedError: naming ``path``, if it is none of ours.
    """
    try:
        if document["format"] != FORMAT:
            raise ValueError(f"its format is {document['format']}")
        attempt = document["attempt"]
        return State(
            current=read_pins(document["current"]),
            previous=read_pins(document["previous"]),
            old=tuple(filter(None, map(read_pins, document["old"]))),
            attempt=Attempt(**{**attempt, "pins": read_pins(attempt["pins"])}) if attempt else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(
            f"{path}, which tells which images of the stack ran before, cannot be understood: {error}. Move it away: the "
            "next update pins what runs then."
        ) from error


def settled(state: State, now_serving: Pins, *, backups: Mapping[str, str], migrated: bool) -> State:
    """Return the state after the attempt in ``state`` succeeded: what ran before is the previous one. Pure."""
    if state.attempt is None:
        return replace(state, current=now_serving)
    before = replace(state.attempt.pins, backups=dict(backups), migrated=migrated)
    old = (*state.old, *([state.previous] if state.previous else ()))
    return State(current=now_serving, previous=before, old=old)


def gone_back(state: State, instant: str) -> State:
    """Return the state after the attempt in ``state`` went back to its pins, at ``instant``. Pure.

    One that was begun by hand gave up images that served: they are the previous ones then.
    """
    if state.attempt is None:
        return state
    left = read_pins(state.attempt.facts.get("left"))
    if left is None:
        return State(current=state.attempt.pins, previous=state.previous, old=state.old)
    back = replace(state.attempt.pins, since=instant, backups={}, migrated=False)
    return State(current=back, previous=left, old=state.old)


def removable(state: State, instant: datetime, keep_days: float) -> list[Pins]:
    """Return the pins that nobody needs any more: what serves has done so for ``keep_days``. Pure."""
    if state.attempt is not None or state.current is None:
        return []
    if instant - from_iso(state.current.since) < timedelta(days=keep_days):
        return []
    return [*state.old, *([state.previous] if state.previous else ())]


def without(state: State, gone: Iterable[Pins]) -> State:
    """Return the state without those pins."""
    ids = {each.id for each in gone}
    previous = None if state.previous is None or state.previous.id in ids else state.previous
    return replace(state, previous=previous, old=tuple(each for each in state.old if each.id not in ids))


def tag_of(stack: str, service: str, pins_id: str) -> str:
    """Return our name for the image of a service: letters, digits and hyphens, as references to images allow them."""
    plain = [_NO_NAME.sub("-", word.lower()).strip("-") or "x" for word in (stack, service)]
    return f"chatbot-ops/{plain[0]}/{plain[1]}:{pins_id.lower()}"


def read_pins(document: Mapping[str, Any] | None) -> Pins | None:
    """Return the pins that the JSON values describe; None for none."""
    if document is None:
        return None
    services = {name: Pin(**{**each, "digests": tuple(each["digests"])}) for name, each in document["services"].items()}
    return Pins(**{**document, "services": services})
