# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role has a README that says what its argument_specs say, with an example that the role would take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from tests.tools.role_pages import README, example, page, roles, specs

ROLES = roles()
PREFIX = "chatbot.ops."
# What the command line has to give, since somebody is to type it.
TYPED = {"rebuild_confirm", "restore_confirm"}


def uses(role: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each role that the example of ``role`` applies, with its entry point and the variables that it is given."""
    for play in yaml.safe_load(example(role)):
        for each in play.get("roles", []):
            yield each["role"].removeprefix(PREFIX), "main", each.get("vars", {})
        for task in play.get("tasks", []):
            applied = task["ansible.builtin.include_role"]
            yield applied["name"].removeprefix(PREFIX), applied.get("tasks_from", "main"), task.get("vars", {})


def problems(name: str, entry: str, given: dict[str, Any]) -> list[str]:
    """Return what the role ``name`` would say of ``given`` at its entry point ``entry``."""
    (role,) = [each for each in ROLES if each.name == name]
    options = specs(role)[entry]["options"]
    # A template is anything.
    given = {key: value for key, value in given.items() if not (isinstance(value, str) and "{{" in value)}
    spec = {
        key: {k: v for k, v in option.items() if k in ("type", "elements", "choices", "options")}
        | {"required": bool(option.get("required")) and key not in TYPED}
        for key, option in options.items()
    }
    return list(ArgumentSpecValidator(spec).validate(given).error_messages)


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_its_readme_says_what_its_argument_specs_say(role: Path) -> None:
    found = (role / README).read_text(encoding="utf-8")
    assert found == page(role, example(role)), "make format writes it anew"


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_its_example_gives_it_what_it_takes(role: Path) -> None:
    applied = list(uses(role))
    assert role.name in {name for name, _entry, _given in applied}
    for name, entry, given in applied:
        assert problems(name, entry, given) == []


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("backup", {"backup_max_aeg": "12h"}),
        ("backup", {"backup_compression_level": "much"}),
        ("heartbeat", {"heartbeat_job": "backup"}),
    ],
    ids=["unknown", "of another type", "missing"],
)
def test_an_example_that_a_role_would_not_take_is_found(name: str, given: dict[str, Any]) -> None:
    assert problems(name, "main", given)


def test_ansible_takes_all_of_them_as_playbooks(tmp_path: Path) -> None:
    playbook = tmp_path / "examples.yml"
    plays = [play for role in ROLES for play in yaml.safe_load(example(role))]
    playbook.write_text(yaml.safe_dump(plays, sort_keys=False), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run(
        [program, "--syntax-check", "-i", "localhost,", str(playbook)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
