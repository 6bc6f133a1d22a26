# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix itself: every fault is told in both languages, the short form leaves no row and no fault out."""

from __future__ import annotations

import pytest

from tests.chaos.matrix import FAULTS, cells, short
from tests.chaos.texts import ENGLISH, SPANISH, Words


@pytest.mark.parametrize("words", [ENGLISH, SPANISH], ids=["English", "Spanish"])
def test_every_fault_and_every_reason_is_told(words: Words) -> None:
    assert list(words.faults) == [each.name for each in FAULTS]
    assert set(words.reasons) == {each.left_out for each in cells()} - {None}


@pytest.mark.parametrize("seed", range(20))
def test_the_short_form_has_every_row_and_every_fault(seed: int) -> None:
    chosen = short(seed)
    assert {each.fault.name for each in chosen} == {each.name for each in FAULTS}
    assert {each.row for each in chosen} == {each.row for each in cells()}
    assert all(each.left_out is None for each in chosen)
    assert len(set(chosen)) == len(chosen) <= 40


def test_a_seed_tells_what_strikes_when() -> None:
    one, other = list(cells())[:2]
    assert one.rng(7).random() == one.rng(7).random()
    assert one.rng(7).random() != one.rng(8).random()
    assert one.rng(7).random() != other.rng(7).random()
