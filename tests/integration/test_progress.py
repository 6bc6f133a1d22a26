# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""While a module works, a real run of Ansible tells how far it is; who wants silence has it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.needs import needs_ssh
from tests.support.role_play import RolePlay, play
from tests.support.ssh_server import SshServer, make_key

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


def run(folder: Path, host: dict[str, object] | None = None, **variables: object) -> RolePlay:
    inventory = {"all": {"hosts": {"bot": host or {"ansible_connection": "local"}}}}
    tasks = [{"name": "Work", "slow": {}}]
    plays = [{"hosts": "all", "gather_facts": False, "vars": variables, "tasks": tasks}]
    return play(folder, inventory, plays)


def test_a_line_tells_how_far_it_is(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="0.2")
    assert done.exit_status == 0, done.output
    assert "[bot] dump.pgdump.zst: " in done.output
    assert "of 1.0 MB (" in done.output
    assert " left" in done.output
    assert list(Path("/tmp").glob("chatbot-ops-progress-*")) == []


@needs_ssh
def test_it_is_told_by_ssh_too(folder: Path) -> None:
    """The module runs in the foreground of one command, the looks are others beside it."""
    authorized = make_key(folder / "key")
    public = make_key(folder / "host_key")
    with SshServer((folder / "host_key").read_text(encoding="utf-8"), authorized) as server:
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {public}\n", encoding="utf-8")
        host: dict[str, object] = {
            "ansible_host": "127.0.0.1",
            "ansible_port": server.port,
            "ansible_ssh_private_key_file": str(folder / "key"),
            # Connections of their own end by themselves.
            "ansible_ssh_args": "-o ControlMaster=no",
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={folder / 'known_hosts'}",
            "ansible_python_interpreter": sys.executable,
        }
        done = run(folder, host, chatbot_ops_progress="0.2")
    assert done.exit_status == 0, done.output
    assert "[bot] dump.pgdump.zst: " in done.output
    assert len([each for each in server.commands if "chatbot-ops-progress-" in each and "cat " in each]) > 1
    assert len([each for each in server.commands if "python" in each and "cat " not in each]) == 1


def test_who_wants_silence_has_it(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="0")
    assert done.exit_status == 0, done.output
    assert "[bot]" not in done.text.replace("ok: [bot]", "")


def test_a_setting_that_is_no_duration(folder: Path) -> None:
    done = run(folder, chatbot_ops_progress="often")
    assert done.exit_status != 0
    assert "chatbot_ops_progress: 'often' is not a duration" in done.text
