# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint with less of the processor finds what it finds otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
_TASKS = {"unknown": "no.such.module: {}", "shell": "ansible.builtin.shell: ls", "right": "ansible.builtin.ping:"}


def test_what_is_wrong_is_found_and_nothing_else(tmp_path: Path) -> None:
    paths = {name: tmp_path / f"{name}.yml" for name in _TASKS}
    for name, task in _TASKS.items():
        text = f"---\n- name: Play\n  hosts: all\n  tasks:\n    - name: Do it\n      {task}\n"
        paths[name].write_text(text, encoding="utf-8")
    role = tmp_path / "roles" / "role" / "tasks" / "main.yml"
    role.parent.mkdir(parents=True)
    role.write_text(f"---\n- name: Do it\n  {_TASKS['unknown']}\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.tools.ansible_lint", "--offline", "--nocolor", "--profile=production"]
    command += ["--format=pep8", f"--project-dir={tmp_path}", *map(str, [*paths.values(), role.parents[1]])]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    found = {tuple(line.split(" ")[:2]) for line in done.stdout.splitlines()}
    assert {(Path(path.split(":")[0]).name, rule) for path, rule in found} == {
        ("unknown.yml", "syntax-check[unknown-module]:"),
        ("main.yml", "syntax-check[unknown-module]:"),
        ("shell.yml", "command-instead-of-shell:"),
        ("shell.yml", "no-changed-when:"),
    }
