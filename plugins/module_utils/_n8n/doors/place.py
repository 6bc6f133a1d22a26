# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to n8n's place: what the doors of this package share, where Docker and n8n's own files meet."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import Place
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import LIMIT
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import given_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.version import version_of

#: Where n8n's data is (documented in the fragment ``n8n_place``).
PLACE_ARGUMENTS: dict[str, Any] = {
    "path": {"type": "path"},
    "volume": {"type": "str"},
    "project": {"type": "str"},
    "window_limit": {"type": "str", "default": "15m"},
}
PLACE_EXCLUSIVE = ("path", "volume")

#: What becomes of n8n while it is copied (documented in n8n_volume_backup).
ONLINE, PAUSE, STOP = "online", "pause", "stop"


def limit_from(params: Mapping[str, Any]) -> float:
    """Return for how long, in seconds, a maintenance window may stay open."""
    return optional_duration("window_limit", params["window_limit"]) or LIMIT


def key_for(params: Mapping[str, Any], place: Place, users: list[Container]) -> str | None:
    """Return the key that the parameters give, or else the environment of the container that uses the place."""
    given = given_key(params)
    if given is not None or place.engine is None:
        return given
    for each in users:
        if each.environment.get("N8N_ENCRYPTION_KEY"):
            return each.environment["N8N_ENCRYPTION_KEY"]
        path = each.environment.get("N8N_ENCRYPTION_KEY_FILE")
        content = place.engine.read_file(each, path) if path else None
        if content:
            return content.decode("utf-8", "replace").strip()
    return None


def version_on(place: Place, users: list[Container]) -> str | None:
    """Return the version of the n8n that uses the place, by its container, which need not run."""
    if place.engine is None:
        return None
    for each in users:
        version = version_of(partial(place.engine.read_file, each), each.environment, each.image_version)
        if version is not None:
            return version
    return None
