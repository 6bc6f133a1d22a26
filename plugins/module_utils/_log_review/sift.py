# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few lines of a large log that may tell of trouble: found by GNU grep, before anything of ours looks at them.

grep goes through a log several times faster than Python can take it apart, and beside it, on another core.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.lines import read_line
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import Tally, time_key

# A line that has none of them is neither an error nor a warning. Whatever the case; in a log of json-file, quotes have
# a backslash.
_WORDS = (
    *("error", "warn", "fatal", "fail", "exception", "panic", "crit", "alert", "emerg", "severe", '"err', '\\"err'),
    *("unhandled", "uncaught", "refused", "denied", "stderr"),
    *(f"{quote}:{blank}{digit}" for quote in ('level"', 'level\\"') for blank in ("", " ") for digit in (4, 5, 6)),
    *('" 4', '" 5'),
)


@dataclass(frozen=True)
class Line:
    """A line of a log: its time as Docker writes it, its text, and whether it went to the standard error."""

    time: str
    text: str
    stderr: bool


def read_json_file(raw: bytes) -> Line | None:
    """Return the line that an entry of a log of the driver json-file holds; None if it is none."""
    try:
        entry = json.loads(raw)
        return Line(entry["time"], entry["log"].rstrip("\n"), entry.get("stream") == "stderr")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # the engine was killed while it wrote, or is writing it right now


def read_output(raw: bytes, *, stderr: bool) -> Line | None:
    """Return the line that ``docker logs --timestamps`` writes; None if it is none."""
    time, _blank, text = raw.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
    return Line(time, text, stderr) if time.endswith("Z") and time[:4].isdigit() else None


def count(lines: Iterator[bytes], read: Callable[[bytes], Line | None], since: str, tally: Tally) -> None:
    """Add what ``lines`` tell from the time ``since`` on to ``tally``."""
    earliest = time_key(since)
    for raw in lines:
        line = read(raw)
        if line is None or time_key(line.time) < earliest:
            continue
        finding = read_line(line.text, stderr=line.stderr)
        if finding is not None:
            tally.add(finding, line.time)


@contextmanager
def grep(source: int | IO[bytes], *, everything: bool = False) -> Iterator[Iterator[bytes]]:
    """Give the lines of ``source``, from where it stands, that may tell of trouble.

    :param everything: all that has a character, for what is trouble by the way it came.
    :raises ToolError: on leaving, if grep failed.
    """
    words = [""] if everything else _WORDS
    # In another locale, the case of every character in the world would be looked at, and bytes that are none end it.
    process = subprocess.Popen(  # pylint: disable=ansible-bad-function
        ["grep", "--text", "--ignore-case", "--fixed-strings", *(f"--regexp={each}" for each in words)],
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    )
    if process.stdout is None:
        raise AssertionError
    if process.stderr is None:
        raise AssertionError
    try:
        yield iter(process.stdout)
        said = process.stderr.read().decode("utf-8", "replace").strip()
        if process.wait() > 1:
            raise ToolError(f"Failed to look through a log: grep ended with status {process.returncode}: {said}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
