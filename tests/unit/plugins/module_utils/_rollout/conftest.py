# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An update whose engine is in memory, and which waits for nothing."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._rollout import carry, compose, doors, images

from tests.unit.plugins.module_utils._rollout.update import Update
from tests.unit.plugins.module_utils._rollout.world import World


@pytest.fixture
def update(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Update:
    world = World()
    monkeypatch.setattr(doors, "open_engine", lambda: world)
    for each in (compose, images):
        monkeypatch.setattr(each, "run_command", world.run)
        monkeypatch.setattr(each, "find_program", lambda name: name)
    monkeypatch.setattr(carry, "_POLL", 0.001)
    monkeypatch.setattr(doors, "_MORE_PATIENCE", 0.0)
    return Update(world, tmp_path / "updates")
