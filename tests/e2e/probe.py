# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks the production server all the time whether n8n serves, from outside, and remembers when it did not."""

from __future__ import annotations

import http.client
import ssl
import threading
import time
from types import TracebackType

from tests.bed.site import BOT, Site

_INTERVAL = 0.25
_PATIENCE = 3.0


class Probe:
    """A thread that asks; use it as a context manager."""

    def __init__(self, site: Site) -> None:
        self._port = site.ports["production-https"]
        self._context = ssl.create_default_context(cafile=str(site.authority))
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._ask_until_end, daemon=True)
        self.answers: list[tuple[float, str]] = []
        """When it was asked (`time.monotonic()`), and what was wrong; empty, if nothing was."""

    def __enter__(self) -> Probe:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def serves(self) -> bool:
        """Whether n8n served at the last two times."""
        return [wrong for _at, wrong in self.answers[-2:]] == ["", ""]

    def _ask_until_end(self) -> None:
        while not self._end.wait(_INTERVAL):
            at = time.monotonic()
            self.answers.append((at, self._ask()))

    def _ask(self) -> str:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=_PATIENCE, context=self._context)
        try:
            connection.request("GET", "/healthz/readiness", headers={"Host": BOT})
            status = connection.getresponse().status
            return "" if status == 200 else f"HTTP {status}"
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        finally:
            connection.close()
