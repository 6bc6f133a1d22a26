# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long transfer is, told in a small file that whoever waits for it reads.

A module has no way to say anything before its end. So it keeps a file up to date whose name the environment gives (the
collection's action plugins choose it, see :mod:`ansible_collections.chatbot.ops.plugins.plugin_utils.progress`). Numbers
and the name of a payload stand there, never anything of its content. Without that variable nothing is written, and
nothing that goes wrong with the file disturbs the transfer.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import time
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Tap

VARIABLE = "CHATBOT_OPS_PROGRESS_FILE"
_EVERY = 1.0  # seconds between two writes


class Meter(Tap):
    """A tap that tells how much went by: ``what``, of ``total`` bytes if that is known."""

    def __init__(self, what: str, total: int | None = None) -> None:
        super().__init__()
        self._what, self._total = what, total
        self._path = os.environ.get(VARIABLE, "")
        self._begun = self._written = time.monotonic()
        self._noted = False

    def see(self, chunk: bytes) -> None:
        """Take ``chunk`` into account."""
        super().see(chunk)
        if self._path and time.monotonic() - self._written >= _EVERY:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        seconds = self._written - self._begun
        document = {"what": self._what, "bytes": self.size, "total": self._total, "seconds": round(seconds, 1)}
        making = f"{self._path}.making"
        with contextlib.suppress(OSError):
            # Others than its owner read it, too: it is root's, and whoever looks may be the login alone.
            descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
            with open(descriptor, "w", encoding="utf-8") as stream:
                os.fchmod(descriptor, 0o644)
                json.dump(document, stream)
            os.replace(making, self._path)
            if not self._noted:
                self._noted = True
                atexit.register(_remove, self._path)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


@dataclass(frozen=True)
class Progress:
    """How far a transfer is, after so many seconds."""

    what: str
    size: int
    total: int | None
    seconds: float


def progress_from(text: str) -> Progress | None:
    """Return the progress that :class:`Meter` wrote, or None if ``text`` is none such."""
    try:
        document: Any = json.loads(text)
        total = document["total"]
        return Progress(
            str(document["what"]),
            int(document["bytes"]),
            None if total is None else int(total),
            float(document["seconds"]),
        )
    except (ValueError, TypeError, KeyError):
        return None


def said(progress: Progress) -> str:
    """Return ``progress`` as a line: bytes, rate, and what is left where the total is known."""
    rate = progress.size / progress.seconds if progress.seconds > 0 else 0.0
    text = f"{progress.what}: {_size(progress.size)}"
    if progress.total:
        text += f" of {_size(progress.total)} ({100 * progress.size // progress.total} %)"
    text += f", {_size(rate)}/s"
    if progress.total and rate > 0:
        text += f", {_time((progress.total - progress.size) / rate)} left"
    return text


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _time(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
