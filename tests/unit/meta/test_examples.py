# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each example in a plugin's documentation is one that Ansible and the module itself would take.

``tests/integration/test_examples.py`` runs those that a machine without Docker can run.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.testing import patch_module_args

from tests.support.examples import Example, examples_text, mapped, module_examples

ROOT = Path(__file__).parents[3]
PLUGINS = "ansible_collections.chatbot.ops.plugins"
EXAMPLES = module_examples()
OURS = [example for example in EXAMPLES if example.module is not None]
# What the expressions in the examples amount to; any other is a text.
VALUES = {
    "{{ groups['chatbot_stacks'] | map('extract', hostvars, ['chatbot_stack', 'name']) | list }}": ["lottery-chatbot"],
    "{{ log_review_result.checks }}": [],
    "{{ chatbot_stack.contacts }}": [],
}


class AcceptedError(Exception):
    """The module has taken its arguments."""


def filled_in(value: Any) -> Any:
    # The options of a module come from Ansible as text where YAML has a time.
    if not isinstance(value, (str, int, float, bool, type(None))):
        return value.isoformat()
    return VALUES.get(value, "x") if isinstance(value, str) and "{{" in value else value


def refusal(example: Example, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str | None:
    """Return why the module would not take the options of ``example``; None if it does."""
    options = mapped(example.options, filled_in)
    action = ROOT / "plugins" / "action" / f"{example.module}.py"
    if action.exists() and hasattr(door := importlib.import_module(f"{PLUGINS}.action.{example.module}"), "ARGUMENTS"):
        messages = ArgumentSpecValidator(door.ARGUMENTS).validate(options).error_messages
        return "; ".join(messages) or None
    take = AnsibleModule.__init__

    def take_and_stop(self: AnsibleModule, *arguments: Any, **settings: Any) -> None:
        take(self, *arguments, **settings)
        raise AcceptedError

    monkeypatch.setattr(AnsibleModule, "__init__", take_and_stop)
    try:
        with patch_module_args(options):
            importlib.import_module(f"{PLUGINS}.modules.{example.module}").main()
    except AcceptedError:
        return None
    except SystemExit:
        return str(json.loads(capsys.readouterr().out)["msg"])
    raise AssertionError("the module looked at no arguments")


@pytest.mark.parametrize("example", OURS, ids=lambda example: f"{example.of}: {example.name}")
def test_its_module_takes_its_options(
    example: Example, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(example, monkeypatch, capsys) is None


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("pg_dump", {"stack": "x"}),
        ("pg_dump", {"stack": "x", "repository": {"path": "/x"}, "dbnam": "lottery"}),
        ("pg_dump", {"stack": "x", "repository": {"pth": "/x"}}),
        ("backup_verify", {"stack": "x", "repository": {"path": "/x"}, "level": "deep"}),
        ("recovery_journal", {"folder": "x", "stack": "x"}),
        ("health_report", {"stack": "x", "folder": "x", "checks": [], "langage": "es"}),
    ],
    ids=[
        "a missing one",
        "an unknown one",
        "an unknown one deeper",
        "no choice",
        "a missing one of an action",
        "of an action",
    ],
)
def test_options_that_a_module_does_not_take_are_found(
    module: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = Example(module, {"name": "x", f"chatbot.ops.{module}": options})
    assert refusal(example, monkeypatch, capsys) is not None


def test_every_module_has_an_example_of_itself() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {example.of for example in OURS if example.of == example.module} == modules


def test_ansible_takes_all_of_them_as_tasks(tmp_path: Path) -> None:
    playbook = tmp_path / "examples.yml"
    tasks = [mapped(example.task, filled_in) for example in EXAMPLES]
    playbook.write_text(json.dumps([{"name": "Examples", "hosts": "all", "tasks": tasks}]), encoding="utf-8")
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    done = subprocess.run(
        [program, "--syntax-check", "-i", "localhost,", str(playbook)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


OTHERS = sorted(
    [*(ROOT / "plugins").glob("filter/*.yml"), *(ROOT / "plugins").glob("lookup/*.py")], key=lambda path: path.stem
)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_the_example_of_another_plugin_uses_it(path: Path) -> None:
    text = examples_text(path)
    assert yaml.safe_load(text)
    assert f"chatbot.ops.{path.stem}" in text
