# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role rebuild, as far as one machine shows it: what it is about to do, and where it refuses to go on."""

from __future__ import annotations

import json
import os
import re
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

        self.others: dict[str, Any] = {}
        self.mark = folder / "server/rebuild/mark"
        self._programs = folder / "programs"
        self._programs.mkdir()
        # Whoever runs the tests may be root or not; what is done as root is done as whoever that is.
        self._program("sudo", 'while [ "$1" != /bin/sh ]; do shift; done; exec "$@"')

    def _program(self, name: str, script: str) -> None:
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def docker(self, *, containers: str = "", volumes: str = "", status: int = 0) -> None:
        """Gives the server an engine that lists these rows, or does not answer."""
        self._program(
            "docker",
            f"""label='{{{{.Label "com.docker.compose.project"}}}}'
            case "$*" in
                "ps --all --format container {{{{.Names}}}} $label") printf '{containers}';;
                "volume ls --format volume {{{{.Name}}}} $label") printf '{volumes}';;
                *) echo "not asked so: $*" >&2; exit 3;;
            esac
            [ {status} = 0 ] || echo 'Cannot connect to the Docker daemon' >&2
            exit {status}""",
        )

    def marked(self, phase: str, **facts: Any) -> None:
        """Has the journal tell that a phase is done."""
        mark = {"action": "mark", "phase": phase, "outcome": "done", "facts": facts}
        where = {"folder": str(self.folder / "recoveries"), "stack": STACK}
        assert self.run({"chatbot.ops.recovery_journal": {**where, **mark}}).exit_status == 0

    def look(self, **variables: Any) -> RolePlay:
        """Looks whether the new server is the right one."""
        look = {"name": "chatbot.ops.rebuild", "tasks_from": "look"}
        return self.run({"ansible.builtin.include_role": look, "vars": {"__rebuild_looked_at": "vps-2"}}, **variables)

    def run(self, *tasks: dict[str, Any], **variables: Any) -> RolePlay:
        """Checks the inputs, and then does ``tasks``; ``variables`` are typed by the operator."""
        given = {
            "rebuild_confirm": STACK,
            "rebuild_folder": str(self.folder / "recoveries"),
            "ansible_become_exe": str(self._programs / "sudo"),
            "__rebuild_mark": str(self.mark),
            **variables,
        }
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
        hosts = {"all": {"hosts": {"vps-1": {"ansible_host": "192.0.2.7"}, **self.others}, "vars": here}}
        # A server that is named is prepared meanwhile, and that would be this machine.
        words = ["--check"] if "rebuild_replacement" in variables else []
        return play(self.folder, hosts, plays, *words, "--extra-vars", json.dumps(given))


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}{os.pathsep}{os.environ['PATH']}")
    return Operator(tmp_path)


class TestTheDatabase:
    """One that is not on the lost server lives on."""

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
        local = operator.run(SHOWN)
        assert "It restores n8n database config." in local.text
        assert "left as it is" not in local.text
        assert "It restores n8n config." in operator.run(SHOWN, restore_database_host=ELSEWHERE).text

    def test_a_rebuild_that_has_no_backup_of_it_says_so(self, operator: Operator) -> None:
        operator.stack["database"] = {"host": ELSEWHERE}
        operator.marked("choose", point={"backups": {"n8n": "a", "config": "b"}})
        assert operator.run(SHOWN).exit_status == 0
        late = operator.run(SHOWN, rebuild_database_confirm=ELSEWHERE)
        assert late.exit_status != 0
        assert "cannot bring database: the set that it chose has none." in late.text


class TestItsName:
    """A server that is made has the same one for each run of a rebuild, and no other rebuild has it."""

    NAME = re.compile(rf"It is {STACK}-[0-9]{{8}}-[0-9a-f]{{4}}\.")

    def _named(self, operator: Operator, **variables: Any) -> str:
        done = operator.run({"ansible.builtin.debug": {"msg": "It is {{ __rebuild_server_name }}."}}, **variables)
        found = self.NAME.search(done.text)
        assert found is not None, done.output
        return found.group()

    def test_it_is_that_of_the_rebuild(self, operator: Operator) -> None:
        first = self._named(operator)
        assert self._named(operator) == first
        assert self._named(operator, rebuild_fresh=True) != first


class TestTheServer:
    """Data is restored only where nothing of the stack was when the rebuild came there, and nowhere else later on."""

    def test_an_empty_one_is_marked_and_looked_at_no_more(self, operator: Operator) -> None:
        operator.docker(containers="container web-1 other\\n", volumes="volume other_n8n_data other\\nvolume 5f0e \\n")
        first = operator.look()
        assert first.exit_status == 0, first.output
        assert "-rebuild-" in operator.mark.read_text("utf-8")
        operator.docker(containers=f"container {STACK}-n8n-1 {STACK}\\n")
        assert operator.look().exit_status == 0, "what is there now, the rebuild has made"

    def test_one_that_has_something_of_the_stack_is_refused(self, operator: Operator) -> None:
        operator.docker(
            containers=f"container n8n {STACK}\\ncontainer web other\\n",
            # One that a `down` left, n8n's by its name, though another stack's, and by its whole name.
            volumes=f"volume data {STACK}\\nvolume n8n_data other\\nvolume {STACK}_n8n_data \\nvolume n8n_data2 \\n",
        )
        refused = operator.look()
        assert refused.exit_status != 0
        told = f"container n8n, volume data, volume n8n_data, volume {STACK}_n8n_data"
        assert f"vps-2 already has what {STACK} is made of ({told}):" in refused.text
        assert not operator.mark.exists()

    def test_one_whose_engine_does_not_answer_is_refused(self, operator: Operator) -> None:
        operator.docker(status=1)
        refused = operator.look()
        assert refused.exit_status != 0
        assert f"does not tell whether {STACK} is there already: Cannot connect to the Docker daemon" in refused.text
        assert not operator.mark.exists()

    def test_what_was_done_on_one_is_not_done_on_another(self, operator: Operator) -> None:
        operator.docker()
        assert operator.look().exit_status == 0
        operator.marked("choose", point={"backups": dict.fromkeys(operator.stack["sources"], "an id")})
        operator.marked("deploy", server={"ansible_host": "192.0.2.8"})
        assert operator.look().exit_status == 0
        operator.mark.unlink()
        other = operator.look()
        assert other.exit_status != 0
        assert "vps-2 is not the server that this rebuild began on" in other.text
        assert "What is done already (deploy) was done at 192.0.2.8." in other.text
        assert operator.look(rebuild_fresh=True).exit_status == 0

    @pytest.mark.parametrize(("port", "refused"), [(22, True), (2222, False)])
    def test_the_old_one_under_another_name_is_refused(self, operator: Operator, port: int, refused: bool) -> None:
        operator.docker()
        operator.others["vps-2"] = {"ansible_host": "192.0.2.7", "ansible_port": port}
        done = operator.run(rebuild_replacement="vps-2")
        assert (done.exit_status != 0) == refused, done.output
        assert ("The new server vps-2 has the address of the old one, 192.0.2.7:" in done.text) == refused


class TestTheNames:
    """They point to the new server in the end, unless an address is given for them."""

    def test_the_address_of_the_lost_server_in_the_inventory_is_not_taken(self, operator: Operator) -> None:
        operator.stack["address"] = "192.0.2.7"
        told = {"ansible.builtin.debug": {"msg": "They point to [{{ rebuild_address }}]."}}
        assert "They point to []." in operator.run(told).text
