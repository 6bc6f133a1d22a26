# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs ansible-lint with less of the processor: ``python -m tests.tools.ansible_lint [ARGUMENT ...]``, arguments as its own.

It finds what it finds otherwise. Two things cost most of its time here:

- It copies each task once for each of its rules, down to the last word, and ansible-core has no cheap copy of a word. What
  cannot change is its own copy.
- It starts an ``ansible-playbook`` for the syntax of each playbook and each role. One looks at all of them; only if that
  finds something, each has its own, which tells where it is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from ansible.module_utils._internal import _datatag
from ansiblelint.__main__ import _run_cli_entrypoint
from ansiblelint.errors import MatchError
from ansiblelint.file_utils import Lintable
from ansiblelint.runner import Runner

# Words and numbers with what is known of them (the place in a file), and what is known.
_IMMUTABLE = (
    _datatag._AnsibleTaggedStr,
    _datatag._AnsibleTaggedInt,
    _datatag._AnsibleTaggedFloat,
    _datatag.AnsibleDatatagBase,
)
_each_alone = Runner._map_syntax_check_workers


def _itself(value: object, _memo: dict[int, object]) -> object:
    return value


def _at_once(
    runner: Runner, worker: Callable[[Lintable], list[MatchError]], files: list[Lintable]
) -> list[list[MatchError]]:
    return [] if _is_right(runner, files) else _each_alone(runner, worker, files)


def _is_right(runner: Runner, files: list[Lintable]) -> bool:
    """Whether the syntax of all ``files`` is right: playbooks and roles."""
    tasks = "".join(f"    - import_role: {{name: {each.path.absolute()}}}\n" for each in files if each.kind == "role")
    playbooks = [str(each.path) for each in files if each.kind == "playbook"]
    environment: dict[str, Any] = {**runner.app.runtime.environ, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False"}
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as roles:
        roles.write(f"- hosts: localhost\n  tasks:\n{tasks or '    []'}")
        roles.flush()
        command = ["ansible-playbook", "--syntax-check", *playbooks, roles.name]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    for each in _IMMUTABLE:
        each.__deepcopy__ = _itself
    setattr(Runner, "_map_syntax_check_workers", _at_once)  # noqa: B010 - mypy allows no other way
    sys.argv[0] = "ansible-lint"
    _run_cli_entrypoint()
