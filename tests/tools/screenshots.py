# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the pictures of the documentation: ``python -m tests.tools.screenshots``.

All of the health page, whole, go into ``build/screenshots``; the upper parts of four are those of the documentation, and so
are the reports of a demo in each language, which is run for it, and two pages of the site that ``make site`` has built.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.tools.link import CHECKOUT, link_checkout
from tests.tools.site import SITE

_WHOLE = CHECKOUT / "build" / "screenshots"
_IMAGES = CHECKOUT / "docs" / "images"
_WIDTHS = {"phone": 390, "desktop": 1280}
# Name, language, width, theme, and how much of the page.
_SHOWN = (
    ("health.png", "en", "desktop", "light", 2500),
    ("health.es.png", "es", "desktop", "dark", 2500),
    ("health-phone.png", "en", "phone", "dark", 1500),
    ("health-phone.es.png", "es", "phone", "light", 1500),
)
# Name, and the page of the site.
_OF_THE_SITE = (
    ("site.png", "how-it-works/data-path.html"),
    ("site.es.png", "how-it-works.es/data-path.html"),
)
# Name, and the language of the demo.
_OF_THE_DEMO = (("rehearsal.png", "en"), ("rehearsal.es.png", "es"))
#: The largest picture that belongs into a repository, in bytes.
LARGEST = 300_000


def site_pictures() -> list[dict[str, Any]]:
    """Return what to look at of the site, and which pictures to take."""
    size = {"width": _WIDTHS["desktop"], "height": 900, "scheme": "light"}
    return [{"page": SITE / page, **size, "screenshot": _IMAGES / name} for name, page in _OF_THE_SITE]


def demo_pictures() -> list[dict[str, Any]]:
    """Run the demo in each language; return its reports to look at, and which pictures to take."""
    size = {"width": 1200, "height": 1700, "scheme": "light"}
    return [{"page": _report(language), **size, "screenshot": _IMAGES / name} for name, language in _OF_THE_DEMO]


def _report(language: str) -> Path:
    command = [sys.executable, "-m", "demo", f"--language={language}"]
    told = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True).stdout
    return CHECKOUT / told.splitlines()[-1].strip()


def main() -> int:
    """Take the pictures, and tell where they are."""
    sys.path.append(str(link_checkout()))
    from tests.support.chromium import look
    from tests.support.sample_health import STACK, write_sample

    _WHOLE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pages = {language: Path(folder) / language / f"health-{STACK}.html" for language in ("en", "es")}
        for language, page in pages.items():
            write_sample(page.parent, language)
        wanted: list[dict[str, Any]] = [
            {
                "page": page,
                "width": pixels,
                "height": 900,
                "scheme": scheme,
                "screenshot": _WHOLE / f"health-{language}-{width}-{scheme}.png",
                "full": True,
            }
            for language, page in pages.items()
            for width, pixels in _WIDTHS.items()
            for scheme in ("light", "dark")
        ]
        wanted += [
            {
                "page": pages[language],
                "width": _WIDTHS[width],
                "height": height,
                "scheme": scheme,
                "screenshot": _IMAGES / name,
            }
            for name, language, width, scheme, height in _SHOWN
        ]
        wanted += [*site_pictures(), *demo_pictures()]
        said = [each for seen in look(wanted) for each in seen["said"]]
    for each in wanted:
        print(each["screenshot"])
    large = [
        name for name, *_others in (*_SHOWN, *_OF_THE_SITE, *_OF_THE_DEMO) if (_IMAGES / name).stat().st_size > LARGEST
    ]
    for problem in [*said, *(f"{name} is larger than {LARGEST} bytes" for name in large)]:
        print(problem, file=sys.stderr)
    return 1 if said or large else 0


if __name__ == "__main__":
    sys.exit(main())
