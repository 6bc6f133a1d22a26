# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an n8n answers, question by question, whether it is ready."""

from __future__ import annotations

import http.client
import ssl
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

    :param context: for an n8n behind TLS, as for `ask_readiness`; so is ``host``.
    """

    INTERVAL = 0.1

    def __init__(self, port: int, context: ssl.SSLContext | None = None, host: str = HOST) -> None:
        self.failures: list[Failure] = []
        self.latencies: list[float] = []
        self._port, self._context, self._host = port, context, host
        self._good_since: float | None = None
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

    @property
    def good_for(self) -> float:
        """For how many seconds it has been ready without a break; 0 if it is not."""
        since = self._good_since
        return 0.0 if since is None else time.monotonic() - since

    def _ask(self) -> None:
        due = time.monotonic()
        while not self._end.wait(max(0.0, due - time.monotonic())):
            asked_at, started = time.time(), time.monotonic()
            reason = ask_readiness(self._port, context=self._context, host=self._host)
            if reason is None:
                self.latencies.append(time.monotonic() - started)
                self._good_since = self._good_since or started
            else:
                self._good_since = None
                self.failures.append(Failure(asked_at, reason))
            # After a slow answer the rhythm starts anew: no burst to catch up.
            due = max(due + self.INTERVAL, time.monotonic())


def ask_readiness(
    port: int, timeout: float = 2.0, context: ssl.SSLContext | None = None, host: str = HOST
) -> str | None:
    """Asks the n8n on ``port`` of this machine whether it is ready; returns None if it is, else what came instead.

    :param context: for an n8n behind TLS: whom to trust.
    :param host: the name that it is asked by.
    """
    connection = (
        http.client.HTTPConnection(HOST, port, timeout=timeout)
        if context is None
        else http.client.HTTPSConnection(HOST, port, timeout=timeout, context=context)
    )
    try:
        connection.request("GET", READINESS, headers={"Host": host})
        answer = connection.getresponse()
        return None if answer.status == http.client.OK else f"HTTP {answer.status}"
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
