# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each runbook that stops or restarts services pauses the monitors before, and has them watch again in `always`."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.tools.link import CHECKOUT

RUNBOOKS = (
    *("backup_stack", "deploy_stack", "install_pitr", "restore_database", "restore_n8n", "restore_point_in_time"),
    *("rollback_stack", "rotate_logs", "update_stack", "update_system"),
)


def entry(task: dict[str, Any]) -> tuple[str, str]:
    """Return which entry point of the role uptime a task includes, and for which window; nothing if it does not."""
    role = task.get("ansible.builtin.include_role", {})
    if role.get("name") != "chatbot.ops.uptime":
        return "", ""
    assert role["apply"] == {"tags": "always"}, "with --tags, what it holds would be left out"
    return role["tasks_from"], task["vars"]["uptime_window"]


@pytest.mark.parametrize("name", RUNBOOKS)
def test_a_window_is_opened_before_the_work_and_closed_whatever_becomes_of_it(name: str) -> None:
    (play,) = yaml.safe_load((CHECKOUT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
    (around,) = play["tasks"]
    opened = [entry(each) for each in around["block"]]
    assert opened.count(("open_window", name)) == 1
    assert opened[-1] == ("", "")
    assert [entry(each) for each in around["always"]] == [("close_window", name)]
    assert [each["tags"] for each in around["always"]] == ["always"]


def test_no_other_runbook_opens_one() -> None:
    found = [path.stem for path in (CHECKOUT / "playbooks").glob("*.yml") if "open_window" in path.read_text("utf-8")]
    assert sorted(found) == sorted(RUNBOOKS)
