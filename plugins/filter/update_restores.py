# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.update_restores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def update_restores(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return which data has to come back with the old images; see :func:`sources_to_restore`."""
    # Here, as Ansible imports all filters of a collection in each task that uses one of them.
    from ansible_collections.chatbot.ops.plugins.module_utils._rollout.plan import sources_to_restore

    n8n, database = found["n8n"], found["database"]
    decided = sources_to_restore(
        n8n=(n8n["before"], n8n["after"]),
        database=(database["before"], database["after"]),
        sources=found["sources"],
        together=bool(found["together"]),
    )
    return {"sources": list(decided.sources), "reasons": list(decided.reasons)}


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"update_restores": update_restores}
