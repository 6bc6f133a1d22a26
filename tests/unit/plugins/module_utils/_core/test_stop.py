# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that ask a module to end."""

from __future__ import annotations

import os
import signal

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import StoppedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import finished_first, stoppable


def _work(number: int, done: list[str]) -> None:
    with stoppable():
        os.kill(os.getpid(), number)
        done.append("more")


def _work_finished_first(number: int, done: list[str]) -> None:
    with stoppable():
        with finished_first():
            os.kill(os.getpid(), number)
            done.append("the rest")
        done.append("more")


def test_a_signal_ends_the_work() -> None:
    done: list[str] = []
    with pytest.raises(StoppedError, match="SIGTERM"):
        _work(signal.SIGTERM, done)
    assert not done


def test_what_is_to_be_finished_first_is() -> None:
    done: list[str] = []
    with pytest.raises(StoppedError, match="SIGHUP"):
        _work_finished_first(signal.SIGHUP, done)
    assert done == ["the rest"]


def test_without_a_signal_nothing_happens_and_all_handlers_are_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stoppable(), finished_first():
        pass
    assert signal.getsignal(signal.SIGTERM) is before
