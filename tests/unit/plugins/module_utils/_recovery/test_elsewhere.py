# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which databases are lost with their server, and which are not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.filter.database_elsewhere import FilterModule

_REFERENCE = "abcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("database", "called"),
    [
        pytest.param({}, "", id="nothing said: 127.0.0.1"),
        pytest.param({"container": "postgres"}, "", id="in a container"),
        pytest.param({"container": "postgres", "host": "10.0.0.5"}, "", id="in a container, by its address"),
        pytest.param({"container": "db", "supabase": _REFERENCE}, "", id="a Supabase of one's own"),
        pytest.param({"host": "127.0.0.1"}, "", id="loopback"),
        pytest.param({"host": "127.0.1.1"}, "", id="another loopback address"),
        pytest.param({"host": "::1"}, "", id="loopback of IPv6"),
        pytest.param({"host": "localhost"}, "", id="by name"),
        pytest.param({"host": "/var/run/postgresql"}, "", id="a socket"),
        pytest.param({"host": "", "supabase": None}, "", id="empty"),
        pytest.param({"host": "10.0.0.5"}, "10.0.0.5", id="another server"),
        pytest.param({"host": "db.example.org"}, "db.example.org", id="another server by name"),
        pytest.param({"host": "db.localhost.example.org"}, "db.localhost.example.org", id="only looks local"),
        pytest.param({"supabase": _REFERENCE, "host": "x.supabase.com"}, _REFERENCE, id="Supabase"),
        pytest.param({"supabase": _REFERENCE, "host": "127.0.0.1"}, _REFERENCE, id="Supabase through a tunnel"),
    ],
)
def test_what_is_elsewhere_has_a_name_to_type(database: dict[str, Any], called: str) -> None:
    assert FilterModule().filters()["database_elsewhere"](database) == called
