# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a module works, a real run of Ansible tells how far it is; who wants silence has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.role_play import RolePlay, play

_MODULE = """#!/usr/bin/python
import time
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.progress import Meter

def main():
    module = AnsibleModule({})
    meter = Meter("dump.pgdump.zst", 1000000)
    while meter.size < 800000:
        meter.see(b"x" * 4000)
        time.sleep(0.02)
    module.exit_json(changed=False, size=meter.size)

main()
"""
_ACTION = """
from ansible_collections.chatbot.ops.plugins.plugin_utils import progress

class ActionModule(progress.ProgressAction):
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A module that takes its time, with the action that tells of it."""
    for name, text in {"library": _MODULE, "action_plugins": _ACTION}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "slow.py").write_text(text, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, **variables: object) -> RolePlay:
    inventory = {"all": {"hosts": {"bot": {"ansible_connection": "local"}}}}
    tasks = [{"name": "Work", "slow": {}}]
    plays = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}]
    return play(folder, inventory, plays, *arguments)


def test_a_line_tells_how_far_it_is(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="0.2")
    assert done.exit_status == 0, done.output
    assert "[bot] dump.pgdump.zst: " in done.output
    assert "of 1.0 MB (" in done.output
    assert " left" in done.output
    assert list(Path("/tmp").glob("chatbot-ops-progress-*")) == []


def test_who_wants_silence_has_it(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="0")
    assert done.exit_status == 0, done.output
    assert "[bot]" not in done.text.replace("ok: [bot]", "")


def test_a_setting_that_is_no_duration(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="often")
    assert done.exit_status != 0
    assert "chatbot_ops_progress: 'often' is not a duration" in done.text
