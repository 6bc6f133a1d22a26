# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of it: the JSON, the table, the pages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tests.chaos.matrix import Cell
from tests.chaos.play import Played
from tests.tools.link import CHECKOUT

RESULT = CHECKOUT / "build" / "chaos.json"

#: Where a fault cannot meet a row.
NEVER = "\N{EN DASH}"

Document = list[dict[str, Any]]


def begin(chosen: Sequence[Cell], seed: int, earlier: Document) -> Document:
    """Return the result before anything is played: an entry a cell, of those that are left out too, with the reason.

    Of a cell that was played ``earlier``, it is the entry from then.
    """
    known = {_key(each): each for each in earlier if each["runs"]}
    fresh = [_entry(cell, seed) for cell in chosen]
    return [each if each["left_out"] else known.get(_key(each), each) for each in fresh]


def note(found: Document, played: Played, seed: int) -> None:
    """Put what a cell came to in its place."""
    names = ("runs", "ok", "succeeded", "failed", "killed", "problems", "messages")
    outcome = {**_entry(played.cell, seed), **{name: getattr(played, name) for name in names}}
    found[:] = [outcome if _key(each) == _key(outcome) else each for each in found]


def is_well(found: Document, cell: Cell) -> bool:
    """Tell whether ``cell`` was played, and had no problem."""
    key = (cell.row, cell.fault.name)
    return any(_key(each) == key and each["runs"] and not each["problems"] for each in found)


def _key(entry: dict[str, Any]) -> tuple[str, str]:
    return entry["row"], entry["fault"]


def _entry(cell: Cell, seed: int) -> dict[str, Any]:
    return {
        "module": cell.job.module,
        "source": cell.job.source,
        "repository": cell.repository,
        "row": cell.row,
        "fault": cell.fault.name,
        "left_out": cell.left_out,
        "seed": seed,
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "runs": 0,
        "ok": 0,
        "problems": [],
    }


def write(found: Document) -> None:
    """Keep the result."""
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read() -> Document:
    """Return the result of the last time."""
    found: Document = json.loads(RESULT.read_text(encoding="utf-8"))
    return found


def sign(entry: dict[str, Any]) -> str:
    """Return a cell as a table shows it: runs that were well of all, or a dash where the two cannot meet."""
    return f"{entry['ok']}/{entry['runs']}" + ("!" if entry["problems"] else "") if entry["runs"] else NEVER


def table(found: Document) -> str:
    """Return the result as a table for the terminal: a line a fault, a column a row of the matrix."""
    rows = list(dict.fromkeys(each["row"] for each in found))
    faults = list(dict.fromkeys(each["fault"] for each in found))
    signs = {(each["row"], each["fault"]): sign(each) for each in found}
    wide = max(map(len, faults), default=0)
    lines = [f"{chr(ord('A') + number)}  {row}" for number, row in enumerate(rows)]
    lines += ["", " " * wide + "".join(f"{chr(ord('A') + number):>7}" for number in range(len(rows)))]
    for fault in faults:
        lines.append(f"{fault:{wide}}" + "".join(f"{signs.get((row, fault), ''):>7}" for row in rows))
    runs, well = sum(each["runs"] for each in found), sum(each["ok"] for each in found)
    problems = sum(len(each["problems"]) for each in found)
    return "\n".join([*lines, "", f"{runs} runs, {well} well, {problems} problems; {RESULT.relative_to(CHECKOUT)}"])
