# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that lacks a collection of others is told what to install, before anything is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play

STACK = {
    "name": "lottery-chatbot",
    "directory": "/opt/lottery-chatbot",
    "sources": ["config", "database"],
    "repositories": [{"type": "local", "path": "/srv/backups"}],
    "database": {"container": "postgres"},
}
TOLD = "lacks the collection community.docker (ansible-galaxy collection install community.docker)."
GUARD = {
    "whatsapp_guard_phone_number_id": "1",
    "whatsapp_guard_target": "env",
    "whatsapp_guard_env_file": "/opt/lottery-chatbot/.env",
    "whatsapp_guard_compose_directory": "/opt/lottery-chatbot",
    "whatsapp_guard_service": "api",
}


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A controller with ansible-core alone: no collection beside the interpreter's packages is found."""
    monkeypatch.setenv("ANSIBLE_COLLECTIONS_SCAN_SYS_PATH", "false")


def run(folder: Path, role: str, tasks_from: str, **variables: Any) -> RolePlay:
    inventory = {
        "chatbot_stacks": {
            "hosts": {"vps-1": {"ansible_connection": "local"}, "vps-2": {"ansible_connection": "local"}},
            "vars": {"chatbot_stack": STACK, **variables},
        }
    }
    task = {"ansible.builtin.include_role": {"name": f"chatbot.ops.{role}", "tasks_from": tasks_from}}
    return play(folder, inventory, [{"hosts": "vps-1", "gather_facts": False, "tasks": [task]}])


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("role", "tasks_from", "variables"),
    [
        ("stack", "main", {}),
        ("quarantine", "main", {}),
        ("whatsapp_guard", "main", GUARD),
        (
            "rebuild",
            "preflight",
            {"rebuild_confirm": STACK["name"], "rebuild_replacement": "vps-2", "rebuild_old_server": "fence"},
        ),
    ],
    ids=["stack", "quarantine", "whatsapp_guard", "rebuild"],
)
def test_it_fails_first(role: str, tasks_from: str, variables: dict[str, Any], tmp_path: Path) -> None:
    done = run(tmp_path, role, tasks_from, **variables)
    assert done.exit_status != 0
    assert TOLD in done.text
    assert done.changed("vps-1") == 0


def test_one_that_has_it_goes_on(tmp_path: Path) -> None:
    assert TOLD not in run(tmp_path, "stack", "controller").text
