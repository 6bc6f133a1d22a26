# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what backs n8n up and restores it: where Docker and n8n's own package meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Compared, Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine, open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import (
    Place,
    describe_volume,
    existing_volume,
    new_volume,
    planned_volume,
    volume_to_fill,
)
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import LIMIT
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed import Halt, WindowedSource, WindowedTarget
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import optional_duration
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.extract import require_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import given_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import has_unreliable_locks, holder_of, mounts
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.source import BackupOptions, N8nSource
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.target import N8nTarget, RestoreOptions
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.version import version_of

#: Where n8n's data is (documented in the fragment ``n8n_place``).
PLACE_ARGUMENTS: dict[str, Any] = {
    "path": {"type": "path"},
    "volume": {"type": "str"},
    "project": {"type": "str"},
    "window_limit": {"type": "str", "default": "15m"},
}
PLACE_EXCLUSIVE = ("path", "volume")

ONLINE, PAUSE, STOP = "online", "pause", "stop"


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
        encryption_key=_key(params, place, users),
        allow_unrecoverable=params["unrecoverable"] == "allow",
        work_dir=params["work_dir"],
        n8n_version=params["n8n_version"] or _version(place, users),
        image=_image(place, users),
        volume=describe_volume(place),
    )
    if place.volume is not None and consistency != STOP:
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
    return WindowedSource(source, Halt(place.users, consistency, _limit(params), reason))


def restore_target(params: Mapping[str, Any], *, check_mode: bool) -> Target:
    """Return the target that ``n8n_volume_restore`` is asked for.

    :raises RefusedError: if the volume cannot be restored to.
    """
    if params["volume"] is None:
        return _target(params, Place(params["path"], None, None), others_stop=check_mode)
    engine, name, project = open_engine(), params["volume"], params["project"]
    place = volume_to_fill(engine, name, project)
    if place is None:
        return _NewVolume(params, engine)
    return WindowedTarget(_target(params, place, others_stop=True), Halt(place.users, STOP, _limit(params)))


def _target(params: Mapping[str, Any], place: Place, *, others_stop: bool) -> N8nTarget:
    users = place.users()
    return N8nTarget(
        RestoreOptions(
            path=place.path,
            encryption_key=_key(params, place, users),
            replace=params["replace"],
            keep_previous=params["keep_previous"],
            allow_older_n8n=params["allow_older_n8n"],
            n8n_version=params["n8n_version"] or _version(place, users),
            others_stop_n8n=others_stop,
            quiet=params["workflows"] == "inactive",
            keep_active=tuple(params["keep_active"]),
        )
    )


def _place(params: Mapping[str, Any], *, needs_engine: bool) -> Place:
    if params["volume"] is not None:
        return existing_volume(open_engine(), params["volume"], params["project"])
    return Place(params["path"], None, open_engine() if needs_engine else None)


def _limit(params: Mapping[str, Any]) -> float:
    return optional_duration("window_limit", params["window_limit"]) or LIMIT


def _key(params: Mapping[str, Any], place: Place, users: list[Container]) -> str | None:
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


def _version(place: Place, users: list[Container]) -> str | None:
    """Return the version of the n8n that uses the place, by its container, which need not run."""
    if place.engine is None:
        return None
    for each in users:
        version = version_of(partial(place.engine.read_file, each), each.environment, each.image_version)
        if version is not None:
            return version
    return None


def _image(place: Place, users: list[Container]) -> dict[str, str]:
    """Return which image runs on the place, as the manifest's versions hold it."""
    if place.engine is None or not users:
        return {}
    digests = place.engine.image_digests(users[0].image_id)
    found = {"image": users[0].image, "image_id": users[0].image_id}
    return {**found, "image_digest": digests[0]} if digests else found


class _NewVolume(Target):
    """A volume that is not there: it is created when all is known to be good, and removed again if that was wrong.

    An empty one that stays would be n8n's to begin anew in.
    """

    def __init__(self, params: Mapping[str, Any], engine: Engine) -> None:
        self._params, self._engine = params, engine

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        require_key(manifest, given_key(self._params))
        name, _labels = self._planned(manifest)
        after = {"volume": name, "content": f"backup {manifest.backup_id}"}
        return {"before": {"volume": None, "content": None}, "after": after}

    def holds(self, _manifest: Manifest) -> Compared | None:
        return None

    def tidy_up(self) -> None:
        """Nothing is there."""

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        place, is_ours = new_volume(self._engine, *self._planned(manifest))
        try:
            target = _target(self._params, place, others_stop=False)
            target.preflight(manifest)
            return target.restore(manifest, fetcher)
        except BaseException:
            if is_ours and place.volume is not None:
                self._engine.remove_volume(place.volume)
            raise

    def _planned(self, manifest: Manifest) -> tuple[str, dict[str, str]]:
        return planned_volume(self._params["volume"], self._params["project"], details_of(manifest).volume)
