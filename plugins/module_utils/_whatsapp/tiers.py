# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messaging limits by their names. Pure.

How many people may be written to within 24 hours outside of a customer service window. Since October 2025 it is that of
the business portfolio, which all its numbers share.
https://developers.facebook.com/docs/whatsapp/messaging-limits
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(?:TIER_)?(\d+)(K|M)?")
_FACTORS = {None: 1, "K": 1_000, "M": 1_000_000}
_UNLIMITED = ("TIER_UNLIMITED", "UNLIMITED")


@dataclass(frozen=True)
class Tier:
    """``name`` is Meta's; ``limit`` None where there is none (``unlimited``), or where nobody knows it."""

    name: str | None
    limit: int | None
    unlimited: bool = False

    @property
    def known(self) -> bool:
        """Whether it is known how much may be sent."""
        return self.unlimited or self.limit is not None


def tier_from(name: str | None) -> Tier:
    """Return the tier that Meta calls ``name``; one that Meta may add is read by its number, any other is not known."""
    if name is None:
        return Tier(None, None)
    if name.upper() in _UNLIMITED:
        return Tier(name, None, unlimited=True)
    match = _NUMBER.fullmatch(name.upper())
    return Tier(name, None if match is None else int(match.group(1)) * _FACTORS[match.group(2)] or None)
