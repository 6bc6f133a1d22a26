# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host after another: where one is not well, the next is not touched."""

from __future__ import annotations

from pathlib import Path

from tests.support.role_play import play


def test_the_next_host_is_not_touched(tmp_path: Path) -> None:
    # Neither would get further than the check of its inputs: no machine is to be updated by a test.
    host = {"ansible_connection": "local", "system_update_reboot": "sometimes"}
    inventory = {"chatbot_stacks": {"hosts": {"vps-1": host, "vps-2": host}}}
    done = play(tmp_path, inventory, [{"ansible.builtin.import_playbook": "chatbot.ops.update_system"}])
    assert done.exit_status != 0
    assert "vps-1" in done.output
    assert "vps-2" not in done.output
