# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Object Lock holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso


def lock_in_the_way(heads: Iterable[Mapping[str, Any]], instant: datetime) -> str | None:
    """Return, in words, what forbids at ``instant`` that the objects are removed; None if nothing does.

    :param heads: what the store says of each object, in the words of HeadObject.
    """
    known = list(heads)
    if any(each.get("ObjectLockLegalHoldStatus") == "ON" for each in known):
        return "It is under a legal hold."
    ends = [each["ObjectLockRetainUntilDate"] for each in known if each.get("ObjectLockMode")]
    last = max(ends, default=instant)
    return f"It is locked until {to_iso(last)}." if last > instant else None
