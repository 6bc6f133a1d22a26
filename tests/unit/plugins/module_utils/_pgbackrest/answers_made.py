# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of pgBackRest 2.45, recorded.

The cluster was backed up on timeline 1, restored to 00:57:27 on 25 November 2026, and backed up again on timeline 2.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FULL = "20261125-005543F"
DIFF = "20261125-005543F_20261125-010004D"
STANZA = "lottery-chatbot"
_FOLDER = Path(__file__).parent / "recorded"


def info(which: str = "restored") -> str:
    """What ``pgbackrest info --output=json`` printed: restored, missing (no stanza yet), or empty (no backup yet)."""
    return (_FOLDER / f"pgbackrest-2.45-info-{which}.json").read_text(encoding="utf-8")


def listing() -> str:
    """What ``pgbackrest repo-ls --recurse --output=json archive/lottery-chatbot`` printed."""
    return (_FOLDER / "pgbackrest-2.45-repo-ls-restored.json").read_text(encoding="utf-8")


def history() -> str:
    """The history file of timeline 2."""
    return (_FOLDER / "00000002.history").read_text(encoding="utf-8")


def changed(**values: object) -> str:
    """The answer ``info`` with other values of its stanza."""
    (stanza,) = json.loads(info())
    return json.dumps([{**stanza, **values}])


def backups(*labels: str) -> str:
    """The answer ``info`` with these backups instead, a minute apart; an exclamation mark tells of damaged pages."""
    like = {backup["type"]: backup for backup in json.loads(info())[0]["backup"]}
    began = like["diff"]["timestamp"]["start"]
    return changed(
        backup=[
            {
                **like["full" if label.rstrip("!").endswith("F") else "diff"],
                "label": label.rstrip("!"),
                "error": label.endswith("!"),
                "timestamp": {"start": began + 60 * place, "stop": began + 60 * place + 4},
            }
            for place, label in enumerate(labels)
        ]
    )


def findings(**options: object) -> dict[str, Any]:
    """What the filter pitr_restore_plan is given."""
    none = {"time": "", "xid": "", "restore_point": "", "latest": False, "exclusive": False}
    read = {"stanza": STANZA, "info": info(), "listing": listing(), "histories": {"15-1/00000002.history": history()}}
    return {**read, **none, "backup_id": "", "timeline": "", **options}
