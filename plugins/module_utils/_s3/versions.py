# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of a bucket's objects, and what the bucket was at an instant. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Stored:
    """An object as a list shows it; ``version_id`` is None where the newest one is meant."""

    key: str
    size: int
    etag: str
    version_id: str | None = None


def as_of(
    versions: Iterable[Mapping[str, Any]], markers: Iterable[Mapping[str, Any]], instant: datetime
) -> list[Stored]:
    """Return what was there at ``instant``, sorted by key.

    :param versions: the ``Versions`` of ListObjectVersions; they keep a key's order, newest first.
    :param markers: its ``DeleteMarkers``.
    """
    deleted: dict[str, datetime] = {}
    for marker in markers:
        if marker["LastModified"] <= instant:
            deleted[marker["Key"]] = max(marker["LastModified"], deleted.get(marker["Key"], marker["LastModified"]))
    found: dict[str, Mapping[str, Any]] = {}
    for each in versions:
        newest = found.get(each["Key"])
        # The store's times are whole seconds: of two in one second the one that is listed first is the newer.
        if each["LastModified"] <= instant and (newest is None or each["LastModified"] > newest["LastModified"]):
            found[each["Key"]] = each
    return [
        Stored(key, int(each["Size"]), each["ETag"], each["VersionId"])
        for key, each in sorted(found.items())
        if key not in deleted or deleted[key] < each["LastModified"]
    ]
