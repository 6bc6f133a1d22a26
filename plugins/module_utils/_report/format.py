# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers, sizes, durations, times and lists as each language writes them.

Spanish groups digits by a thin space, from five digits on, and marks decimals by a comma (Ortografía de la lengua
española, 2010): so they read the same in Madrid and in Mexico, where a point means the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone

_NO_BREAK = "\u00a0"
_THIN = "\u202f"
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
# "y" becomes "e" before the sound of an "i", which "hie" and "hia" don't have.
_SOUNDS_LIKE_I = re.compile(r"^h?[ií](?![aeou])", re.IGNORECASE)


class Format:
    """How ``language`` (``en`` or ``es``) writes values. Units stay on the line of their number."""

    def __init__(self, language: str) -> None:
        self._spanish = language == "es"
        self._months = _MONTHS[language]

    def number(self, value: float, decimals: int = 0) -> str:
        """Return ``value`` with exactly ``decimals`` decimals."""
        text = f"{value:,.{decimals}f}"
        if not self._spanish:
            return text
        grouping = _THIN if abs(value) >= 10_000 else ""
        return text.translate({ord(","): grouping, ord("."): ","})

    def size(self, count: float) -> str:
        """Return ``count`` bytes in the decimal unit that leaves one to three digits before the point."""
        power = 0
        # What would be rounded to 1000 belongs to the next unit.
        while count >= 999.5 and power < len(_UNITS) - 1:
            count, power = count / 1000, power + 1
        return f"{self.number(count, self._decimals(count) if power else 0)}{_NO_BREAK}{_UNITS[power]}"

    def duration(self, seconds: float) -> str:
        """Return ``seconds`` by their two largest units: ``0.34 s``, ``41.2 s``, ``3 min 12 s``, ``1 d 2 h``."""
        if 0 < seconds < 0.005:
            return f"<{_NO_BREAK}{self.number(0.01, 2)}{_NO_BREAK}s"
        if seconds < 59.95:
            decimals = 0 if seconds == int(seconds) else 1 if seconds >= 9.995 else 2
            return f"{self.number(seconds, decimals)}{_NO_BREAK}s"
        if seconds < 3599.5:
            return self._pair(round(seconds), 60, "min", "s")
        if seconds < 86_370:
            return self._pair(round(seconds / 60), 60, "h", "min")
        return self._pair(round(seconds / 3600), 24, "d", "h")

    def date(self, instant: datetime) -> str:
        """Return the day of ``instant`` in UTC: ``24 November 2026``."""
        utc = instant.astimezone(timezone.utc)
        of = " de " if self._spanish else " "
        return f"{utc.day}{of}{self._months[utc.month - 1]}{of}{utc.year}"

    def clock(self, instant: datetime) -> str:
        """Return the time of day of ``instant``: ``03:15:42 UTC``."""
        return f"{instant.astimezone(timezone.utc):%H:%M:%S}{_NO_BREAK}UTC"

    def instant(self, instant: datetime) -> str:
        """Return day and time of ``instant``: ``24 November 2026, 03:15:42 UTC``."""
        return f"{self.date(instant)}, {self.clock(instant)}"

    def listed(self, items: Sequence[str]) -> str:
        """Return ``items`` as an enumeration: ``a, b and c``."""
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {self._and(items[-1])} {items[-1]}"

    def _and(self, following: str) -> str:
        if not self._spanish:
            return "and"
        return "e" if _SOUNDS_LIKE_I.match(following) else "y"

    @staticmethod
    def _decimals(value: float) -> int:
        return 2 if value < 9.995 else 1 if value < 99.95 else 0

    @staticmethod
    def _pair(count: int, each: int, large: str, small: str) -> str:
        whole, rest = divmod(count, each)
        head = f"{whole}{_NO_BREAK}{large}"
        return f"{head} {rest}{_NO_BREAK}{small}" if rest else head


def plain(text: str) -> str:
    """Return ``text`` with ordinary spaces, for a terminal."""
    return text.replace(_NO_BREAK, " ").replace(_THIN, " ")
