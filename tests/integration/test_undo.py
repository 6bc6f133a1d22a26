# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role that fails removes the files that it added, and none that was there, even if only its mode was another one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play

# What the roles ask first is answered; whatever they do then fails.
_DOCKER = """#!/bin/sh
case "$*" in
  "compose version --short") echo 2.39.1 ;;
  "ps "*) echo container-1 ;;
  inspect*) echo sha256:0123 old:1 ;;
  tag*) ;;
  *) exit 1 ;;
esac
"""
_KEYS = """#
# managed
#
[lottery-chatbot]
repo1-cipher-pass=secret
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, content in {"docker": _DOCKER, "runuser": "#!/bin/sh\nexit 1\n"}.items():
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


def test_a_stack_keeps_the_environment_it_had(tmp_path: Path, programs: Path) -> None:
    folder = tmp_path / "stack"
    kept = _of_another_mode(folder / ".env", "N8N_ENCRYPTION_KEY='key'\n")
    done = _run(
        tmp_path,
        programs,
        "stack",
        "main",
        chatbot_stack={"name": "lottery-chatbot"},
        stack_directory=str(folder),
        stack_environment={"N8N_ENCRYPTION_KEY": "key"},
        stack_override={"services": {}},
    )
    assert "Failed to deploy lottery-chatbot" in done.text, done.output
    # Nor is there a copy of it, as its content is what the role wants.
    assert list(folder.iterdir()) == [kept], done.output


def test_pgbackrest_keeps_the_keys_it_had(tmp_path: Path, programs: Path) -> None:
    folder = tmp_path / "conf.d"
    kept = _of_another_mode(folder / "lottery-chatbot-keys.conf", _KEYS)
    done = _run(
        tmp_path,
        programs,
        "postgres_pitr",
        "configure",
        postgres_pitr_stack="lottery-chatbot",
        postgres_pitr_repository={"type": "local", "path": str(tmp_path / "repository")},
        postgres_pitr_cipher_passphrase="secret",
        ansible_managed="managed",
        __postgres_pitr_is_missing=False,
        __postgres_pitr_socket=str(tmp_path),
        __postgres_pitr_folder=str(folder),
        __postgres_pitr_settings_file=str(tmp_path / "settings.conf"),
        __postgres_pitr_cluster={"name": "17/main", "data": str(tmp_path / "data"), "port": "5432"},
    )
    assert "Failed to make pgBackRest archive" in done.text, done.output
    assert list(folder.iterdir()) == [kept], done.output


def _of_another_mode(file: Path, content: str) -> Path:
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")
    file.chmod(0o666)
    return file


def _run(folder: Path, programs: Path, role: str, tasks_from: str, **variables: Any) -> RolePlay:
    host = {"ansible_connection": "local", "ansible_become": False}
    plays: list[dict[str, Any]] = [
        {
            "hosts": "vps-1",
            "gather_facts": False,
            "environment": {"PATH": f"{programs}:{os.environ['PATH']}"},
            "tasks": [{"ansible.builtin.include_role": {"name": f"chatbot.ops.{role}", "tasks_from": tasks_from}}],
        }
    ]
    (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    done = play(folder, {"all": {"hosts": {"vps-1": host}}}, plays, f"--extra-vars=@{folder / 'variables.json'}")
    assert done.exit_status != 0
    return done
