# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of Supabase's Management API on 127.0.0.1: one project, whose restores take effect.

Each request, and each answer of its own, is compared with Supabase's OpenAPI document. What does not fit is kept in
``violations``, which whoever uses it must find empty.
"""

from __future__ import annotations

import functools
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.support import supabase_spec
from tests.support.running import Running

REF = "abcdefghijklmnopqrst"
ORGANIZATION = "tsrqponmlkjihgfedcba"
TOKEN = "sbp_" + "0123456789abcdef" * 2 + "01234567"
#: What it answers though the document does not say so: seen at Supabase, or sent by what stands in front of it.
_UNDOCUMENTED = (400, 402, 404, 409, 500, 502, 503, 504)
_PITR_OFF = "PITR is not enabled for this project."


@dataclass
class State:
    """The project. ``course`` holds the states that it goes through, a look each; the last one stays."""

    course: list[str] = field(default_factory=lambda: ["ACTIVE_HEALTHY"])
    #: The states after a restore was asked for, in place of ``course``.
    after_restore: list[str] = field(
        default_factory=lambda: ["ACTIVE_HEALTHY", "RESTORING", "RESTORING", "COMING_UP", "ACTIVE_HEALTHY"]
    )
    plan: str | None = "pro"
    database: list[str] = field(default_factory=lambda: ["ACTIVE_HEALTHY"])
    pitr: bool = True
    reach: dict[str, int] = field(default_factory=dict)
    backups: list[dict[str, Any]] = field(default_factory=list)

    def add_backup(self, number: int, age: float, *, status: str = "COMPLETED", physical: bool = True) -> None:
        """Add a managed backup that is ``age`` seconds old."""
        taken = datetime.fromtimestamp(int(time.time() - age), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        self.backups.append({"id": number, "is_physical_backup": physical, "status": status, "inserted_at": taken})


@dataclass
class Trouble:
    """What goes wrong with the next ``times`` requests that begin with ``method`` and end with ``path``.

    ``status`` 0 ends the connection without an answer; ``after`` tells whether the request takes effect before.
    """

    method: str
    path: str
    status: int
    message: str = "Trouble"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1
    after: bool = False


@dataclass(frozen=True)
class Seen:
    """A request that came in."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True)
