# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hours as people write them."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._notify.hours import ALWAYS, read_hours, read_time

MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = 23, 24, 25, 27, 28, 29


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute)


@pytest.mark.parametrize("text", ["", "siempre", "Always", "24 h", "24/7", "24 Horas"])
def test_always(text: str) -> None:
    assert read_hours(text) == ALWAYS
    assert read_hours(text).holds(at(SUNDAY, 3))


@pytest.mark.parametrize(
    ("text", "within", "without"),
    [
        ("L-V 9-18", [at(MONDAY, 9), at(FRIDAY, 17, 59)], [at(FRIDAY, 18), at(MONDAY, 8, 59), at(SATURDAY, 12)]),
        ("Mon-Fri 9:00-18:00; Sat 9-13", [at(SATURDAY, 12)], [at(SATURDAY, 13), at(SUNDAY, 12)]),
        ("lunes a viernes 9 a 18 h, sábado 10-12", [at(SATURDAY, 11), at(MONDAY, 9)], [at(SUNDAY, 11)]),
        ("M 9-18", [at(TUESDAY, 9)], [at(MONDAY, 9), at(WEDNESDAY, 9)]),
        ("S-D 0-24", [at(SATURDAY, 0), at(SUNDAY, 23, 59)], [at(MONDAY, 0), at(FRIDAY, 23, 59)]),
        ("V-L 8-9", [at(SUNDAY, 8), at(MONDAY, 8)], [at(TUESDAY, 8)]),
        ("22:00-07:00", [at(MONDAY, 22), at(MONDAY, 6, 59), at(MONDAY, 0)], [at(MONDAY, 7), at(MONDAY, 21, 59)]),
        ("V 22-7", [at(FRIDAY, 23), at(SATURDAY, 6)], [at(FRIDAY, 6), at(SATURDAY, 23)]),
        ("9\u201318", [at(SUNDAY, 9)], [at(SUNDAY, 18)]),
    ],
)
def test_spans(text: str, within: list[datetime], without: list[datetime]) -> None:
    hours = read_hours(text)
    assert [each for each in within if not hours.holds(each)] == []
    assert [each for each in without if hours.holds(each)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("in the morning", "no hours"),
        ("X y V 9-18", "'x' are no hours"),
        ("9-25", "no time of day"),
        ("9:75-10", "no time of day"),
        ("Foo-V 9-18", "'foo' is no day"),
    ],
)
def test_what_cannot_be_read(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_hours(text)


def test_a_time_of_day() -> None:
    assert (read_time("8"), read_time("08:30"), read_time(" 24:00")) == (time(8), time(8, 30), time(0))
    with pytest.raises(ValueError, match="no time of day"):
        read_time("noon")
