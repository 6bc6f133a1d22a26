# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is remembered of past looks, in a small file: how full the disks were, and what counted up. Pure but for reading it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file

FORMAT = 1
#: Of each disk, one point an hour is kept, for thirty days.
_POINT_EVERY = 3600.0
_POINTS = 720
_DAY = 86_400.0
_MOST_EVENTS = 500

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Past:
    """``disks``: by mount point, (time, bytes used); ``counters``: the last value of each counter; ``rises``: by counter,
    (time, by how much it had risen); ``updates``: what the last look at them returned. Times are seconds since 1970."""

    looked: float | None = None
    disks: Mapping[str, Points] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    rises: Mapping[str, Points] = field(default_factory=dict)
    updates: Mapping[str, Any] = field(default_factory=dict)

    def with_disks(self, at: float, used: Mapping[str, int]) -> Past:
        """Return the past after a look at the disks."""
        disks = {mount: _joined(self.disks.get(mount, ()), at, count) for mount, count in used.items()}
        return replace(self, disks=disks)

    def with_counters(self, at: float, kind: str, values: Mapping[str, int], new: Mapping[str, int]) -> Past:
        """Return the past after a look at the counters whose names begin with ``kind``; those that are gone are forgotten.

        :param values: the counters now. One that is smaller than it was began anew.
        :param new: what counts as its rise for one that was not there before.
        """
        counters = {name: value for name, value in self.counters.items() if not name.startswith(kind)}
        rises = {name: points for name, points in self.rises.items() if not name.startswith(kind)}
        for name, value in values.items():
            rise = _rise(self.counters.get(name), value, new.get(name, 0))
            points = [each for each in self.rises.get(name, ()) if each[0] > at - _DAY]
            rises[name] = tuple([*points, *([(at, float(rise))] if rise else [])][-_MOST_EVENTS:])
        return replace(self, counters={**counters, **values}, rises=rises)

    def risen(self, name: str, since: float) -> int:
        """Return by how much counter ``name`` has risen since, at most a day back."""
        return int(sum(count for at, count in self.rises.get(name, ()) if at > since))

    def to_document(self, at: float) -> dict[str, Any]:
        """Return it as JSON values, as of the look at ``at``."""
        disks = {mount: [list(each) for each in points] for mount, points in self.disks.items()}
        rises = {name: [list(each) for each in points] for name, points in self.rises.items() if points}
        return {
            "format": FORMAT,
            "looked": at,
            "disks": disks,
            "counters": dict(self.counters),
            "rises": rises,
            "updates": dict(self.updates),
        }


def past_from(document: Any) -> Past:
    """Return what :meth:`Past.to_document` wrote; of anything else, an empty past."""
    try:
        if document["format"] != FORMAT:
            return Past()
        return Past(
            float(document["looked"]),
            {mount: _points(each) for mount, each in document["disks"].items()},
            {name: int(value) for name, value in document["counters"].items()},
            {name: _points(each) for name, each in document["rises"].items()},
            dict(document["updates"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Past()


def recall(path: str) -> Past:
    """Return what ``path`` holds; an empty past if there is no such file, or it is damaged.

    :raises RefusedError: if it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            return past_from(json.load(stream))
    except FileNotFoundError:
        return Past()
    except ValueError:
        return Past()
    except OSError as error:
        raise RefusedError(
            f"Failed to read {path}: {error.strerror}. Use become, or name another state_file."
        ) from error


def remember(path: str, past: Past, at: float) -> None:
    """Write ``past`` to ``path``, whole or not at all.

    :raises RefusedError: if it cannot be written.
    """
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        write_file(path, json.dumps(past.to_document(at)).encode(), replace=True)
    except OSError as error:
        raise RefusedError(
            f"Failed to write {path}: {error.strerror}. Free some space there, or name another state_file."
        ) from error


def _joined(points: Points, at: float, used: float) -> Points:
    if points and at - points[-1][0] < _POINT_EVERY:
        return points
    return (*points, (at, float(used)))[-_POINTS:]


def _rise(before: int | None, value: int, new: int) -> int:
    if before is None:
        return new
    return value - before if value >= before else value


def _points(given: Sequence[Sequence[Any]]) -> Points:
    return tuple((float(at), float(value)) for at, value in given)
