# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times: UTC, whole or fractional seconds, ISO 8601 with a ``Z``."""

from __future__ import annotations

from datetime import datetime, timezone

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(timezone.utc)


def to_iso(instant: datetime) -> str:
    """Return ``instant`` (aware) as ``2026-11-24T03:15:00.123456Z``."""
    return instant.astimezone(timezone.utc).strftime(_FORMAT)


def from_iso(text: str) -> datetime:
    """Return the instant that ``text`` names; without a time zone it is taken as UTC.

    :raises ValueError: if ``text`` is no ISO 8601 time.
    """
    # Python < 3.11 reads neither a "Z" nor a date with a space for the "T" and one digit of fraction.
    instant = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace("z", "+00:00"))
    if instant.tzinfo is None:
        return instant.replace(tzinfo=timezone.utc)
    return instant.astimezone(timezone.utc)
