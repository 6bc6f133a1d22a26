# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check result: the unit of all health work, whoever looked. Pure. Whatever is not known is ``unknown``, never ``ok``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

#: From the best to the worst. What nobody knows is worse than what begins to go wrong.
STATES = ("ok", "warning", "unknown", "critical")


@dataclass(frozen=True)
class Check:
    """One check result.

    ``id`` is its name in full (``logs.api.errors``), the same at each run; ``component`` the part of the stack it tells of.
    ``value`` is in ``unit`` (bytes, seconds, percent …); ``warning`` and ``critical`` are the limits it was held against.
    ``since`` (UTC, ISO 8601) begins the time it covers. ``evidence`` are lines that were seen, masked; ``advice`` says what to
    do next, and is empty where all is well.
    """

    id: str
    component: str
    status: str
    summary: str
    value: float | None = None
    unit: str = ""
    warning: float | None = None
    critical: float | None = None
    since: str | None = None
    evidence: tuple[str, ...] = ()
    advice: str = ""

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "evidence": list(self.evidence)}


def check_from(document: Mapping[str, Any]) -> Check:
    """Return the check result that :meth:`Check.to_document` wrote.

    :raises ValueError: if it is none, naming what is wrong with it.
    """
    if document.get("status") not in STATES:
        raise ValueError(f"its status is {document.get('status')!r}, which is none of {', '.join(STATES)}")
    missing = [each for each in ("id", "component", "summary") if not document.get(each)]
    if missing:
        raise ValueError(f"it has no {' and no '.join(missing)}")
    strange = sorted(set(document) - set(Check.__dataclass_fields__))
    if strange:
        raise ValueError(f"it has {', '.join(strange)}, which no check result has")
    return Check(**{**document, "evidence": tuple(str(each) for each in document.get("evidence") or ())})


def worst(statuses: Iterable[str]) -> str:
    """Return the state of all of them together; of nothing at all, nobody knows it."""
    return max(statuses, key=STATES.index, default="unknown")


@dataclass(frozen=True)
class Limit:
    """From where on a number is a warning, and critical; None for no limit.

    With ``falling`` it is small numbers that are bad: days until a certificate expires.
    """

    warning: float | None = None
    critical: float | None = None
    falling: bool = False

    def __post_init__(self) -> None:
        if self.warning is None or self.critical is None:
            return
        if self.falling and self.critical > self.warning:
            raise ValueError(f"the limit {self.critical:g} for critical is above that for a warning, {self.warning:g}")
        if not self.falling and self.critical < self.warning:
            raise ValueError(f"the limit {self.critical:g} for critical is below that for a warning, {self.warning:g}")

    def judge(self, value: float) -> str:
        """Return the state that ``value`` is."""
        for status, limit in (("critical", self.critical), ("warning", self.warning)):
            if limit is not None and (value <= limit if self.falling else value >= limit):
                return status
        return "ok"


def limit_from(given: Mapping[str, Any], *, falling: bool = False) -> Limit:
    """Return the limit in ``given``, whose ``warning`` and ``critical`` are numbers; null and negative ones are no limit.

    :raises ValueError: if they contradict each other, or are no numbers.
    """
    warning, critical = (_number(given.get(each)) for each in ("warning", "critical"))
    return Limit(warning, critical, falling)


def _number(given: Any) -> float | None:
    if given in (None, ""):
        return None
    number = float(given)
    return None if number < 0 else number
