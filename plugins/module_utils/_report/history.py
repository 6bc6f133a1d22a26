# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rehearsals of a stack so far, each in one row. They are read from the records that the rehearsals left behind."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._report.rehearsal import Rehearsal, judge

#: How many rehearsals a page shows: two years of monthly ones.
LIMIT = 24


def history_row(document: Any) -> dict[str, Any]:
    """Return the rehearsal in ``document`` (see :func:`judge`) as one row of JSON values.

    It holds ``ended`` (ISO 8601 or None), ``mode``, ``state``, ``rto_seconds`` and ``rpo_seconds`` (None: not known),
    both with their objectives (None: none), ``met`` (whether both are, and everything came back; None: there is no
    objective), and ``phases``, the seconds of each by its name (None: it did not come to its end).

    :raises RefusedError: if it is no such document.
    """
    rehearsal = judge(document)
    record = rehearsal.record
    return {
        "ended": to_iso(record.ended) if record.ended else None,
        "mode": record.mode,
        "state": rehearsal.state,
        "rto_seconds": rehearsal.rto.seconds,
        "rpo_seconds": rehearsal.rpo.seconds,
        "rto_objective_seconds": rehearsal.rto.objective,
        "rpo_objective_seconds": rehearsal.rpo.objective,
        "met": _met(rehearsal),
        "phases": {each.id: each.seconds for each in record.phases},
    }


def read_history(folder: str, stack: str, limit: int, warn: Callable[[str], object]) -> list[dict[str, Any]]:
    """Return the newest ``limit`` rehearsals of ``stack``, oldest first, from the records in ``folder``.

    Without the folder there are none. A record that cannot be read is left out, and told to ``warn``.
    """
    rows: list[dict[str, Any]] = []
    for name in _names(folder, stack):
        if len(rows) == limit:
            break
        path = os.path.join(folder, name)
        try:
            with open(path, encoding="utf-8") as stream:
                document = json.load(stream)
            row = history_row(document)
        except (OSError, ValueError) as error:
            warn(f"The rehearsal in {path} cannot be read, and is left out: {error}")
        except OpsError as error:
            warn(f"The rehearsal in {path} makes no sense, and is left out: {error.message}")
        else:
            rows.append(row)
    return rows[::-1]


def _met(rehearsal: Rehearsal) -> bool | None:
    measures = (rehearsal.rto, rehearsal.rpo)
    if all(each.objective is None for each in measures):
        return None
    return rehearsal.recovered and not any(each.missed for each in measures)


def _names(folder: str, stack: str) -> Sequence[str]:
    """Return the names of the records, newest first. Another stack's name may begin with this one."""
    record = re.compile(rf"rehearsal-{re.escape(stack)}-\d{{4}}-\d\d-\d\dT\d{{6}}\.json")
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return ()
    return sorted(filter(record.fullmatch, names), reverse=True)
