# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server remembers of a stack's images: it is understood, or it is told what to do."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    RefusedError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.store import Store

from tests.unit.plugins.module_utils._rollout.update import STACK, Update


def test_another_run_at_the_same_stack_is_waited_for_and_then_told(update: Update) -> None:
    with Store(STACK, str(update.folder)).held(0), pytest.raises(BusyError, match="Another run works"):
        update.act("pull")


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "is no JSON"), ('{"format": 2}', "its format is 2"), ('{"format": 1}', "cannot be understood")],
    ids=["cut off", "of a later version", "of others"],
)
def test_a_memory_that_cannot_be_understood(tmp_path: pathlib.Path, content: str, words: str) -> None:
    (tmp_path / f"{STACK}.json").write_text(content)
    with pytest.raises(DamagedError, match=words):
        Store(STACK, str(tmp_path)).read()


def test_a_memory_that_cannot_be_written(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OpsError, match="Failed to make the folder"):
        Store(STACK, str(tmp_path / "file" / "below")).write(Store(STACK, str(tmp_path)).read())
    with pytest.raises(RefusedError, match="is no name of a stack"):
        Store("../x", str(tmp_path))
