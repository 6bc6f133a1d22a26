# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that jumps, by the library libfaketime, for the modules of one zygote and the programs that they run."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.zygote import Zygote

# Debian's own refuses to let Python sleep where the monotonic clock is to stay true.
_WITHIN_PACKAGE = "vendor/libfaketime/src/libfaketime.so.1"


def library() -> Path | None:
    """Return the library, if this environment has it."""
    package = importlib.util.find_spec("libfaketime")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / _WITHIN_PACKAGE
    return path if path.exists() else None


class Clock:
    """The time of day as some processes see it; how long something takes stays true. Use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "clock"

    def __enter__(self) -> Clock:
        self.jump(0.0)
        return self

    def __exit__(self, *_details: object) -> None:
        self._offset.unlink()

    def jump(self, seconds: float) -> None:
        """Set it so many seconds ahead of the true time, or behind it."""
        beside = self._offset.with_suffix(".new")
        beside.write_text(f"{seconds:+.0f}\n", encoding="ascii")
        beside.replace(self._offset)

    @contextmanager
    def zygote(self, *modules: str) -> Iterator[Zygote]:
        """Run modules by this clock."""
        found = library()
        assert found is not None, "libfaketime is missing"
        environment = {
            "LD_PRELOAD": str(found),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        with Zygote(*modules, environment=environment) as zygote:
            yield zygote
