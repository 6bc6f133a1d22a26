# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack that runs as one project is not brought up as another one beside it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play

# Containers of the folder are there, and no Docker.
_DOCKER = """#!/bin/sh
echo "$*" >> {told}
case "$*" in
  "compose version --short") echo 2.39.1 ;;
  *working_dir*.Label*) printf '{projects}' ;;
  *create*) ;;
  *) exit 1 ;;
esac
"""


@pytest.mark.parametrize(
    "projects",
    [
        pytest.param("", id="none"),
        pytest.param("chatbot\\n", id="the same"),
        pytest.param("other\\nchatbot\\n", id="it, too"),
    ],
)
def test_compose_is_told_which_project_is_meant(tmp_path: Path, projects: str) -> None:
    done = _prepare(tmp_path, projects)
    assert done.exit_status == 0, done.output
    told = (tmp_path / "told").read_text(encoding="utf-8")
    assert f"compose --project-name=chatbot --project-directory={tmp_path} create" in told


def test_another_project_of_the_folder_is_a_reason_to_stop(tmp_path: Path) -> None:
    done = _prepare(tmp_path, "other\\nother\\n")
    assert done.exit_status != 0
    assert "is the project other, and nothing runs as chatbot" in done.text
    assert " create" not in (tmp_path / "told").read_text(encoding="utf-8")


def _prepare(folder: Path, projects: str) -> RolePlay:
    program = folder / "bin/docker"
    program.parent.mkdir()
    program.write_text(_DOCKER.format(told=folder / "told", projects=projects), encoding="utf-8")
    program.chmod(0o755)
    variables = {
        "ansible_become": False,
        "chatbot_stack": {"name": "lottery-chatbot", "project": "chatbot", "directory": str(folder)},
    }
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.include_role": {"name": "chatbot.ops.stack", "tasks_from": each}}
        for each in ("preflight", "prepare")
    ]
    plays: list[dict[str, Any]] = [
        {
            "hosts": "vps-1",
            "gather_facts": False,
            "environment": {"PATH": f"{program.parent}:{os.environ['PATH']}"},
            "vars": variables,
            "tasks": tasks,
        }
    ]
    return play(folder, {"all": {"hosts": {"vps-1": {"ansible_connection": "local"}}}}, plays)
