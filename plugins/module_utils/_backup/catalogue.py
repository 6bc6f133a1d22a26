# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups of a stack, over all its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso, now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import place_of


def catalogue(
    repository: Repository, stack: str, sources: Sequence[str], warn: Callable[[str], object]
) -> list[dict[str, Any]]:
    """Return the backups of ``sources``, newest first, as ``backup_info`` returns them.

    :param warn: is told of the verdicts that cannot be read.
    :raises OpsError: if the repository cannot be listed.
    """
    instant = now()
    entries = [entry for source in sources for entry in repository.entries(place_of(stack, source))]
    for unread in [each.unread for each in entries if each.unread is not None]:
        warn(unread)
    return [entry.to_result(instant) for entry in sorted(entries, key=lambda each: each.order, reverse=True)]


def sets_of(backups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the sets that ``backups`` belong to, newest first, as ``backup_info`` returns them. Pure.

    :param backups: as `catalogue` returns them. Those whose manifest cannot be read belong to none; nor does a safety copy,
        which shows what was to be replaced, and would be taken for the newest state of a stack with one source.
    """
    sets: dict[str, list[Mapping[str, Any]]] = {}
    for each in backups:
        if each.get("set_id") and not each.get("safety_copy_for"):
            sets.setdefault(each["set_id"], []).append(each)
    return [_set(identifier, sets[identifier]) for identifier in sorted(sets, reverse=True)]


def _set(identifier: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # What is taken shows the stack as it was at that time: between the first and the last, it went on.
    times = [from_iso(each["taken"]) for each in parts]
    return {
        "set_id": identifier,
        "backups": {each["source"]: each["backup_id"] for each in parts},
        "good": all(each["good"] for each in parts),
        "skew_seconds": round((max(times) - min(times)).total_seconds(), 3),
    }
