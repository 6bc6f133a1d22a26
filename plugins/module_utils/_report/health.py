# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The health of a stack at one instant: its check results, and what changed since the last look. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import STATES, Check, check_from, worst
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, to_iso

#: The version of the document; docs/health-report.schema.json describes it.
FORMAT = 1
#: How much of the evidence is kept: a log may have lines without an end.
LINES, LINE_LENGTH = 50, 2000
# How long the other texts may be.
_NAME, _SENTENCES, _UNIT = 200, 600, 20
# What no page, no line of Markdown and no encoding can hold: controls but tab and newline, halves of characters, and
# what turns the direction of writing, by which a text can look like another.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Look:
    """What an earlier look found: the state of each check by its id, and since when (ISO 8601) it was in it; and where."""

    at: datetime
    states: Mapping[str, tuple[str, str]]
    host: str = ""


@dataclass(frozen=True)
class Changes:
    """What became of the checks since the last look: ids. ``since`` tells for each check since when it is in its state.

    ``gone`` are those that were not fine, and are not made any more: nobody knows what became of them.
    """

    last: datetime | None
    new: tuple[str, ...]
    worse: tuple[str, ...]
    recovered: tuple[str, ...]
    gone: tuple[str, ...]
    since: Mapping[str, str]


@dataclass(frozen=True)
class Health:
    """All that a report tells. ``series`` are earlier values of a check by its id, oldest first.

    ``problems`` are what went wrong with the report itself.
    """

    stack: str
    host: str
    language: str
    at: datetime
    checks: tuple[Check, ...]
    changes: Changes
    series: Mapping[str, Sequence[tuple[datetime, float]]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """The worst state of all."""
        return worst(each.status for each in self.checks)

    @property
    def counts(self) -> dict[str, int]:
        """How many checks are in each state, the worst one first."""
        return {state: sum(each.status == state for each in self.checks) for state in reversed(STATES)}

    def since(self, check_id: str) -> datetime:
        """Return since when the check ``check_id`` is in its state."""
        return from_iso(self.changes.since[check_id])

    def to_document(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        changes = self.changes
        return {
            "format": FORMAT,
            "stack": self.stack,
            "host": self.host,
            "language": self.language,
            "at": to_iso(self.at),
            "status": self.status,
            "counts": self.counts,
            "last_look": to_iso(changes.last) if changes.last else None,
            "new": list(changes.new),
            "worse": list(changes.worse),
            "recovered": list(changes.recovered),
            "gone": list(changes.gone),
            "state_since": dict(changes.since),
            "problems": list(self.problems),
            "checks": [each.to_document() for each in self.checks],
        }


def checks_from(documents: Any) -> tuple[Check, ...]:
    """Return the check results in ``documents``, the worst ones first, their texts fit to be written anywhere.

    :raises RefusedError: naming the first that is none.
    """
    if not isinstance(documents, (list, tuple)):
        raise RefusedError("Parameter checks is not a list of check results.")
    checks: dict[str, Check] = {}
    for number, document in enumerate(documents, 1):
        name = document.get("id") if isinstance(document, Mapping) else None
        try:
            check = _check(document)
        except (ValueError, TypeError) as error:
            told = f"number {number} ({name})" if name else f"number {number}"
            raise RefusedError(f"Parameter checks: {told} is no check result: {error}.") from error
        if check.id in checks:
            raise RefusedError(f"Parameter checks: two check results are called {check.id}. Each has an id of its own.")
        checks[check.id] = check
    return tuple(sorted(checks.values(), key=lambda each: (-STATES.index(each.status), each.component, each.id)))


def compare(checks: Sequence[Check], before: Look | None, at: datetime) -> Changes:
    """Return what changed from ``before`` to ``checks``, which were made ``at``."""
    known = before.states if before else {}
    was = {each.id: known.get(each.id, ("ok", ""))[0] for each in checks}
    since = {
        each.id: known[each.id][1] if each.id in known and was[each.id] == each.status else to_iso(at)
        for each in checks
    }
    bad = [each for each in checks if each.status != "ok"]
    return Changes(
        before.at if before else None,
        tuple(each.id for each in bad if was[each.id] == "ok"),
        tuple(each.id for each in bad if was[each.id] != "ok" and _rank(each.status) > _rank(was[each.id])),
        tuple(each.id for each in checks if each.status == "ok" and was[each.id] != "ok"),
        tuple(sorted(name for name, (state, _since) in known.items() if state != "ok" and name not in was)),
        since,
    )


def fit(text: str) -> str:
    """Return ``text`` without what cannot be written; each such character becomes the replacement character."""
    return _UNFIT.sub("\ufffd", text)


def flat(text: str, length: int) -> str:
    """Return ``text`` as one line that can be written, cut to ``length``."""
    return cut(fit(" ".join(text.split())), length)


def cut(text: str, length: int) -> str:
    """Return ``text``, or its beginning and an ellipsis if it is longer than ``length``."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _rank(status: str) -> int:
    return STATES.index(status)


def _check(document: Any) -> Check:
    if not isinstance(document, Mapping):
        raise ValueError("it is no dictionary")
    evidence = document.get("evidence")
    if isinstance(evidence, (str, Mapping)):
        raise ValueError("its evidence is no list of lines")
    check = check_from(document)
    for name in ("id", "component", "summary", "unit", "advice"):
        if not isinstance(getattr(check, name), str):
            raise ValueError(f"its {name} is no text")
    for name in ("value", "warning", "critical"):
        _require_number(name, getattr(check, name))
    if check.since is not None:
        from_iso(check.since)
    return replace(
        check,
        id=_name("id", check.id),
        component=_name("component", check.component),
        summary=flat(check.summary, _SENTENCES),
        unit=flat(check.unit, _UNIT),
        advice=flat(check.advice, _SENTENCES),
        evidence=tuple(_lines(check.evidence)),
    )


def _name(what: str, text: str) -> str:
    name = flat(text, _NAME)
    if not name:
        raise ValueError(f"it has no {what}")
    return name


def _require_number(name: str, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(f"its {name} is {value!r}, which is no number")


def _lines(evidence: Iterable[str]) -> list[str]:
    lines = [cut(fit(line), LINE_LENGTH) for each in evidence for line in each.splitlines() or [""]]
    return lines if len(lines) <= LINES else [*lines[:LINES], f"… ({len(lines) - LINES})"]
