# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module loads: Ansible packs, carries and compiles it anew for each run, on each host."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.modules import module_environment
from tests.tools.link import CHECKOUT

_COLLECTION = "ansible_collections.chatbot.ops.plugins"
_STORES = ("_repository.s3", "_repository.restic", "_restic.program", "_s3.bucket")
_RESTORING = ("_backup.restore", "_backup.verify", "_backup.copy", "_compose.windowed_target")
_MUST_NOT = {
    "pg_dump": (*_STORES, *_RESTORING, "_postgres.target", "_postgres.in_place", "_postgres.project"),
    "pg_schema_info": ("_repository.api", "_backup.take", "_postgres.source", "_postgres.target"),
    "n8n_volume_backup": (*_STORES, *_RESTORING, "_n8n.target"),
    "backup_verify": (*_STORES, "_n8n.verify", "_postgres.verify", "_logs.verify", "_config.target"),
    "log_archive": (*_STORES, "_postgres.source", "_postgres.target"),
}


# They take as long to import as all else: whoever asks no engine and no bucket does not wait for them.
_LIBRARIES = {"boto3", "docker"}


@pytest.mark.parametrize("module", _MUST_NOT)
def test_a_module_loads_nothing_that_only_others_need(module: str) -> None:
    loaded = _loaded(module)
    assert f"{_COLLECTION}.module_utils._core.errors" in loaded
    assert [name for name in _MUST_NOT[module] if f"{_COLLECTION}.module_utils.{name}" in loaded] == []
    assert loaded & _LIBRARIES == set()


def test_what_is_not_to_be_loaded_is_there() -> None:
    names = {name for names in _MUST_NOT.values() for name in names}
    utils = CHECKOUT / "plugins" / "module_utils"
    assert [name for name in names if not (utils / name.replace(".", "/")).with_suffix(".py").is_file()] == []


def _loaded(module: str) -> set[str]:
    """Return the names of all that is loaded when ``module`` is."""
    script = f"import sys, {_COLLECTION}.modules.{module}; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=module_environment(), capture_output=True, text=True, check=True)
    return set(done.stdout.split())
