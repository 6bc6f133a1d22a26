# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections of a look that go on side by side, each within its time. One that fails or hangs is its own problem alone.

Each is a process, not a thread: one that waits for a dead disk or server can be given up, and n8n's database has to be read
by a process that becomes its owner, which no process with threads can safely fork.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError

Section = Callable[[], Mapping[str, Any]]
_CHUNK = 1 << 16
_REAP_TRIES = 20


def run_sections(sections: Mapping[str, Section], limit: float) -> dict[str, dict[str, Any]]:
    """Run all at once, and return by name what each returned (JSON values), with ``problem`` and ``seconds`` beside it.

    ``problem`` is None, or why there is nothing else: what the section raised, or that ``limit`` seconds were not enough.
    """
    deadline = time.monotonic() + limit
    children: list[_Child] = []
    try:
        children.extend(_Child(name, work) for name, work in sections.items())
        _read(children, deadline)
        return {each.name: each.answer(limit) for each in children}
    finally:
        for each in children:
            each.end()


class _Child:
    """The process of one section, and what it has said so far."""

    def __init__(self, name: str, work: Section) -> None:
        self.name, self._begun, self._ended = name, time.monotonic(), 0.0
        self._said = bytearray()
        self.read_end, write_end = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _be_child(work, write_end)
        os.close(write_end)

    def hear(self) -> bool:
        """Take what it says; false at its end."""
        chunk = os.read(self.read_end, _CHUNK)
        self._said += chunk
        if not chunk:
            self._ended = time.monotonic()
        return bool(chunk)

    def answer(self, limit: float) -> dict[str, Any]:
        """Return its result."""
        if not self._ended:
            return {"problem": f"There was no answer within {limit:g} seconds.", "seconds": round(limit, 3)}
        seconds = round(self._ended - self._begun, 3)
        try:
            told = json.loads(self._said)
        except ValueError:
            return {"problem": "The process that looked was killed.", "seconds": seconds}
        return {"problem": told["problem"], "seconds": seconds, **told["facts"]}

    def end(self) -> None:
        """Kill it, with what it started, and reap it if it can die: what waits for a dead disk cannot."""
        os.close(self.read_end)
        os.kill(self._pid, signal.SIGKILL)  # it may not have come to have a group yet
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)
        for _try in range(_REAP_TRIES):
            if os.waitpid(self._pid, os.WNOHANG)[0]:
                return
            time.sleep(0.01)


def _read(children: list[_Child], deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        for each in children:
            selector.register(each.read_end, selectors.EVENT_READ, each)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(left) if left > 0 else []
            if not ready:
                return
            for key, _events in ready:
                if not key.data.hear():
                    selector.unregister(key.fileobj)


def _be_child(work: Section, write_end: int) -> None:
    """Be the section's process; never returns."""
    try:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()  # one group, with what it starts: they end together
        try:
            told = json.dumps({"problem": None, "facts": work()})
        except OpsError as error:
            told = json.dumps({"problem": error.message, "facts": {}})
        except Exception as error:  # whatever it is, the parent is who can tell it
            told = json.dumps({"problem": f"{type(error).__name__}: {error}", "facts": {}})
        with open(write_end, "wb") as stream:
            stream.write(told.encode("utf-8"))
    finally:
        os._exit(0)
