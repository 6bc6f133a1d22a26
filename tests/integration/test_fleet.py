# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts: one that fails, or cannot be reached, stops none of the others, and the end of the run names it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play
from tests.tools.link import CHECKOUT

_HOSTS = [f"bot-{number}" for number in range(1, 7)]


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, failing: list[str]) -> RolePlay:
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "chatbot.ops.fleet_summary")
    monkeypatch.setenv("ANSIBLE_STRATEGY", "host_pinned")
    inventory: dict[str, Any] = {"all": {"hosts": {name: {"ansible_connection": "local"} for name in _HOSTS}}}
    fail = {
        "name": "Back it up",
        "ansible.builtin.fail": {"msg": "the bucket is full"},
        "when": f"inventory_hostname in {failing}",
    }
    rescued = {"block": [{"ansible.builtin.fail": {"msg": "no matter"}}], "rescue": [{"ansible.builtin.debug": {}}]}
    end = {"ansible.builtin.copy": {"content": "", "dest": f"{folder}/{{{{ inventory_hostname }}}}.end"}}
    plays = [{"hosts": "all", "gather_facts": False, "tasks": [rescued, fail, end]}]
    return play(folder, inventory, plays, "--forks=3")


def test_one_host_s_failure_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(tmp_path, monkeypatch, ["bot-2", "bot-5"])
    assert done.exit_status == 2
    ended = {path.stem for path in tmp_path.glob("*.end")}
    assert ended == set(_HOSTS) - {"bot-2", "bot-5"}
    last = done.output.partition("FLEET: ")[2]
    assert last.startswith("4 of 6 hosts are well; these are not:\n")
    assert last.splitlines()[1:3] == [
        f"  {name}: failed, Back it up: the bucket is full" for name in ("bot-2", "bot-5")
    ]


def test_all_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(tmp_path, monkeypatch, [])
    assert done.exit_status == 0, done.output
    assert "FLEET: all 6 hosts are well." in done.output


def test_the_example_gives_each_stack_what_is_its_own() -> None:
    program = str(Path(sys.executable).with_name("ansible-inventory"))
    words = [program, "--inventory", str(CHECKOUT / "inventories/fleet"), "--list"]
    listed = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    hosts = listed["_meta"]["hostvars"]
    assert {name: each.get("stack_name") for name, each in hosts.items() if name != "localhost"} == {
        "bot-01": "lottery-norte",
        "bot-02": "lottery-sur",
        "bot-03": "tienda",
    }
    assert hosts["localhost"]["schedule_target"] == "chatbot_stacks"
