# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that the modules' documentation gives as examples."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.link import CHECKOUT

_PREFIX = "chatbot.ops."


@dataclass(frozen=True)
class Example:
    """One task of a module's EXAMPLES."""

    of: str
    """The module whose documentation it stands in."""
    task: dict[str, Any]

    @property
    def name(self) -> str:
        """What it says that it does."""
        return str(self.task["name"])

    @property
    def module(self) -> str | None:
        """The module of this collection that it runs, by its short name; None for Ansible's own."""
        return next((key.removeprefix(_PREFIX) for key in self.task if key.startswith(_PREFIX)), None)

    @property
    def options(self) -> dict[str, Any]:
        """What that module is given."""
        return self.task[f"{_PREFIX}{self.module}"] or {}


def examples_text(path: Path) -> str:
    """Return the EXAMPLES of the Python or YAML file of a plugin.

    :raises LookupError: if it has none.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yml":
        return str(yaml.safe_load(text)["EXAMPLES"])
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "EXAMPLES":
            return str(ast.literal_eval(node.value))
    raise LookupError(f"{path.name} has no EXAMPLES")


def module_examples() -> list[Example]:
    """Return the examples of all modules, in the order of their names."""
    paths = sorted((CHECKOUT / "plugins" / "modules").glob("*.py"))
    return [Example(path.stem, task) for path in paths for task in yaml.safe_load(examples_text(path))]


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return ``value`` with ``change`` applied to each leaf of its lists and dictionaries."""
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [mapped(each, change) for each in value]
    return change(value)
