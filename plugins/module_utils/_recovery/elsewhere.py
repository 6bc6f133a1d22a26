# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a stack's database is lost with its server. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any


def database_elsewhere(database: Mapping[str, Any]) -> str:
    """Return what a database that is not on the stack's own server is called by; empty for one that is.

    :param database: ``container``, which it runs in; ``supabase``, the reference of its project; ``host``, as the
        stack's server reaches it. All may be missing or empty.
    :return: the project's reference, or the host.
    """
    # It counts before all else, as for whatever connects.
    if database.get("container"):
        return ""
    if database.get("supabase"):
        return str(database["supabase"])
    host = str(database.get("host") or "")
    # A host that begins so is a socket: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOST
    return "" if not host or host.startswith(("/", "@")) or _is_loopback(host) else host


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") in ("localhost", "localhost.localdomain")
