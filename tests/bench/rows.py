# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

_HEAD = ("", "ours", "other", "ratio", "limit", "")


@dataclass(frozen=True)
class Row:
    """A comparison: ``ours`` is to be at most ``limit`` times ``other``, both in ``unit``; None: it is only shown."""

    name: str
    ours: float
    other: float
    other_name: str
    unit: str
    limit: float | None

    @property
    def key(self) -> tuple[str, str]:
        """What tells the row from all others."""
        return self.name, self.other_name

    @property
    def ratio(self) -> float:
        """Ours in proportion to the other."""
        return self.ours / self.other

    @property
    def ok(self) -> bool | None:
        """Whether the limit holds; None where there is none."""
        return None if self.limit is None else self.ratio <= self.limit

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Row:
        """Return the row that :meth:`to_document` made ``document`` of; ratio and verdict are worked out anew."""
        return cls(**{each.name: document[each.name] for each in fields(cls)})

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "name": self.name,
            "ours": round(self.ours, 3),
            "other": round(self.other, 3),
            "other_name": self.other_name,
            "unit": self.unit,
            "ratio": round(self.ratio, 3),
            "limit": self.limit,
            "ok": self.ok,
        }

    def to_cells(self) -> tuple[str, ...]:
        """Return it as the cells of a table."""
        verdict = {None: "", True: "ok", False: "**over**"}[self.ok]
        limit = "" if self.limit is None else f"{self.limit:.2f}"
        other = f"{self.other_name}: {self.other:.1f} {self.unit}"
        return self.name, f"{self.ours:.1f} {self.unit}", other, f"{self.ratio:.2f}", limit, verdict


def table(rows: Iterable[Row]) -> str:
    """Return ``rows`` as a table in Markdown."""
    cells = [_HEAD, *(tuple(cell.replace("|", r"\|") for cell in row.to_cells()) for row in rows)]
    widths = [max(3, *(len(line[column]) for line in cells)) for column in range(len(_HEAD))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in cells]
    lines.insert(1, " | ".join("-" * width for width in widths))
    return "\n".join(f"| {line} |" for line in lines)
