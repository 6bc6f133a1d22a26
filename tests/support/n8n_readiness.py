# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an n8n answers, question by question, whether it is ready."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass
from types import TracebackType

HOST = "127.0.0.1"
# `/healthz` already answers 200 while the migrations run, and still does when the database is gone.
READINESS = "/healthz/readiness"


@dataclass(frozen=True)
class Failure:
    """A question that got no good answer: when it was asked (`time.time()`), and what came instead."""

    asked_at: float
    reason: str


class ReadinessClient:
    """Asks an n8n ten times a second whether it is ready, from a thread, as an impatient monitor would.

    ``failures`` holds the questions without a good answer, ``latencies`` the seconds that each good answer took.
    """

    INTERVAL = 0.1

    def __init__(self, port: int) -> None:
        self.failures: list[Failure] = []
        self.latencies: list[float] = []
        self._port = port
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="readiness", daemon=True)

    def __enter__(self) -> ReadinessClient:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _ask(self) -> None:
        due = time.monotonic()
        while not self._end.wait(max(0.0, due - time.monotonic())):
            asked_at, started = time.time(), time.monotonic()
            reason = ask_readiness(self._port)
            if reason is None:
                self.latencies.append(time.monotonic() - started)
            else:
                self.failures.append(Failure(asked_at, reason))
            # After a slow answer the rhythm starts anew: no burst to catch up.
            due = max(due + self.INTERVAL, time.monotonic())


def ask_readiness(port: int, timeout: float = 2.0) -> str | None:
    """Asks the n8n on ``port`` whether it is ready; returns None if it is, else what came instead."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", READINESS)
        answer = connection.getresponse()
        return None if answer.status == http.client.OK else f"HTTP {answer.status}"
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
