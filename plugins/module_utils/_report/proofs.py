# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proofs of each source, taken apart into what a person can compare. The only place that knows their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from ansible_collections.chatbot.ops.plugins.module_utils._report.record import Difference, Proof

Value = Union[int, str, None]

#: Where a proof of n8n keeps each value that is shown.
_N8N = {
    "workflows_total": ("database", "workflows", "total"),
    "workflows_active": ("database", "workflows", "active"),
    "credentials_total": ("database", "credentials", "total"),
    "credentials_decryptable": ("database", "credentials", "decryptable"),
    "executions_count": ("database", "executions", "count"),
    "files_count": ("files", "count"),
    "files_bytes": ("files", "bytes"),
    "last_migration": ("database", "last_migration", "name"),
    "key_fingerprint": ("key_fingerprint",),
}
#: What else a value of n8n stands for: it is the same only if all of this is.
_N8N_WHOLE = {
    "workflows_total": ("database", "workflows", "digests"),
    "executions_count": ("database", "executions"),
    "files_count": ("files",),
    "last_migration": ("database", "last_migration"),
}


@dataclass(frozen=True)
class Aspect:
    """One thing that was claimed and found; ``same`` may rest on more than the two values (on digests, say)."""

    id: str
    claimed: Value
    found: Value
    same: bool


@dataclass(frozen=True)
class Table:
    """The rows of one table, as claimed and as found (None: it is not there), and the digest of their content."""

    name: str
    claimed: int | None
    found: int | None
    digest: str
    same: bool


@dataclass(frozen=True)
class Content:
    """What a proof says that came back."""

    tables: tuple[Table, ...] = ()
    aspects: tuple[Aspect, ...] = ()

    @property
    def rows(self) -> int:
        """The rows of all tables, as found."""
        return sum(each.found or 0 for each in self.tables)

    def found(self, identifier: str) -> int | None:
        """Return the number found for aspect ``identifier``, or None if there is none."""
        values = (each.found for each in self.aspects if each.id == identifier)
        return next((value for value in values if isinstance(value, int)), None)

    @property
    def same(self) -> bool:
        """Whether there is anything, and all of it is as claimed."""
        parts = (*self.tables, *self.aspects)
        return bool(parts) and all(each.same for each in parts)


@dataclass(frozen=True)
class Change:
    """How many ``id`` (rows of a table, workflows …) there were just before the disaster, and in the backup."""

    id: str
    live: int
    kept: int

    @property
    def lost(self) -> int:
        """How many were written since and are gone."""
        return max(0, self.live - self.kept)

    @property
    def undone(self) -> int:
        """How many were deleted since and are there again."""
        return max(0, self.kept - self.live)


def content_of(source: str, proof: Proof | None) -> Content:
    """Return what ``proof`` of ``source`` amounts to; nothing without a proof, or for a source unknown here."""
    if proof is None:
        return Content()
    if source == "database":
        return Content(_tables(proof), tuple(_database_aspects(proof)))
    if source == "n8n":
        return Content(aspects=tuple(_n8n_aspects(proof)))
    return Content()


def changes_of(source: str, difference: Difference | None) -> tuple[Change, ...] | None:
    """Return what was written to ``source`` after the copy, or None if nobody measured it."""
    if difference is None:
        return None
    live, kept = _counts(source, difference.live), _counts(source, difference.kept)
    return tuple(Change(each, live.get(each, 0), kept.get(each, 0)) for each in sorted({*live, *kept}))
