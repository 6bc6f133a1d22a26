# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A role's argument specification and its defaults are two views of one contract."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml

ROLES = sorted((pathlib.Path(__file__).parents[3] / "roles").iterdir())
SILHOUETTE = ["preflight", "install", "configure", "run", "verify"]
TYPES = {"str": str, "path": str, "bool": bool, "int": int, "float": float, "list": list, "dict": dict}


def load(path: pathlib.Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def is_template(value: Any) -> bool:
    return isinstance(value, str) and "{{" in value


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
class TestRole:
    def test_specified_defaults_are_the_defaults(self, role: pathlib.Path) -> None:
        defaults = load(role / "defaults/main.yml")
        for entry, spec in load(role / "meta/argument_specs.yml")["argument_specs"].items():
            claimed = {name: option["default"] for name, option in spec["options"].items() if "default" in option}
            assert claimed == defaults, entry

    def test_defaults_have_the_specified_type(self, role: pathlib.Path) -> None:
        for spec in load(role / "meta/argument_specs.yml")["argument_specs"].values():
            for name, option in spec["options"].items():
                if "default" in option and not is_template(option["default"]):
                    assert isinstance(option["default"], TYPES[option["type"]]), name

    def test_options_without_a_default_stand_in_the_manual_too(self, role: pathlib.Path) -> None:
        manual = (role / "defaults/main.yml").read_text(encoding="utf-8")
        for spec in load(role / "meta/argument_specs.yml")["argument_specs"].values():
            for name, option in spec["options"].items():
                assert "default" in option or f"\n# {name}: " in manual, name

    def test_each_entry_point_has_its_task_file(self, role: pathlib.Path) -> None:
        for entry in load(role / "meta/argument_specs.yml")["argument_specs"]:
            assert (role / f"tasks/{entry}.yml").is_file()

    def test_the_main_task_file_is_a_table_of_contents(self, role: pathlib.Path) -> None:
        text = (role / "tasks/main.yml").read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 60
        order = [name for name in SILHOUETTE if f"import_tasks: {name}.yml" in text]
        assert sorted(order, key=lambda name: text.index(f"import_tasks: {name}.yml")) == order

    def test_its_public_names_carry_its_own(self, role: pathlib.Path) -> None:
        assert all(name.startswith(f"{role.name}_") for name in load(role / "defaults/main.yml"))
