# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request to end (SIGTERM, SIGHUP) becomes an error, so that every ``finally`` on the way out does its work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import StoppedError

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def _raise(number: int, _frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)  # a second one must not cut the clean-up short
    raise StoppedError(
        f"Ended by {signal.Signals(number).name} before the work was done; what had begun was taken back."
    )


@contextmanager
def finished_first() -> Iterator[None]:
    """Run the body, which is short, to its end: a signal that comes meanwhile counts after it.

    It has to be within :func:`stoppable`.
    """
    received: list[int] = []
    before = {each: signal.signal(each, lambda number, _frame: received.append(number)) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in received[:1]:
        _raise(number, None)


@contextmanager
def stoppable() -> Iterator[None]:
    """Run the body so that SIGTERM and SIGHUP raise :class:`StoppedError` in it; afterwards they act as before."""
    before = {each: signal.signal(each, _raise) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
