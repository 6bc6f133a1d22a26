# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of a health report, and how it writes the value of a check in the check's own unit."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._report.health_texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words

_NO_BREAK = "\u00a0"
_SECONDS = {
    "s": 1.0,
    "seconds": 1.0,
    "ms": 0.001,
    "milliseconds": 0.001,
    "min": 60.0,
    "minutes": 60.0,
    "h": 3600.0,
    "hours": 3600.0,
}


# The units that checks count in; one that is not here is written as it is.
_SPANISH = {
    "errors": "errores",
    "executions": "ejecuciones",
    "kills": "veces",
    "packages": "paquetes",
    "per core": "por núcleo",
    "ratio": "veces",
    "restarts": "reinicios",
    "signatures": "clases",
    "transactions": "transacciones",
    "users": "usuarios",
}


def seconds_of(unit: str) -> float | None:
    """Return how many seconds ``unit`` is; None if it is none that is written as a span of time."""
    return _SECONDS.get(unit)


class HealthWords(Words):
    """The words of ``language`` (``en`` or ``es``)."""

    def __init__(self, language: str) -> None:
        super().__init__(language, TEXTS)

    def amount(self, value: float, unit: str) -> str:
        """Return ``value`` in ``unit`` as people write it."""
        if unit in ("bytes", "B"):
            return f"-{self.size(-value)}" if value < 0 else self.size(value)
        if unit in ("d", "days"):
            return f"{self._short(value)}{_NO_BREAK}d"
        second = seconds_of(unit)
        if second is not None:
            return self._span(value * second)
        if unit in ("percent", "%"):
            return f"{self._short(value)}{_NO_BREAK}%"
        told = _SPANISH.get(unit, unit) if self.language == "es" else unit
        return f"{self._short(value)}{_NO_BREAK}{told}" if told else self._short(value)

    def day(self, instant: datetime) -> str:
        """Return the day of ``instant`` in short: ``24 Nov``."""
        utc = instant.astimezone(timezone.utc)
        return f"{utc.day}{_NO_BREAK}{self._months[utc.month - 1][:3]}"

    def minute(self, instant: datetime) -> str:
        """Return the time of day of ``instant`` without its seconds: ``03:15``."""
        return f"{instant.astimezone(timezone.utc):%H:%M}"

    def limits(self, check: Check) -> str:
        """Return what ``check`` is held against; nothing if there is no limit."""
        told = {
            name: self.amount(limit, check.unit)
            for name, limit in (("warning", check.warning), ("critical", check.critical))
            if limit is not None
        }
        if len(told) == 2:
            falling = (check.critical or 0.0) < (check.warning or 0.0)
            return self.say("limits_falling" if falling else "limits", **told)
        return self.say(f"limits_{next(iter(told))}", **told) if told else ""

    def _span(self, seconds: float) -> str:
        if seconds < 0:
            return f"-{self._span(-seconds)}"
        if 0 < seconds < 1:
            milliseconds = seconds * 1000
            return f"{self.number(milliseconds, 0 if milliseconds >= 9.5 else 1)}{_NO_BREAK}ms"
        return self.duration(seconds)

    def _short(self, value: float) -> str:
        whole = value == int(value) or abs(value) >= 100
        return self.number(value, 0 if whole else 1 if abs(value) >= 0.095 else 3)
