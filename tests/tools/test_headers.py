# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each file says under which licence it is, by itself or by REUSE.toml, which speaks for no code."""

from __future__ import annotations

import pytest

from tests.tools.headers import _matches, spoken_for, with_licence, without_licence

HEAD = """\
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


def test_every_file_says_its_licence() -> None:
    assert without_licence() == [], "make format puts it there"


@pytest.mark.parametrize(
    "path", ["plugins/modules/x.py", "roles/x/tasks/main.yml", "playbooks/x.yml", "tests/tools/x.sh"]
)
def test_code_has_to_say_so_itself(path: str) -> None:
    assert not _matches(path, spoken_for())


def test_what_is_spoken_for_is_there() -> None:
    assert _matches("docs/a/b.md", spoken_for())
    assert _matches("changelogs/fragments/x.yml", spoken_for())


@pytest.mark.parametrize(
    ("text", "suffix", "made"),
    [
        ("---\n- hosts: all\n", ".yml", f"---\n{HEAD}- hosts: all\n"),
        ("---\n# Why.\nx: 1\n", ".yml", f"---\n{HEAD}\n# Why.\nx: 1\n"),
        ("#!/bin/sh\n# Why.\n", ".sh", f"#!/bin/sh\n{HEAD}#\n# Why.\n"),
        ("x = 1\n", ".toml", f"{HEAD}x = 1\n"),
        ("", ".py", HEAD),
        ("SELECT 1;\n", ".sql", HEAD.replace("#", "--") + "SELECT 1;\n"),
    ],
    ids=["yaml", "yaml with a comment", "a script", "settings", "empty", "sql"],
)
def test_it_stands_at_the_head_and_what_has_to_be_first_stays_first(text: str, suffix: str, made: str) -> None:
    assert with_licence(text, suffix) == made


def test_a_file_whose_comments_nobody_knows_is_left_alone() -> None:
    with pytest.raises(KeyError):
        with_licence("<svg/>\n", ".svg")
