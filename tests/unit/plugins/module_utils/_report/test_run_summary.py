# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a run over many hosts names those that want somebody, and no other."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._report.run_summary import Trouble, summary


def test_all_are_well() -> None:
    assert summary(["a", "b"], [], [], {"a": Trouble("x", "rescued")}) == ["FLEET: all 2 hosts are well."]


def test_those_that_are_not() -> None:
    troubles = {"b": Trouble("Back up", "no\n  space"), "c": Trouble("Gather", "x" * 400)}
    lines = summary(["a", "b", "c", "d"], {"b", "d"}, {"c"}, troubles)
    assert lines[:2] == ["FLEET: 1 of 4 hosts are well; these are not:", "  b: failed, Back up: no space"]
    assert lines[2] == f"  c: unreachable, Gather: {'x' * 300} ..."
    assert lines[3] == "  d: failed"
