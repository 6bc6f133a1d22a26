# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as the bench keeps it in ``build`` and reads it again for the pages about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.machine import Machine
from tests.bench.rows import Row
from tests.tools.link import CHECKOUT

BUILD = CHECKOUT / "build"
_ROWS, _ABOUT = "bench.json", "bench-about.json"
#: How the last row of each subject begins.
_LAST = {
    "n8n": "n8n restore: peak memory",
    "postgres": "pg_restore: peak memory",
    "logs": "insert, the longest",
    "s3": "S3 list",
    "restic": "restic repository",
}
#: What the two measurements on the bed keep, by the command that repeats each.
_ON_THE_BED = {"make bench-rebuild": "bench-rebuild.json", "make bench-container-logs": "bench-container-logs.json"}


@dataclass(frozen=True)
class Measured:
    """The rows, and what they are of. ``date`` (UTC) and ``runs``, the rounds, are None where nobody noted them."""

    rows: Sequence[Row]
    machine: Machine
    date: str | None = None
    runs: int | None = None
    on_the_bed: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """The rows of what is measured on the bed, by the command that repeats it."""

    @property
    def missing(self) -> list[str]:
        """The subjects that were not measured to the end."""
        names = [row.name for row in self.rows]
        return [subject for subject, last in _LAST.items() if not any(name.startswith(last) for name in names)]

    @property
    def is_judged(self) -> bool:
        """Whether any row has a limit: those of ``--quick`` have none."""
        return any(row.limit is not None for row in self.rows)


def write(rows: Sequence[Row], runs: int, folder: Path = BUILD) -> None:
    """Keep the rows, and beside them on which machine and when they were measured."""
    folder.mkdir(exist_ok=True)
    documents = [row.to_document() for row in rows]
    (folder / _ROWS).write_text(json.dumps(documents, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "runs": runs,
        "machine": asdict(Machine.here()),
    }
    (folder / _ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read(folder: Path = BUILD) -> Measured:
    """Return what was measured last. Rows without a note of their machine are of this one: ``build`` stays where it is."""
    rows = _rows(folder / _ROWS)
    on_the_bed = {command: _rows(folder / name) for command, name in _ON_THE_BED.items() if (folder / name).exists()}
    if not (folder / _ABOUT).exists():
        return Measured(rows, Machine.here(), on_the_bed=on_the_bed)
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return Measured(rows, Machine.from_document(about["machine"]), about["date"], about["runs"], on_the_bed)


def _rows(path: Path) -> list[Row]:
    found = json.loads(path.read_text(encoding="utf-8"))
    return [Row.from_document(each) for each in (found if isinstance(found, list) else [found])]
