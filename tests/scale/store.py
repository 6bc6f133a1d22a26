# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of a fleet: a real S3 server behind a proxy that counts who asks it, what, and how many at once."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.fault_proxy import Exchange, FaultProxy, Rule
from tests.support.running import Running
from tests.support.s3_server import BUCKET, SeaweedServer, objects


@dataclass
class Load:
    """What the store was asked in one run."""

    requests: int = 0
    operations: Counter[str] = field(default_factory=Counter)
    """Requests by what S3 calls them."""
    by_host: Counter[str] = field(default_factory=Counter)
    most_hosts: int = 0
    """How many hosts it was serving at most at the same instant."""
    most_requests: int = 0
    """How many requests it was serving at most at the same instant."""
    by_second: Counter[int] = field(default_factory=Counter)

    @property
    def most_in_a_second(self) -> int:
        """How many requests came in the busiest second."""
        return max(self.by_second.values(), default=0)


class Store(Running):
    """SeaweedFS, and what is counted of it. Each host has its own prefix, which is its name."""

    def __init__(self) -> None:
        self.load = Load()
        self._server = SeaweedServer()
        self._proxy: FaultProxy | None = None
        self._serving: Counter[str] = Counter()

    def start(self) -> None:
        self._server.start()
        self._proxy = FaultProxy(self._server)
        self._proxy.start()
        self._proxy.inflict(Rule(self._count, about=lambda _request: True))

    def close(self) -> None:
        if self._proxy is not None:
            self._proxy.close()
        self._server.close()

    def repository(self, prefix: str) -> dict[str, Any]:
        """Return the description of the repository below ``prefix``, which may be a template."""
        assert self._proxy is not None
        return {**self._server.repository(prefix), "endpoint_url": self._proxy.url}

    def begin(self) -> None:
        """Count from zero."""
        assert self._proxy is not None
        self.load = Load()
        self._proxy.seen.clear()

    def held(self) -> list[str]:
        """Return the keys of all that it holds, as boto3 lists them: past the proxy, and uncounted."""
        return list(objects(self._server, ""))

    async def _count(self, exchange: Exchange) -> None:
        # All of it runs in the proxy's one thread.
        host, load = _host(exchange), self.load
        load.requests += 1
        load.operations[exchange.request.operation] += 1
        load.by_host[host] += 1
        load.by_second[int(time.monotonic())] += 1
        self._serving[host] += 1
        load.most_hosts = max(load.most_hosts, len(self._serving))
        load.most_requests = max(load.most_requests, self._serving.total())
        try:
            await exchange.answer(await exchange.ask_server())
        finally:
            self._serving[host] -= 1
            if not self._serving[host]:
                del self._serving[host]


def _host(exchange: Exchange) -> str:
    """Return whose prefix a request is about: in a listing it stands in the query."""
    path = exchange.request.path.removeprefix(f"/{BUCKET}").strip("/")
    (prefix,) = parse_qs(urlsplit(exchange.request.target).query).get("prefix", [""])
    return (path or prefix).split("/")[0]
