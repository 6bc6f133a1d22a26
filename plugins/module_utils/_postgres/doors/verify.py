# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what verifies dumps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.doors.server import (
    MAINTENANCE_DB,
    jobs_from,
    server_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.verify import DatabaseVerifier


def verifier_from(params: Mapping[str, Any]) -> DatabaseVerifier:
    """Return the verifier that ``backup_verify`` is asked for."""
    server = server_from(params)
    login = server.login.at(server.login.dbname or MAINTENANCE_DB)
    return DatabaseVerifier(login, server.programs, jobs_from(params), server.work_dir or params["work_dir"])
