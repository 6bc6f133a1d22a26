# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore says when its maintenance window was disturbed: its data may be in place by then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose import windowed_target
from ansible_collections.chatbot.ops.plugins.module_utils._compose.windowed import Halt
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DisturbedError, ToolError

MANIFEST: Any = SimpleNamespace(backup_id="20261124T031500Z-n8n-7f3a")
FETCHER: Any = None


class Target:
    """One whose restore works, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error

    def restore(self, _manifest: object, _fetcher: object) -> SimpleNamespace:
        if self._error is not None:
            raise self._error
        return SimpleNamespace(previous="/data.previous-20261124T031501Z", more={})


@contextmanager
def disturbed(*_containers: object, **_limit: object) -> Iterator[SimpleNamespace]:
    yield SimpleNamespace(seconds=1.0, healthy=True)
    raise DisturbedError("Somebody started n8n.")


def restore(target: Any) -> object:
    halt = Halt(containers=list, action="stop", limit=60)
    return windowed_target.WindowedTarget(target, halt).restore(MANIFEST, FETCHER)


def test_a_disturbed_restore_names_what_was_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windowed_target, "window", disturbed)
    with pytest.raises(DisturbedError, match="was put in place all the same") as caught:
        restore(Target())
    assert caught.value.details == {"error_kind": "disturbed", "previous": "/data.previous-20261124T031501Z"}


def test_one_that_failed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windowed_target, "window", disturbed)
    with pytest.raises(ToolError, match=r"^tar died$"):
        restore(Target(ToolError("tar died")))
