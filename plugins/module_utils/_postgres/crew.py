# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several connections at work at once."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session

T = TypeVar("T")


class Crew:
    """Jobs are done in threads, so that the caller's own thread can be told to stop at any time."""

    def __init__(self, sessions: Iterable[Session], pool: ThreadPoolExecutor) -> None:
        self._idle: queue.SimpleQueue[Session] = queue.SimpleQueue()
        for session in sessions:
            self._idle.put(session)
        self._pool = pool
        self.futures: list[Future[object]] = []

    def submit(self, job: Callable[[Session], T]) -> Future[T]:
        """Have ``job`` done with the first connection that is idle."""
        future = self._pool.submit(self._do, job)
        self.futures.append(future)  # type: ignore[arg-type]  # only ever waited for
        return future

    def _do(self, job: Callable[[Session], T]) -> T:
        session = self._idle.get()
        try:
            return job(session)
        finally:
            self._idle.put(session)


@contextmanager
def crew(login: Login, size: int, opening: Callable[[Session], None] | None = None) -> Iterator[Crew]:
    """Give ``size`` connections, each made ready by ``opening``.

    Whatever ends the body, no statement of theirs goes on after it.

    :raises ToolError: if a connection cannot be had; and what ``opening`` raises.
    """
    with ExitStack() as stack:
        sessions = [stack.enter_context(login.connect()) for _number in range(size)]
        for session in sessions:
            if opening is not None:
                opening(session)
        pool = ThreadPoolExecutor(size)
        team = Crew(sessions, pool)
        try:
            yield team
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            # A statement may begin just after it was cancelled, so that it can take more than one try.
            while wait(team.futures, timeout=0.1).not_done:
                for session in sessions:
                    session.cancel()
