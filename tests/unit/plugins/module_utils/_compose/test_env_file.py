# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Docker Compose reads from a project's .env."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.env_file import env_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "'plain'"),
        ('pa$$w"o rd#', "'pa$$w\"o rd#'"),
        ("it's $x", '"it\'s \\$x"'),
        ("back\\slash", '"back\\\\slash"'),
        ("two\nlines", '"two\\nlines"'),
        (5432, "'5432'"),
        (True, "'true'"),
        (None, "''"),
    ],
    ids=str,
)
def test_a_value_is_quoted(value: Any, written: str) -> None:
    assert env_file({"A": value}) == f"A={written}\n"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(RefusedError, match="no name of an environment variable"):
        env_file({"A B": "x"})


def test_a_list_is_refused() -> None:
    with pytest.raises(RefusedError, match="The value of A is a list"):
        env_file({"A": ["x"]})
