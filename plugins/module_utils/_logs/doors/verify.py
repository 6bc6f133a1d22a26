# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what verifies archived rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._logs.verify import RowsVerifier
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import MAINTENANCE_DB, login_for


def rows_verifier(params: Mapping[str, Any]) -> RowsVerifier:
    """Return the verifier that ``backup_verify`` is asked for."""
    login = login_for(params)
    return RowsVerifier(login.at(login.dbname or MAINTENANCE_DB), params["work_dir"])
