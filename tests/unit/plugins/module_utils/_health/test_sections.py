# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections go on side by side; one that fails, hangs or dies is its own problem alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._health.sections import run_sections


def fine() -> dict[str, Any]:
    return {"value": 7, "text": "ñ" * 100_000}


def failing() -> dict[str, Any]:
    raise ToolError("It is broken.")


def faulty() -> dict[str, Any]:
    known: dict[str, object] = {}
    return {"value": known["no such"]}


def hanging() -> dict[str, Any]:
    # What it started goes with it.
    subprocess.run(["sleep", "4711"], check=False)
    return {}


def dying() -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def command_lines() -> Iterator[bytes]:
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield each.read_bytes()


def test_one_sections_end_is_not_that_of_the_others() -> None:
    begun = time.monotonic()
    found = run_sections({"hanging": hanging, "fine": fine, "failing": failing, "faulty": faulty, "dying": dying}, 10.0)
    assert time.monotonic() - begun < 60  # not the sleeper's time, however busy the machine
    assert list(found) == ["hanging", "fine", "failing", "faulty", "dying"]
    assert (found["fine"]["problem"], found["fine"]["value"], len(found["fine"]["text"])) == (None, 7, 100_000)
    assert found["failing"]["problem"] == "It is broken."
    assert found["faulty"]["problem"] == "KeyError: 'no such'"
    assert found["hanging"] == {"problem": "There was no answer within 10 seconds.", "seconds": 10.0}
    assert found["dying"]["problem"] == "The process that looked was killed."
    assert not any(b"sleep\x004711" in words for words in command_lines())


def test_they_run_at_the_same_time() -> None:
    read_end, write_end = os.pipe()

    def give() -> dict[str, Any]:
        return {"written": os.write(write_end, b"x")}

    def take() -> dict[str, Any]:
        return {"read": os.read(read_end, 1).decode()}

    try:
        found = run_sections({"take": take, "give": give}, 60.0)
    finally:
        os.close(read_end)
        os.close(write_end)
    assert found["take"]["read"] == "x"


def test_without_sections_there_is_nothing() -> None:
    assert run_sections({}, 1.0) == {}
