# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both languages say the same, each in its own way."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import plain
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts import TEXTS
from ansible_collections.chatbot.ops.plugins.module_utils._report.words import Words, opening

EN, ES = Words("en"), Words("es")
NIGHT = datetime(2026, 11, 24, 0, 15, 42, tzinfo=timezone(timedelta(hours=1)))


def test_both_languages_have_the_same_texts_places_and_forms() -> None:
    assert TEXTS["en"].keys() == TEXTS["es"].keys()
    for key, text in TEXTS["en"].items():
        other = TEXTS["es"][key]
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", other)), key
        assert text.count("|") == other.count("|") <= 1, key


def test_every_text_is_used_somewhere() -> None:
    from tests.tools.link import CHECKOUT

    code = "".join(path.read_text("utf-8") for path in (CHECKOUT / "plugins/module_utils/_report").glob("[!t]*.py"))
    code += (CHECKOUT / "roles/rehearsal/templates/report.html.j2").read_text("utf-8")
    built = ("the_", "phase_", "headline_", "summary_", "stretch_", "mark_", "lost", "back", "rto_note", "rpo", "past_")
    unused = [key for key in TEXTS["en"] if not re.search(rf"\b{key}\b", code) and not key.startswith(built)]
    assert [key for key in unused if not re.fullmatch(r"(database|n8n)_(title|note)|(executions|files)", key)] == []


@pytest.mark.parametrize(
    ("value", "decimals", "english", "spanish"),
    [
        pytest.param(1234, 0, "1,234", "1234", id="four digits"),
        pytest.param(12345, 0, "12,345", "12 345", id="five digits"),
        pytest.param(-1234567, 0, "-1,234,567", "-1 234 567", id="negative"),
        pytest.param(0.5, 2, "0.50", "0,50", id="decimals"),
        pytest.param(12345.6, 1, "12,345.6", "12 345,6", id="both"),
    ],
)
def test_numbers(value: float, decimals: int, english: str, spanish: str) -> None:
    assert (EN.number(value, decimals), plain(ES.number(value, decimals))) == (english, spanish)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (63_847_469, "63.8 MB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert plain(EN.size(count)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.004, "< 0,01 s"),
        (0.34, "0,34 s"),
        (9.994, "9,99 s"),
        (9.996, "10,0 s"),
        (41, "41 s"),
        (59.94, "59,9 s"),
        (59.96, "1 min"),
        (192, "3 min 12 s"),
        (3599.6, "1 h"),
        (3900, "1 h 5 min"),
        (86_369, "23 h 59 min"),
        (86_371, "1 d"),
        (93_600, "1 d 2 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert plain(ES.duration(seconds)) == text


def test_times_are_utc_and_say_so() -> None:
    assert plain(EN.instant(NIGHT)) == "23 November 2026, 23:15:42 UTC"
    assert plain(ES.instant(NIGHT)) == "23 de noviembre de 2026, 23:15:42 UTC"


@pytest.mark.parametrize(
    ("items", "text"),
    [
        pytest.param([], "", id="none"),
        pytest.param(["a"], "a", id="one"),
        pytest.param(["a", "b", "c"], "a, b y c", id="several"),
        pytest.param(["n8n", "imágenes"], "n8n e imágenes", id="before i"),
        pytest.param(["n8n", "hielo"], "n8n y hielo", id="before hie"),
    ],
)
def test_enumerations(items: list[str], text: str) -> None:
    assert ES.listed(items) == text


def test_forms_for_one_and_many() -> None:
    assert [EN.count("rows", number) for number in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
    assert [ES.count("back_decrypt_some", number) for number in (1, 2)] == ["1 se descifra", "2 se descifran"]


def test_n8n_is_written_small_wherever_it_stands() -> None:
    assert [opening(text) for text in ("n8n and more", "the database")] == ["n8n and more", "The database"]
    assert ES.sources(["database", "n8n", "config"]) == "la base de datos, n8n y config"
