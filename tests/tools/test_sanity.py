# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Pythons ansible-test is run on."""

from __future__ import annotations

from pathlib import Path

from tests.tools.sanity import outermost


def test_the_newest_and_the_oldest_stand_for_those_between() -> None:
    newest, middle, oldest = (Path(f"/usr/bin/python3.{minor}") for minor in (13, 11, 9))
    assert outermost([newest, middle, oldest]) == [newest, oldest]
    assert outermost([newest]) == [newest]
    assert outermost([]) == []
