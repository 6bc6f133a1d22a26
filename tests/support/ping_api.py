# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of those that wait for heartbeats, on 127.0.0.1: healthchecks.io, Uptime Kuma and Cronitor.

It takes what their references name, and nothing else; what does not fit is kept in ``violations``.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.running import Running

#: The addresses that each has, and the secret in it.
PATHS = {
    "healthchecks": "/ping-k3y-of-the-test/lottery-backup",
    "uptime_kuma": "/api/push/kum4t0ken",
    "cronitor": "/p/cron1tork3y/lottery-backup",
}
SECRETS = ("ping-k3y-of-the-test", "kum4t0ken", "cron1tork3y")
_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_CRONITOR = {"state", "message", "metric", "series", "host", "env", "status_code"}


@dataclass(frozen=True)
class Ping:
    """A call: the event in the service's word, the id of the run, and what was told."""

    service: str
    event: str
    run: str
    summary: str


class PingApi(Running):
    """The double; ``refusals`` answer the next calls."""

    def __init__(self) -> None:
        self.pings: list[Ping] = []
        self.refusals: list[tuple[int, bytes]] = []
        self.violations: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def url(self, service: str) -> str:
        """The address that ``service`` shows."""
        return f"http://127.0.0.1:{self._http.server_port}{PATHS[service]}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def events(self) -> list[str]:
        """The events, in their order."""
        return [each.event for each in self.pings]

    def _answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        if self.refusals:
            return self.refusals.pop(0)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        for service, path in PATHS.items():
            if parts.path == path or (service == "healthchecks" and parts.path.startswith(f"{path}/")):
                take = {"healthchecks": self._healthchecks, "uptime_kuma": self._kuma, "cronitor": self._cronitor}
                return take[service](method, parts.path.removeprefix(path).strip("/"), query, body)
        return 404, b"not found"

    def _healthchecks(self, method: str, event: str, query: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if event not in ("", "start", "fail", "log") or method != "POST" or len(body) > 10_000 or set(query) - {"rid"}:
            return self._violated(f"healthchecks: {method} {event} {query} {len(body)}")
        if "rid" in query and not _UUID.fullmatch(query["rid"]):
            return 400, b"invalid uuid format"
        told: dict[str, Any] = json.loads(body)
        self.pings.append(Ping("healthchecks", event or "success", query.get("rid", ""), told["summary"]))
        return 200, b"OK"

    def _kuma(self, method: str, _rest: str, query: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        if method != "GET" or set(query) - {"status", "msg", "ping"} or query.get("status") not in ("up", "down"):
            return self._violated(f"uptime_kuma: {method} {query}")
        self.pings.append(Ping("uptime_kuma", query["status"], "", query.get("msg", "")))
        return 200, b'{"ok":true}'

    def _cronitor(self, method: str, _rest: str, query: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        known = query.get("state") in ("run", "complete", "fail", "ok")
        if method != "GET" or set(query) - _CRONITOR or not known or len(query.get("message", "")) > 2000:
            return self._violated(f"cronitor: {method} {query}")
        self.pings.append(Ping("cronitor", query["state"], query.get("series", ""), query.get("message", "")))
        return 200, b"OK"

    def _violated(self, what: str) -> tuple[int, bytes]:
        self.violations.append(what)
        return 400, b"no such call"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, content = owner._answer(self.command, self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
