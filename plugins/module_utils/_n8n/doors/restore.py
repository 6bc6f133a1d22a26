# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what restores n8n."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine, engine_if_any, open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import (
    Place,
    new_volume,
    planned_volume,
    volume_to_fill,
)
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed import Halt
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed_target import WindowedTarget
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors.place import STOP, key_for, limit_from, version_on
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.extract import require_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import given_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.target import N8nTarget, RestoreOptions


def restore_target(params: Mapping[str, Any], *, check_mode: bool) -> Target:
    """Return the target that ``n8n_volume_restore`` is asked for.

    :raises RefusedError: if the volume cannot be restored to.
    """
    if params["volume"] is None:
        place = Place(params["path"], None, engine_if_any())
        if not place.users():
            return _target(params, place, others_stop=check_mode)
    else:
        engine = open_engine()
        found = volume_to_fill(engine, params["volume"], params["project"])
        if found is None:
            return _NewVolume(params, engine)
        place = found
    return WindowedTarget(_target(params, place, others_stop=True), Halt(place.users, STOP, limit_from(params)))


def _target(params: Mapping[str, Any], place: Place, *, others_stop: bool) -> N8nTarget:
    users = place.users()
    return N8nTarget(
        RestoreOptions(
            path=place.path,
            encryption_key=key_for(params, place, users),
            replace=params["replace"],
            keep_previous=params["keep_previous"],
            allow_older_n8n=params["allow_older_n8n"],
            n8n_version=params["n8n_version"] or version_on(place, users),
            others_stop_n8n=others_stop,
            quiet=params["workflows"] == "inactive",
            keep_active=tuple(params["keep_active"]),
        )
    )


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
