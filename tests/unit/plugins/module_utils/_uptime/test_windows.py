# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: opened, closed, killed, at the same time, and over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.uptime_windows import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.windows import windows_after

AT, LATER, OVER = "2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z", "2026-11-24T05:00:01Z"
Kept = dict[str, str]


def kept_next(kept: Kept, found: dict[str, Any]) -> Kept:
    return {name: text for name, text in {**kept, **found["write"]}.items() if name not in found["forget"]}


def opened(kept: Kept, name: str, *monitors: str, at: str = AT) -> Kept:
    found = windows_after({"remembered": kept, "open": name, "names": list(monitors), "limit": "2h"}, at)
    return kept_next(kept, found)


def after(kept: Kept, at: str = LATER, **given: Any) -> tuple[list[str], list[str], Kept]:
    found = windows_after({"remembered": kept, **given}, at)
    return found["held"], found["resume"], kept_next(kept, found)


def touched(kept: Kept, at: str = LATER, **given: Any) -> list[str]:
    found = windows_after({"remembered": kept, **given}, at)
    return [*found["write"], *found["forget"]]


def test_what_was_paused_is_held_until_the_window_is_closed() -> None:
    kept = opened({}, "update", "api", "n8n")
    assert after(kept)[:2] == (["api", "n8n"], [])
    assert after(kept, close="update") == ([], ["api", "n8n"], {})


def test_without_a_monitor_there_is_nothing_to_remember() -> None:
    assert opened({}, "update") == {}
    assert after({}, close="update") == ([], [], {})


def test_one_that_ends_resumes_nothing_that_another_one_wants_paused() -> None:
    kept = opened(opened({}, "update", "api", "n8n"), "backup", "n8n")
    held, resume, kept = after(kept, close="update")
    assert (held, resume) == (["n8n"], ["api"])
    assert after(kept, close="backup") == ([], ["n8n"], {})


def test_the_next_run_of_a_killed_one_takes_its_window_up() -> None:
    killed = opened({}, "update", "api")
    # It finds them paused, and so adds none.
    again = opened(killed, "update", at=LATER)
    assert after(again, OVER)[0] == ["api"]
    assert after(again, close="update")[1:] == (["api"], {})


def test_what_another_runbook_has_left_is_resumed_when_its_time_is_over() -> None:
    killed = opened({}, "update", "api")
    assert after(killed, close="backup")[:2] == (["api"], [])
    assert after(killed, OVER) == ([], ["api"], {})


def test_what_could_not_be_resumed_is_remembered_as_over() -> None:
    _held, _resume, kept = after(opened({}, "update", "api", "n8n"), close="update", paused=["n8n"])
    assert after(kept, LATER) == ([], ["n8n"], {})


def test_what_this_run_has_paused_is_resumed_though_another_one_forgot_it() -> None:
    # Somebody removed its file, or the folder was lost.
    assert after({}, close="update", names=["api"]) == ([], ["api"], {})
    other = opened({}, "backup", "n8n")
    assert after(other, close="update", names=["api", "n8n"])[:2] == (["n8n"], ["api"])
    _held, _resume, kept = after({}, close="update", names=["api"], paused=["api"])
    assert after(kept) == ([], ["api"], {})


def test_only_the_window_that_changes_is_written() -> None:
    assert touched({}) == []
    # As an editor leaves it.
    assert touched({name: text + "\n" for name, text in opened({}, "update", "api").items()}) == []
    both = opened(opened({}, "update", "api"), "backup", "n8n", at=LATER)
    assert touched(both, close="other", names=[]) == []
    assert touched(both, OVER) == ["update"]
    assert touched(both, open="update", names=[], limit="2h") == ["update"]
    assert touched(both, close="backup") == ["backup"]
    assert touched(both, close="backup", paused=["n8n"]) == ["backup"]


@pytest.mark.parametrize(
    ("language", "at", "status", "words"),
    [
        ("en", LATER, "ok", "api, n8n: paused for a maintenance, until 2026-11-24 05:00 UTC at most."),
        ("es", LATER, "ok", "api, n8n: en pausa por un mantenimiento, como máximo hasta 2026-11-24 05:00 UTC."),
        ("en", OVER, "warning", "update has paused api, n8n and never came to its end"),
        ("es", OVER, "warning", "update pausó api, n8n y no llegó a su fin"),
    ],
)
def test_the_check(language: str, at: str, status: str, words: str) -> None:
    given = {"remembered": opened({}, "update", "api", "n8n"), "language": language}
    check = windows_after(given, at)["check"]
    assert (check["id"], check["status"]) == ("monitors.window", status)
    assert words in check["summary"]
    assert bool(check["advice"]) == (status != "ok")
    assert windows_after({"remembered": {}, "language": language}, at)["check"]["status"] == "ok"


windows = FilterModule().filters()["uptime_windows"]


def test_each_window_is_a_file_of_its_folder(tmp_path: Path) -> None:
    for name, text in opened({}, "by hand", "api").items():
        (tmp_path / f"{name}.json").write_text(text)
    assert windows({"folder": str(tmp_path)}, LATER)["held"] == ["api"]
    assert windows({"folder": str(tmp_path), "close": "by hand"}, LATER)["forget"] == ["by hand"]
    assert windows({"folder": str(tmp_path / "none")}, LATER)["held"] == []


@pytest.mark.parametrize("text", ["", "[", '["api"]', '{"monitors": ["api"]}', "\udcff"])
def test_a_damaged_memory_is_refused_and_says_what_to_do(text: str, tmp_path: Path) -> None:
    (tmp_path / "update.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(AnsibleFilterError, match=r"/update\.json is damaged .* remove that file"):
        windows({"folder": str(tmp_path)}, AT)


def test_a_memory_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "update.json").mkdir()
    with pytest.raises(AnsibleFilterError, match=r"Is a directory.* set uptime_state_folder to another folder"):
        windows({"folder": str(tmp_path)}, AT)
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleFilterError, match="Not a directory"):
        windows({"folder": str(tmp_path / "file")}, AT)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"open": "update", "limit": "soon"}, "uptime_window_limit: 'soon' is not a duration"),
        ({"open": "../update", "limit": "2h"}, r"uptime_window: '\.\./update' cannot be the name of a file"),
    ],
)
def test_bad_input_is_refused(given: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        windows({"folder": str(tmp_path), "names": [], **given}, AT)
