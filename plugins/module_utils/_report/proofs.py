# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proofs of each source, taken apart into what a person can compare. The only place that knows their shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
#: What a value of n8n stands for: it is the same only if all of this is.
_N8N_WHOLE = {
    "workflows_total": ("database", "workflows"),
    "executions_count": ("database", "executions"),
    "files_count": ("files",),
    "last_migration": ("database", "last_migration"),
}
#: What n8n's users make; the numbers of each before the disaster and in the backup tell what was lost.
_N8N_MADE = {"workflows": "total", "credentials": "total", "executions": "count"}
#: What a database holds beside rows, in the order of showing.
_OBJECTS = (
    *("schemas", "views", "materialized_views", "indexes", "constraints", "triggers", "functions", "policies"),
    *("enums", "domains", "publications"),
)


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
        """Whether all of it is as claimed."""
        return all(each.same for each in self.tables) and all(each.same for each in self.aspects)


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
    if difference.live == difference.kept:
        return ()
    live, kept = _counts(source, difference.live), _counts(source, difference.kept)
    if live is None or kept is None:
        return None
    return tuple(Change(each, live.get(each, 0), kept.get(each, 0)) for each in dict.fromkeys((*kept, *live)))


def _tables(proof: Proof) -> tuple[Table, ...]:
    claimed, found = (_mapping(side.get("tables")) for side in (proof.claimed, proof.found))
    return tuple(_table(name, claimed.get(name), found.get(name)) for name in sorted({*claimed, *found}))


def _table(name: str, claimed: Any, found: Any) -> Table:
    sides = [_mapping(side) for side in (claimed, found)]
    rows = [_integer(side.get("rows")) for side in sides]
    return Table(name, rows[0], rows[1], str(sides[0].get("digest") or ""), claimed is not None and claimed == found)


def _database_aspects(proof: Proof) -> Iterator[Aspect]:
    for name in ("large_objects", "sequences", "extensions", "roles"):
        yield from _aspect(name, proof, (name,), _same_unless_named(proof, name))
    for name in _OBJECTS:
        yield from _aspect(name, proof, ("objects", name))


def _n8n_aspects(proof: Proof) -> Iterator[Aspect]:
    for name, path in _N8N.items():
        whole = _N8N_WHOLE.get(name, path)
        yield from _aspect(name, proof, path, _at(proof.claimed, whole) == _at(proof.found, whole))


def _aspect(name: str, proof: Proof, path: Sequence[str], same: bool = True) -> Iterator[Aspect]:
    """Yield the aspect, unless neither side knows of it."""
    claimed, found = (_value(_at(side, path)) for side in (proof.claimed, proof.found))
    if claimed is not None or found is not None:
        yield Aspect(name, claimed, found, same and claimed == found)


def _same_unless_named(proof: Proof, name: str) -> bool:
    """Tell whether the comparison, which knows what may differ (where a sequence stands), complains about ``name``."""
    return not any(each.startswith((f"{name}.", f"{name} ")) for each in proof.differences)


def _counts(source: str, side: Mapping[str, Any]) -> dict[str, int] | None:
    """Return the numbers of rows by table, or of n8n's things by kind; None if ``side`` does not tell."""
    if source == "database":
        tables = side.get("rows")
        counts = {name: _count(value, "rows") for name, value in _mapping(tables).items()}
        return None if tables is None else {name: count for name, count in counts.items() if count is not None}
    inside = _mapping(side.get("database", side))
    counts = {name: _count(inside.get(name), field) for name, field in _N8N_MADE.items()}
    return {name: count for name, count in counts.items() if count is not None} or None


def _count(value: Any, field: str) -> int | None:
    return _integer(value.get(field) if isinstance(value, Mapping) else value)


def _at(side: Any, path: Sequence[str]) -> Any:
    for name in path:
        side = _mapping(side).get(name)
    return side


def _value(value: Any) -> Value:
    """Return what is shown of ``value``: itself, or how much it holds."""
    if isinstance(value, Mapping):
        return _integer(value.get("count", len(value)))
    if isinstance(value, (list, tuple)):
        return len(value)
    return value if isinstance(value, str) else _integer(value)


def _integer(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
