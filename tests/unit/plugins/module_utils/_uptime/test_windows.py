# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: opened, closed, killed, at the same time, and over."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.uptime_windows import FilterModule

windows = FilterModule().filters()["uptime_windows"]

AT, LATER, OVER = "2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z", "2026-11-24T05:00:01Z"


def opened(remembered: str, name: str, *monitors: str, at: str = AT) -> str:
    given = {"remembered": remembered, "open": name, "names": list(monitors), "limit": "2h"}
    return str(windows(given, at)["remembered"])


def after(remembered: str, at: str = LATER, **given: Any) -> tuple[list[str], list[str], str]:
    found = windows({"remembered": remembered, **given}, at)
    return found["held"], found["resume"], found["remembered"]


def test_what_was_paused_is_held_until_the_window_is_closed() -> None:
    kept = opened("", "update", "api", "n8n")
    assert after(kept)[:2] == (["api", "n8n"], [])
    assert after(kept, close="update") == ([], ["api", "n8n"], "")


def test_without_a_monitor_there_is_nothing_to_remember() -> None:
    assert opened("", "update") == ""
    assert after("", close="update") == ([], [], "")


def test_one_that_ends_resumes_nothing_that_another_one_wants_paused() -> None:
    kept = opened(opened("", "update", "api", "n8n"), "backup", "n8n")
    held, resume, kept = after(kept, close="update")
    assert (held, resume) == (["n8n"], ["api"])
    assert after(kept, close="backup") == ([], ["n8n"], "")


def test_the_next_run_of_a_killed_one_takes_its_window_up() -> None:
    killed = opened("", "update", "api")
    # It finds them paused, and so adds none.
    again = opened(killed, "update", at=LATER)
    assert after(again, OVER)[0] == ["api"]
    assert after(again, close="update")[1:] == (["api"], "")


def test_what_another_runbook_has_left_is_resumed_when_its_time_is_over() -> None:
    killed = opened("", "update", "api")
    assert after(killed, close="backup")[:2] == (["api"], [])
    assert after(killed, OVER) == ([], ["api"], "")


def test_what_could_not_be_resumed_is_remembered_as_over() -> None:
    _held, _resume, kept = after(opened("", "update", "api", "n8n"), close="update", paused=["n8n"])
    assert after(kept, LATER) == ([], ["n8n"], "")


def test_what_this_run_has_paused_is_resumed_though_another_one_forgot_it() -> None:
    # It was lost, or another run wrote over it at the same moment.
    assert after("", close="update", names=["api"]) == ([], ["api"], "")
    other = opened("", "backup", "n8n")
    assert after(other, close="update", names=["api", "n8n"])[:2] == (["n8n"], ["api"])
    _held, _resume, kept = after("", close="update", names=["api"], paused=["api"])
    assert after(kept) == ([], ["api"], "")


def test_what_is_as_it_was_is_not_to_be_written() -> None:
    kept = opened("", "update", "api")
    assert windows({"remembered": ""}, AT)["differs"] is False
    # As an editor leaves it.
    assert windows({"remembered": kept + "\n"}, LATER)["differs"] is False
    assert windows({"remembered": kept}, OVER)["differs"] is True
    assert windows({"remembered": kept, "close": "backup", "names": []}, LATER)["differs"] is False
    assert windows({"remembered": kept, "open": "update", "names": [], "limit": "2h"}, LATER)["differs"] is True


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
    given = {"remembered": opened("", "update", "api", "n8n"), "language": language}
    check = windows(given, at)["check"]
    assert (check["id"], check["status"]) == ("monitors.window", status)
    assert words in check["summary"]
    assert bool(check["advice"]) == (status != "ok")
    assert windows({"remembered": "", "language": language}, at)["check"]["status"] == "ok"


@pytest.mark.parametrize("text", ["[", '["api"]', '{"windows": {"update": {"monitors": ["api"]}}}'])
def test_a_damaged_memory_is_refused_and_says_what_to_do(text: str) -> None:
    with pytest.raises(AnsibleFilterError, match=r"state/uptime-x\.json is damaged .* remove that file"):
        windows({"remembered": text, "file": "state/uptime-x.json"}, AT)


def test_a_limit_that_is_no_duration_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="uptime_window_limit: 'soon' is not a duration"):
        windows({"open": "update", "names": [], "limit": "soon"}, AT)
