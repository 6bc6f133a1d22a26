# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test is given to look at."""

from __future__ import annotations

import pytest

from tests.tools.checkout import list_files
from tests.tools.sanity import is_run_by_users


@pytest.mark.parametrize("path", ["plugins/modules/pg_dump.py", "demo/__main__.py", "conftest.py", "tests/config.yml"])
def test_what_users_run_and_what_ansible_test_reads_is(path: str) -> None:
    assert path in list_files()
    assert is_run_by_users(path)


def test_the_code_of_the_tests_is_not() -> None:
    assert not is_run_by_users("tests/tools/test_sanity.py")
