# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the health pages can be told apart by all who see: WCAG 2.2's AA, in drawings too, which axe passes over."""

from __future__ import annotations

import re

import pytest

from tests.tools.link import CHECKOUT

BASE = CHECKOUT / "roles" / "rehearsal" / "templates" / "base.css"
OURS = CHECKOUT / "plugins" / "plugin_utils" / "pages" / "health.css"
STATES = ("critical", "unknown", "warning", "ok")
#: Text and what it stands on.
TEXTS = [
    *((each, ground) for each in ("ink", "soft", *STATES) for ground in ("paper", "wash")),
    ("hero-soft", "hero"),
]
#: Lines and surfaces that mean something.
SHAPES = [("band", "paper"), ("lost", "paper"), *((each, "paper") for each in STATES)]


def colours(scheme: str, body: str) -> dict[str, str]:
    """Return the variables of the style sheets in a scheme of colours, for a page whose body has the class ``body``."""
    found: dict[str, str] = {}
    for path in (BASE, OURS):
        sheet = re.sub(r"@media print \{.*", "", path.read_text("utf-8"), flags=re.DOTALL)
        dark = re.findall(r"@media \(prefers-color-scheme: dark\) \{(.*?\})\s*\}", sheet, flags=re.DOTALL)
        assert len(dark) == 1
        light = sheet.replace(dark[0], "")
        for part in [light, *(dark if scheme == "dark" else [])]:
            for selector, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", part):
                if selector.strip() in (":root", f".{body}"):
                    found.update(re.findall(r"--([\w-]+):\s*([^;]+?)\s*(?:;|$)", rules.strip()))
    return found


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def value(found: dict[str, str], name: str) -> str:
    text = found[name]
    return value(found, text[len("var(--") : -1]) if text.startswith("var(") else text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("body", ["proven", "flawed", "failed"])
def test_texts_and_shapes_stand_out_from_their_ground(scheme: str, body: str) -> None:
    found = colours(scheme, body)
    weak = [pair for pair in TEXTS if contrast(*(value(found, each) for each in pair)) < 4.5]
    weak += [pair for pair in SHAPES if contrast(*(value(found, each) for each in pair)) < 3]
    assert weak == []
    assert contrast("#ffffff", value(found, "hero")) >= 4.5


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
