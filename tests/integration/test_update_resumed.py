# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An update that goes on much later takes another set, or says what its old one would bring back."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.role_play import RolePlay, play


@pytest.mark.parametrize(
    ("age", "phases", "words"),
    [
        pytest.param(timedelta(minutes=50), "pull back_up rehearse", "It goes on. Its set is of 20", id="a young set"),
        pytest.param(timedelta(days=3), "pull rehearse", "another set is taken first", id="an old one, unchanged data"),
    ],
)
def test_an_old_set_is_replaced_as_long_as_the_data_is_what_it_was(
    tmp_path: Path, age: timedelta, phases: str, words: str
) -> None:
    done = _resume(tmp_path, age, {})
    assert done.exit_status == 0, done.output
    assert words in done.text
    assert f"Left out: {phases}." in done.text


def test_what_cannot_be_seen_is_not_gone_on_with(tmp_path: Path) -> None:
    done = _resume(tmp_path, timedelta(days=3), {"database": "20261124T031500Z-database-7f3a"})
    assert done.exit_status != 0
    assert "whether it changed the data cannot be seen" in done.text
    assert "go back with the playbook rollback_stack" in done.text
    assert "Left out" not in done.text


def _resume(folder: Path, age: timedelta, backups: dict[str, str]) -> RolePlay:
    taken = f"{datetime.now(UTC) - age:%Y-%m-%dT%H:%M:%SZ}"
    variables = {
        "ansible_become": False,
        "chatbot_stack": {"name": "lottery-chatbot", "database": {"host": "127.0.0.1", "port": 1, "name": "none"}},
        "stack_update_python": sys.executable,
        "__stack_update_looked": {"attempt": {"id": "20261124T031500Z-7f3a", "begun": "2026-11-24T03:15:00Z"}},
        "__stack_update_facts": {
            "backups": backups,
            "taken": taken,
            "migration": {},
            "schema": "0123",
            "together": False,
        },
        "__stack_update_done": ["pull", "back_up", "rehearse"],
        "__stack_update_restores": {"sources": [], "reasons": []},
    }
    tasks = [
        {"ansible.builtin.include_role": {"name": "chatbot.ops.stack_update", "tasks_from": "resume"}},
        {"ansible.builtin.debug": {"msg": "Left out: {{ __stack_update_done | join(' ') }}."}},
    ]
    inventory = {"all": {"hosts": {"vps-1": {"ansible_connection": "local"}}}}
    return play(folder, inventory, [{"hosts": "vps-1", "gather_facts": False, "vars": variables, "tasks": tasks}])
