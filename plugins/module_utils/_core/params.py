# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters as people write them: durations, times and time zones."""

from __future__ import annotations

import re
from datetime import datetime, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([smhdw]?)\s*$", re.IGNORECASE)


def duration_seconds(name: str, value: Any) -> float:
    """Return ``value`` (``24h``, ``30d``, ``90``) in seconds.

    :raises RefusedError: naming the parameter ``name``, if it is no duration.
    """
    match = _DURATION.match(str(value))
    if match is None:
        raise RefusedError(
            f"Parameter {name}: {value!r} is not a duration. Write a number with a unit (s, m, h, d or w), such as 24h."
        )
    return float(match.group(1)) * _UNITS[match.group(2).lower() or "s"]


def optional_duration(name: str, value: Any) -> float | None:
    """Return :func:`duration_seconds`, or None where nothing is given."""
    return None if value in (None, "") else duration_seconds(name, value)


def optional_time(name: str, value: Any) -> datetime | None:
    """Return ``value`` (ISO 8601) as an instant, or None where nothing is given.

    :raises RefusedError: naming the parameter ``name``, if it is no time.
    """
    if value in (None, ""):
        return None
    try:
        return from_iso(str(value))
    except ValueError as error:
        raise RefusedError(
            f"Parameter {name}: {value!r} is not a time. Write ISO 8601, such as 2026-11-24T03:15:00Z."
        ) from error


def time_zone(name: str, value: str) -> tzinfo:
    """Return the time zone that ``value`` (``America/Mexico_City``) names.

    :raises RefusedError: naming the parameter ``name``, if this host knows none such.
    """
    if value == "UTC":
        return timezone.utc  # without the database
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if not available_timezones():
            raise RefusedError(
                f"Parameter {name}: this host has no time zone database to look {value!r} up in. "
                "Install the package tzdata, or set UTC."
            ) from error
        raise RefusedError(
            f"Parameter {name}: {value!r} is no time zone. Write a name of the IANA database, such as America/Mexico_City."
        ) from error
