# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's metadata names all that there is."""

from __future__ import annotations

import pathlib

import yaml

ROOT = pathlib.Path(__file__).parents[3]


def test_the_action_group_holds_every_module_that_takes_a_stack_and_a_repository() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    paths = (ROOT / "plugins/modules").glob("*.py")
    modules = sorted(path.stem for path in paths if "- chatbot.ops.repository\n" in path.read_text(encoding="utf-8"))
    assert sorted(runtime["action_groups"]["all"]) == modules
