# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows from one table to another of the same shape, each batch in one statement."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._logs import statements
from ansible_collections.chatbot.ops.plugins.module_utils._logs.statements import Span
from ansible_collections.chatbot.ops.plugins.module_utils._logs.table import Table
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Walker

_UNIQUE_VIOLATION = "23505"


def mover(walker: Walker, source: Table, target: Table) -> Callable[[Span], int]:
    """Return what moves a batch, and returns the number of rows that it moved.

    Rows that the target has already, the same in every column, are deleted from the source, and counted as twins.

    :raises RefusedError: (what is returned does) if the target has rows of the same key that differ.
    """

    def action(span: Span) -> int:
        rows = _moved(walker, source, span, target)
        if rows is not None:
            return rows
        walker.tally.twins += walker.session.count(statements.delete_twins(source, span, target))
        rows = _moved(walker, source, span, target)
        if rows is None:
            raise RefusedError(
                f"Failed to move rows of {source.label}: {target.label} has rows of the same key that differ. Nothing of "
                "this batch was moved. Compare the two tables, and remove the rows that are wrong."
            )
        return rows

    return action


def _moved(walker: Walker, source: Table, span: Span, target: Table) -> int | None:
    """Move a batch; None if the target has some of its keys already."""
    try:
        return walker.session.count(statements.move(source, span, target))
    except ToolError as error:
        if error.details.get("sqlstate") != _UNIQUE_VIOLATION:
            raise
        return None
