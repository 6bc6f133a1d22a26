# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doubles of uptime_api.py have in common: a service on 127.0.0.1 that has monitors.

Each body must fit the schema that is written from the service's reference, each request carry its key and no more than
the service knows. What does not fit is refused as the service refuses it, and kept in ``violations``.
"""

from __future__ import annotations

import json
import threading
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import yaml

from tests.support.running import Running

_SCHEMAS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("uptime_api.yml").read_text(encoding="utf-8"))
KEY = "k3y-of-the-test"


@dataclass
class Answer:
    """An answer; status 0 ends the connection without one."""

    status: int
    document: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Trouble:
    """What goes wrong with the next ``times`` requests of ``method``; with ``after``, they take effect before."""

    method: str
    answer: Answer
    times: int = 1
    after: bool = False


class UptimeApi(Running):
    """A service. ``monitors`` are there; a page has ``page_size``; of what is sent, ``ignored`` fields are not taken.

    What was changed is shown after ``lag`` more looks at it.
    """

    provider = ""
    prefix = ""

    def __init__(self, port: int = 0) -> None:
        self.monitors: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.violations: list[str] = []
        self.troubles: list[Trouble] = []
        self.page_size = 2
        self.ignored: set[str] = set()
        self.lag = 0
        self._stale: dict[str, tuple[int, dict[str, Any] | None]] = {}
        self._number = 800
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), self._handler())

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._http.server_port}{self.prefix}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def writes(self) -> list[tuple[str, str, Any]]:
        """The requests that change something."""
        return [each for each in self.requests if each[0] != "GET"]

    @abstractmethod
    def is_key(self, headers: Mapping[str, str]) -> bool:
        """Tell whether a request carries the key."""

    @abstractmethod
    def error(self, status: int, message: str) -> Answer:
        """Return a refusal in the service's words."""

    @abstractmethod
    def act(self, method: str, words: list[str], query: dict[str, str], body: Any) -> Answer:
        """Do what is asked."""

    def number(self) -> str:
        """Return an id that nothing has yet."""
        self._number += 1
        return str(self._number)

    def fits(self, kind: str, body: Any) -> str:
        """Return what is wrong with a body; nothing if it is what the service takes."""
        try:
            jsonschema.validate(body, _SCHEMAS[self.provider][kind], format_checker=jsonschema.FormatChecker())
        except jsonschema.ValidationError as error:
            self.violations.append(f"{kind}: {error.message}")
            return str(error.message)
        return ""

    def taken(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what the service takes of a body."""
        return {name: value for name, value in body.items() if name not in self.ignored}

    def change(self, number: str, after: dict[str, Any] | None) -> None:
        """Give a monitor another shape, or none."""
        before = self.monitors.get(number)
        if self.lag and before is not None:
            self._stale[number] = (self.lag, dict(before))
        if after is None:
            self.monitors.pop(number, None)
        else:
            self.monitors[number] = after

    def look(self, number: str) -> dict[str, Any] | None:
        """Return a monitor as it is shown."""
        if number in self._stale:
            left, shown = self._stale.pop(number)
            if left > 1:
                self._stale[number] = (left - 1, shown)
            return shown
        return self.monitors.get(number)

    def _respond(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> Answer:
        split = urlsplit(target)
        self.requests.append((method, target.removeprefix(self.prefix), body))
        if not split.path.startswith(self.prefix) or not self.is_key(headers):
            return self.error(401, "wrong key")
        trouble = next((each for each in self.troubles if each.method == method and each.times > 0), None)
        if trouble is not None and not trouble.after:
            trouble.times -= 1
            return trouble.answer
        words = split.path.removeprefix(self.prefix).strip("/").split("/")
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        answer = self.act(method, words, query, body)
        if trouble is not None:
            trouble.times -= 1
            return trouble.answer
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                ends = self.path == "/end"  # where it is a process of its own
                if ends:
                    answer = Answer(200)
                else:
                    with owner._lock:
                        answer = owner._respond(self.command, self.path, dict(self.headers.items()), body)
                if answer.status == 0:
                    self.close_connection = True
                    return
                data = b"" if answer.status == 204 else json.dumps(answer.document).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                if ends:  # the process ends with serve_forever, and an answer that is not out by then is cut short
                    threading.Thread(target=owner._http.shutdown).start()

            do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler
