# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what backs n8n up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Source
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import engine_if_any, open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import Place, describe_volume, existing_volume
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed import Halt, WindowedSource
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.place import (
    ONLINE,
    STOP,
    key_for,
    limit_from,
    version_on,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import has_unreliable_locks, holder_of, mounts
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.source import BackupOptions, N8nSource


def backup_source(params: Mapping[str, Any]) -> Source:
    """Return the source that ``n8n_volume_backup`` is asked for.

    :raises RefusedError: if there is no such volume, or nothing could be halted that is to be.
    """
    place = _place(params, needs_engine=params["consistency"] != ONLINE)
    consistency, reason = params["consistency"], None
    users = place.users()
    options = BackupOptions(
        path=place.path,
        database_file=params["database_file"],
        table_prefix=params["table_prefix"],
        encryption_key=key_for(params, place, users),
        allow_unrecoverable=params["unrecoverable"] == "allow",
        work_dir=params["work_dir"],
        n8n_version=params["n8n_version"] or version_on(place, users),
        image=_image(place, users),
        volume=describe_volume(place),
    )
    if (place.volume is not None or users) and consistency != STOP:
        mount = holder_of(place.path, mounts())
        if has_unreliable_locks(mount):
            consistency = STOP
            reason = f"{mount.point} is of type {mount.type}, where SQLite's locks cannot be relied on"
    source = N8nSource(replace(options, online=consistency == ONLINE))
    if consistency == ONLINE:
        return source
    if not users:
        raise RefusedError(
            f"consistency: {consistency} halts the containers that use {params['volume'] or params['path']}, and there are "
            "none. Use consistency: online, which stops nothing, or stop n8n by other means."
        )
    return WindowedSource(source, Halt(place.users, consistency, limit_from(params), reason))


def _place(params: Mapping[str, Any], *, needs_engine: bool) -> Place:
    if params["volume"] is not None:
        return existing_volume(open_engine(), params["volume"], params["project"])
    return Place(params["path"], None, open_engine() if needs_engine else engine_if_any())


def _image(place: Place, users: list[Container]) -> dict[str, str]:
    """Return which image runs on the place, as the manifest's versions hold it."""
    if place.engine is None or not users:
        return {}
    digests = place.engine.image_digests(users[0].image_id)
    found = {"image": users[0].image, "image_id": users[0].image_id}
    return {**found, "image_digest": digests[0]} if digests else found
