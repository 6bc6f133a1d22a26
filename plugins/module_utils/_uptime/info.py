# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``uptime_monitor_info`` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._uptime.checks import checks_of
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.client import Client
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.dialect import Dialect
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.run import API_ARGUMENTS, describe

INFO_ARGUMENTS: dict[str, Any] = {
    **API_ARGUMENTS,
    "names": {"type": "list", "elements": "str", "default": []},
    "in_window": {"type": "bool", "default": False},
    "language": {"type": "str", "default": "en", "choices": ["en", "es"]},
}


def tell(dialect: Dialect, client: Client, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the monitors and their check results.

    :raises OpsError: if the service cannot be asked.
    """
    names = params["names"]
    monitors = [each for each in client.monitors() if not names or each.name in names]
    checks = checks_of(names, monitors, dialect.title, params["language"], in_window=params["in_window"])
    return {
        "changed": False,
        "monitors": [describe(each) for each in monitors],
        "checks": [each.to_document() for each in checks],
    }
