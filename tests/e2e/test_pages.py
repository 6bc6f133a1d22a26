# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages as a browser shows them, on phones and desktops, by day and by night: no error, nothing that shuts people out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.fleet import FleetOptions, fleet
from ansible_collections.chatbot.ops.plugins.plugin_utils.render import render

from tests.support.chromium import look
from tests.support.sample_health import AT, sample_checks, write_report, write_sample

_SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
_SCHEMES = ("light", "dark")
_LANGUAGES = ("en", "es")
_STACKS = 1000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of a sample stack, ill, looked at once, and fine, and the pages of few and of very many stacks."""
    folder = tmp_path_factory.mktemp("pages")
    for language in _LANGUAGES:
        for stack, looks in (("ill", 40), ("first", 1)):
            write_sample(folder / language, language, stack=stack, looks=looks)
        write_report(folder / language, sample_checks(language, 2), stack="fine", language=language)
        _write_fleet(folder / language, language)
    for name, count in (("fifty", 50), ("many", _STACKS)):
        _write_many(folder / name, count)
    return folder


def _write_fleet(folder: Path, language: str) -> None:
    options = {"folder": str(folder), "stacks": [], "at": AT.isoformat(), "max_age": "26h", "formats": ["html"]}
    fleet(FleetOptions.from_params({**options, "language": language}), render, check_mode=False)


def _write_many(folder: Path, count: int) -> None:
    texts = []
    for stack, look_at in (("ill", 0), ("fine", 2)):
        write_report(folder, sample_checks("en", look_at), stack=stack, formats=["json"])
        path = folder / f"health-{stack}.json"
        texts.append(path.read_text("utf-8"))
        path.unlink()
    for number in range(count):
        text = texts[number % 10 > 0].replace('"ill"', f'"stack-{number}"').replace('"fine"', f'"stack-{number}"')
        (folder / f"health-stack-{number}.json").write_text(text, encoding="utf-8")
    _write_fleet(folder, "en")


def _wanted(folder: Path) -> Iterator[dict[str, Any]]:
    # Each language in each size and each scheme, and each size in each scheme.
    for language, swapped in zip(_LANGUAGES, (False, True), strict=True):
        for size, scheme in zip(_SIZES, reversed(_SCHEMES) if swapped else _SCHEMES, strict=True):
            yield _audited(folder / language / "health-ill.html", size, scheme)
    # The others are made of the same parts.
    for name in ("health-first", "health-fine", "fleet"):
        yield _audited(folder / "es" / f"{name}.html", "phone", "dark")
        yield _audited(folder / "en" / f"{name}.html", "desktop", "light")


def _audited(page: Path, size: str, scheme: str) -> dict[str, Any]:
    width, height = _SIZES[size]
    return {"page": page, "width": width, "height": height, "scheme": scheme, "audit": True, "open": True}


def test_no_page_has_an_error_or_shuts_anybody_out(folder: Path) -> None:
    wanted = list(_wanted(folder))
    found = look(wanted)
    for each, seen in zip(wanted, found, strict=True):
        told = {name: str(value) for name, value in each.items() if name in ("page", "width", "scheme")}
        assert seen["violations"] == [], told
        assert seen["said"] == [], told
        assert seen["overflow"] <= 0, told  # nothing has to be scrolled sideways
        assert seen["passes"] > 20, told
        assert seen["requests"] == 1, told  # the page itself


def test_the_keyboard_reaches_all_that_can_be_opened(folder: Path) -> None:
    page = folder / "en" / "health-ill.html"
    keys = ["Tab"] * 5 + ["Enter"]
    (seen,) = look([{"page": page, "width": 390, "height": 844, "scheme": "light", "press": keys}])
    names = [each["name"].split()[0] for each in seen["focused"]]
    assert names == ["a", "a", "a", "a", "summary", "summary"]
    assert all(each["outlined"] for each in seen["focused"])
    assert [each["open"] for each in seen["focused"]][-2:] == [False, True]


def test_the_page_of_many_stacks_is_filtered_by_the_keyboard_and_without_a_program(folder: Path) -> None:
    page = folder / "many" / "fleet.html"
    shown = {"page": page, "width": 1280, "height": 900, "scheme": "dark", "count": ".stacks > li"}
    # Two states have a figure that leads to its first stack; then come the filters.
    (seen,) = look([{**shown, "press": [*["Tab"] * 3, *["ArrowDown"] * 2]}])
    everything, bad, fine = seen["focused"][2:]
    assert [each["name"] for each in (everything, bad, fine)] == ["input all", "input critical", "input ok"]
    assert [each["shown"] for each in (everything, bad, fine)] == [_STACKS, 100, 900]
    assert "<script" not in page.read_text("utf-8")
    assert page.stat().st_size < 600_000  # which opens in a third of a second


def test_the_page_of_fifty_stacks_opens_within_a_second(folder: Path) -> None:
    shown = {"page": folder / "fifty" / "fleet.html", "width": 390, "height": 844, "scheme": "light"}
    # Of several: whatever else the machine does meanwhile is none of the page's time.
    painted = [seen["painted"] for seen in look([shown] * 4)]
    print("milliseconds until it stands:", painted)
    assert min(painted) < 1000
