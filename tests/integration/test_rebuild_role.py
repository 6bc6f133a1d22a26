# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rebuild, as far as one machine shows it: what it is about to do, and where it refuses to go on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.role_play import RolePlay, play

STACK = "lottery-chatbot"
ELSEWHERE = "db.example.org"
SHOWN = {"ansible.builtin.debug": {"msg": "It restores {{ __rebuild_sources | join(' ') }}."}}


class Operator:
    """The machine that Ansible runs on, with an inventory of the lost server and the new one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack: dict[str, Any] = {
            "name": STACK,
            "sources": ["n8n", "database", "config"],
            "repositories": [{"path": str(folder / "backups")}],
            "n8n": {"volume": "n8n_data"},
            "database": {"container": "postgres"},
        }

    def run(self, *tasks: dict[str, Any], **variables: Any) -> RolePlay:
        """Checks the inputs, and then does ``tasks``; ``variables`` are typed by the operator."""
        given = {"rebuild_confirm": STACK, "rebuild_folder": str(self.folder / "recoveries"), **variables}
        begin = {"name": "chatbot.ops.rebuild", "tasks_from": "preflight", "public": True}
        plays = [
            {
                "hosts": "vps-1",
                "gather_facts": False,
                "vars": {"chatbot_stack": self.stack},
                "tasks": [{"ansible.builtin.include_role": begin}, *tasks],
            }
        ]
        here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        hosts = {"all": {"hosts": {"vps-1": {"ansible_host": "192.0.2.7"}}, "vars": here}}
        return play(self.folder, hosts, plays, "--extra-vars", json.dumps(given))


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


class TestTheDatabase:
    """One that is not on the lost server lives on."""

    def test_on_the_lost_server_it_is_restored(self, operator: Operator) -> None:
        done = operator.run(SHOWN)
        assert done.exit_status == 0, done.output
        assert "It restores n8n database config." in done.text
        assert "left as it is" not in done.text

    @pytest.mark.parametrize("database", [{"supabase": ELSEWHERE}, {"host": ELSEWHERE, "name": "lottery"}])
    def test_elsewhere_it_is_left_as_it_is_unless_its_name_is_typed(
        self, operator: Operator, database: dict[str, str]
    ) -> None:
        operator.stack["database"] = database
        spared = operator.run(SHOWN)
        assert spared.exit_status == 0, spared.output
        assert "It restores n8n config." in spared.text
        assert f"The database is at {ELSEWHERE}, and was not lost with vps-1: it is left as it is." in spared.text
        assert f"add -e rebuild_database_confirm={ELSEWHERE}" in spared.text
        wanted = operator.run(SHOWN, rebuild_database_confirm=ELSEWHERE)
        assert "It restores n8n database config." in wanted.text
        assert "left as it is" not in wanted.text

    def test_another_name_is_refused(self, operator: Operator) -> None:
        operator.stack["database"] = {"host": ELSEWHERE}
        wrong = operator.run(SHOWN, rebuild_database_confirm="db")
        assert wrong.exit_status != 0
        assert f"rebuild_database_confirm is db, but the database of {STACK} is at {ELSEWHERE}." in wrong.text

    def test_the_role_restore_may_know_better_where_it_is(self, operator: Operator) -> None:
        operator.stack["database"] = {"name": "lottery"}
        assert "It restores n8n database config." in operator.run(SHOWN).text
        assert "It restores n8n config." in operator.run(SHOWN, restore_database_host=ELSEWHERE).text

    def test_a_rebuild_that_has_no_backup_of_it_says_so(self, operator: Operator) -> None:
        operator.stack["database"] = {"host": ELSEWHERE}
        chosen = {
            "chatbot.ops.recovery_journal": {
                "folder": str(operator.folder / "recoveries"),
                "stack": STACK,
                "action": "mark",
                "phase": "choose",
                "outcome": "done",
                "facts": {"point": {"backups": {"n8n": "a", "config": "b"}}},
            }
        }
        assert operator.run(chosen).exit_status == 0
        assert operator.run(SHOWN).exit_status == 0
        late = operator.run(SHOWN, rebuild_database_confirm=ELSEWHERE)
        assert late.exit_status != 0
        assert "cannot bring database: the set that it chose has none." in late.text
