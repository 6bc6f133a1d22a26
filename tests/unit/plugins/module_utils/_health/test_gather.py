# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module is asked for, and that nothing of a look is lost where its memory is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._health import gather as gathering
from ansible_collections.chatbot.ops.plugins.module_utils._health.gather import (
    HEALTH_ARGUMENTS,
    SECTIONS,
    Request,
    gather,
    request_from,
)
from ansible_collections.chatbot.ops.plugins.module_utils._health.memory import Past

_API = {"name": "api", "url": "http://127.0.0.1:1/"}


def params(**more: Any) -> dict[str, Any]:
    """Return parameters as the module gets them."""
    return {**{name: option.get("default") for name, option in HEALTH_ARGUMENTS.items()}, **more}


def test_only_what_there_is_is_looked_at() -> None:
    assert set(request_from(params(), check_mode=False).sections) == {"server", "disks", "time", "updates"}
    everything = params(project="lottery", n8n={"container": "n8n"}, dbname="lottery", endpoints=[_API])
    assert tuple(request_from(everything, check_mode=False).sections) == SECTIONS
    few = params(dbname="lottery", sections=["database", "time"])
    assert set(request_from(few, check_mode=False).sections) == {"database", "time"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"timeout": "0s"}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"endpoints": [_API, _API]}, "the same name"),
        ({"n8n": {"since": "yesterday"}}, "n8n.since"),
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        request_from(params(**more), check_mode=False)


def disks(_past: Past) -> dict[str, Any]:
    return {"disks": [{"mount": "/", "problem": None, "used_bytes": 1, "available_bytes": 2}]}


def test_a_look_is_remembered_but_in_check_mode(tmp_path: Path) -> None:
    path = tmp_path / "health" / "looks.json"
    assert gather(Request({"disks": disks}, 30.0, str(path), check_mode=True))["memory_problem"] is None
    assert not path.exists()
    found = gather(Request({"disks": disks}, 30.0, str(path), check_mode=False))
    assert found["sections"]["disks"]["disks"][0]["days_left"] is None
    assert list(json.loads(path.read_text(encoding="utf-8"))["disks"]) == ["/"]


def test_one_that_cannot_be_remembered_is_told_with_all_that_was_seen(tmp_path: Path) -> None:
    found = gather(Request({"disks": disks}, 30.0, str(tmp_path), check_mode=False))
    assert "Failed to read" in found["memory_problem"]
    assert found["sections"]["disks"]["disks"][0]["used_bytes"] == 1


def test_without_an_engine_the_sections_that_need_it_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    given = params(project="lottery", container="postgres", sections=["database", "containers"])
    given["state_file"] = str(tmp_path / "looks.json")
    found = gathering.gather(request_from(given, check_mode=False))["sections"]
    assert "Docker Engine" in found["containers"]["problem"]
    assert "Docker Engine" in found["database"]["connect_problem"]
