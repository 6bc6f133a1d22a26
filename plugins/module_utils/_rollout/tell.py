# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an update changes, and what a way back brought, in sentences. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def change_lines(update: Mapping[str, Mapping[str, str]], n8n: str) -> list[str]:
    """Return a line for each service that has a new image.

    :param update: by service, ``image``, and the versions ``old`` and ``new`` (empty: the image tells none).
    :param n8n: which of the services is n8n.
    """
    lines = []
    for service, each in sorted(update.items()):
        versions = f" from {each['old'] or 'an unknown version'} to {each['new'] or 'an unknown version'}"
        told = versions if each["old"] or each["new"] else ""
        migrates = service == n8n and (each["old"] != each["new"] or not each["new"])
        more = (
            ". It may migrate its database: a way back then restores it from the set that is taken first"
            if migrates
            else ""
        )
        lines.append(f"{service} has a new image of {each['image']}{told}{more}.")
    return lines


def back_lines(outcome: Mapping[str, Any]) -> list[str]:
    """Return what a way back brought: which images serve, which data was restored, what was left behind where.

    :param outcome: ``back``, the result of the return; ``restores``, with ``sources`` and ``reasons``; ``results``, those of
        the restores by source; ``taken``, when the set was taken (empty: nobody remembers).
    """
    back, restores = outcome["back"], outcome["restores"]
    since = back["pins"]["since"]
    lines = [f"The images that ran before (since {since}) serve again, and are healthy."]
    if not restores["sources"]:
        return [*lines, "The data was left as it is: its shape had not been changed.", *_renamed(back)]
    at = f", at {outcome['taken']}" if outcome["taken"] else ""
    lines.append(f"Restored from the set that was taken before{at} ({'; '.join(restores['reasons'])}):")
    for source in restores["sources"]:
        result = outcome["results"].get(source, {})
        kept = f"; what was there is kept as {result['previous']}" if result.get("previous") else ""
        lines.append(f"{source} by {result.get('backup_id', 'unknown')}{kept}.")
    left = rows_left_behind(((outcome["results"].get("database") or {}).get("diff")) or {})
    if "database" in restores["sources"] and left:
        shown = ", ".join(f"{table}: {rows}" for table, rows in left.items())
        lines.append(f"Rows that were written since {outcome['taken']}, and are only in what is kept: {shown}.")
    return [*lines, *_renamed(back)]


def rows_left_behind(diff: Mapping[str, Any]) -> dict[str, int]:
    """Return by how many rows each table had more than the backup, by the diff of a restore."""
    before = (diff.get("before") or {}).get("rows") or {}
    after = (diff.get("after") or {}).get("rows") or {}
    more = {table: rows - after.get(table, 0) for table, rows in before.items()}
    return {table: rows for table, rows in sorted(more.items()) if rows > 0}


def _renamed(back: Mapping[str, Any]) -> list[str]:
    if not back.get("renamed"):
        return []
    return [
        f"The compose file still asks for the new image of {', '.join(back['renamed'])}: name the old one there again, or the "
        "next deploy takes the new one."
    ]