class _Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class SupabaseApi(Running):
    """The double. Change ``state`` and ``troubles``, and look at ``requests`` and ``violations``, at any time."""

    def __init__(self) -> None:
        self.state = State()
        self.troubles: list[Trouble] = []
        self.requests: list[Seen] = []
        self.violations: list[str] = []
        self._openapi = _openapi()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def restores(self) -> list[Seen]:
        """The requests to restore that came in, whatever became of them."""
        return [each for each in self.requests if each.method == "POST"]

    def params(self, **more: Any) -> dict[str, Any]:
        """The options of a module that bring it here."""
        return {"project_ref": REF, "access_token": TOKEN, "api_url": self.url, **more}

    def start(self) -> None:
        """Serves, in a thread of its own."""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner._serve(self, b"")

            def do_POST(self) -> None:
                owner._serve(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops it."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with self._lock:
            answer = self._answer(_Incoming(handler, body))
        if answer.status == 0:
            handler.close_connection = True
            handler.connection.close()
            return
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        handler.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _answer(self, request: _Incoming) -> _Answer:
        self.requests.append(Seen(request.method.upper(), request.path, request.json()))
        self._check_request(request)
        trouble = next((each for each in self.troubles if self._fits(each, request)), None)
        if trouble is None:
            answer = self._act(request)
        else:
            trouble.times -= 1
            if trouble.after:
                self._act(request)
            answer = _Answer(trouble.status, {"message": trouble.message}, trouble.headers)
        self._check_answer(request, answer)
        return answer

    @staticmethod
    def _fits(trouble: Trouble, request: _Incoming) -> bool:
        same = trouble.method == request.method.upper() and request.path.endswith(trouble.path)
        return trouble.times > 0 and same

    def _act(self, request: _Incoming) -> _Answer:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _Answer(401, {"message": "Unauthorized"})
        if request.path == f"/v1/organizations/{ORGANIZATION}":
            return self._organization()
        project, _slash, rest = request.path.removeprefix("/v1/projects/").partition("/")
        if project != REF:
            return _Answer(404, {"message": "Project not found"})
        match request.method, rest:
            case "get", "":
                return _Answer(200, self._project())
            case "get", "health":
                return _Answer(200, [self._service(name) for name in request.services])
            case "get", "database/backups":
                return _Answer(200, self._backups())
            case "post", "database/backups/restore-pitr":
                return self._begin(_PITR_OFF if not self.state.pitr else None)
            case "post", "database/backups/restore":
                known = [each["id"] for each in self.state.backups]
                return self._begin(None if request.json()["id"] in known else "Backup not found")
        return _Answer(404, {"message": "Not found"})

    def _begin(self, refusal: str | None) -> _Answer:
        if refusal is not None:
            return _Answer(400, {"message": refusal})
        self.state.course = list(self.state.after_restore)
        return _Answer(201, None)

    def _organization(self) -> _Answer:
        if self.state.plan is None:
            return _Answer(403, {"message": "Forbidden"})
        more = {"opt_in_tags": [], "allowed_release_channels": ["ga"]}
        return _Answer(200, {"id": ORGANIZATION, "name": "lottery", "plan": self.state.plan, **more})

    def _project(self) -> dict[str, Any]:
        return {
            "id": REF,
            "ref": REF,
            "organization_id": ORGANIZATION,
            "organization_slug": ORGANIZATION,
            "name": "lottery",
            "region": "us-east-1",
            "created_at": "2026-01-01T00:00:00Z",
            "status": _next(self.state.course),
            "database": {
                "host": f"db.{REF}.supabase.co",
                "version": "17.6.1.132",
                "postgres_engine": "17",
                "release_channel": "ga",
            },
        }

    def _service(self, name: str) -> dict[str, Any]:
        status = _next(self.state.database) if name == "db" else "ACTIVE_HEALTHY"
        more = {} if status == "ACTIVE_HEALTHY" else {"error": "no connection"}
        return {"name": name, "healthy": status == "ACTIVE_HEALTHY", "status": status, **more}

    def _backups(self) -> dict[str, Any]:
        return {
            "region": "us-east-1",
            "walg_enabled": True,
            "pitr_enabled": self.state.pitr,
            "backups": self.state.backups,
            "physical_backup_data": self.state.reach,
        }

    def _check_request(self, request: _Incoming) -> None:
        try:
            self._openapi.validate_request(request)
        except OpenAPIError as error:
            self.violations.append(f"request {request.method} {request.path}: {error!r} {error.__cause__!r}")

    def _check_answer(self, request: _Incoming, answer: _Answer) -> None:
        if answer.status == 0:
            return
        if answer.status >= 300 and not isinstance(answer.body.get("message"), str):
            self.violations.append(f"answer {answer.status}: no message")
        if answer.status in _UNDOCUMENTED:
            return
        try:
            self._openapi.validate_response(request, _Outgoing(answer))
        except OpenAPIError as error:
            self.violations.append(f"answer {answer.status} to {request.path}: {error!r} {error.__cause__!r}")


@functools.cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(supabase_spec.load())


def _next(course: list[str]) -> str:
    return course.pop(0) if len(course) > 1 else course[0]


class _Incoming:
    """A request as openapi-core reads one."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        parts = urlsplit(handler.path)
        self.headers = handler.headers
        self.host_url = "http://127.0.0.1"
        self.path = parts.path
        self.method = handler.command.lower()
        self.body = body or None
        self.content_type = handler.headers.get("Content-Type", "")
        query = parse_qsl(parts.query)
        self.services = [value for name, value in query if name == "services"]
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(list(handler.headers.items()))
        )

    def json(self) -> Any:
        """Return the body's value."""
        return None if self.body is None else json.loads(self.body)


class _Outgoing:
    """An answer as openapi-core reads one."""

    def __init__(self, answer: _Answer) -> None:
        self.status_code = answer.status
        self.content_type = "application/json"
        self.headers = Headers(list(answer.headers.items()))
        self.data = b"" if answer.body is None else json.dumps(answer.body).encode()
