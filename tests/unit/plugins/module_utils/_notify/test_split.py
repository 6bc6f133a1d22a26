# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notice that is too long for one message of a chat."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._notify.split import MOST, messages
from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice

GAP = "\n\n"


def split(text: str, room: int = 50) -> list[str]:
    """Return what is sent, without the subjects, which must be there."""
    notice = Notice("[bot] x", text, more=lambda number: f"+{number}")
    sent = messages(notice, room, len)
    assert all(len(each) <= room for each in sent)
    heads, bodies = zip(*(each.split(GAP, 1) for each in sent), strict=True)
    numbers = [f" ({number}/{len(sent)})" for number in range(1, len(sent) + 1)] if len(sent) > 1 else [""]
    assert list(heads) == [f"[bot] x{each}" for each in numbers]
    return list(bodies)


def test_what_fits_is_one_message() -> None:
    assert split("a" * 41) == ["a" * 41]


def test_paragraphs_stay_whole_and_in_order() -> None:
    text = GAP.join(letter * 16 for letter in "abc")
    assert split(text) == [GAP.join(("a" * 16, "b" * 16)), "c" * 16]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (f"{'a' * 30}\n{'b' * 5} {'c' * 20}", ["a" * 30, f"{'b' * 5} {'c' * 20}"]),
        (f"{'a' * 5} {'b' * 20} {'c' * 20}", [f"{'a' * 5} {'b' * 20}", "c" * 20]),
        ("a" * 50, ["a" * 35, "a" * 15]),
    ],
    ids=["at a line", "at a word", "anywhere"],
)
def test_a_paragraph_that_is_too_long_is_cut(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(
    ("lengths", "last"),
    [([34] * 7, "+3"), ([30] * 4 + [10, 10, 30, 30], f"{'x' * 10}{GAP}{'x' * 10}{GAP}+2"), ([500], "+1")],
    ids=["no room for more", "room for some", "one paragraph alone"],
)
def test_the_last_of_too_many_tells_how_much_is_left_out(lengths: list[int], last: str) -> None:
    sent = split(GAP.join("x" * each for each in lengths))
    assert len(sent) == MOST
    assert sent[-1].endswith(last)
