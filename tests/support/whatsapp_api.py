# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of Meta's Cloud API and of 360dialog on 127.0.0.1: one number.

Each request to Meta, and each answer of its own, is compared with Meta's OpenAPI document; those of 360dialog, which has
none, with what its manual says. What does not fit is kept in ``violations``, which whoever uses it must find empty.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.support import whatsapp_double as double
from tests.support import whatsapp_spec
from tests.support.running import Running

_WORDS = {"enum": ["AVAILABLE", "LIMITED", "BLOCKED"]}
#: What 360dialog promises; https://docs.360dialog.com/docs/waba-basics/waba-integration/messaging-health-status
_HEALTH = {
    "type": "object",
    "required": ["health_status", "id"],
    "properties": {
        "id": {"type": "string"},
        "health_status": {
            "type": "object",
            "required": ["can_send_message", "entities"],
            "properties": {
                "can_send_message": _WORDS,
                "entities": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["entity_type", "id", "can_send_message"],
                        "properties": {"can_send_message": _WORDS},
                    },
                },
            },
        },
    },
}


class WhatsAppApi(Running):
    """The double. Change ``state``, and look at ``requests`` and ``violations``, at any time."""

    def __init__(self) -> None:
        self.state = double.State()
        self.requests: list[double.Request] = []
        self.violations: list[str] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Its address."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def params(self, **more: Any) -> dict[str, Any]:
        """The options of the module that bring it here, as Meta."""
        login = {"phone_number_id": double.NUMBER_ID, "access_token": double.TOKEN, "api_url": self.url}
        return {**login, "label": "sales", **more}

    def d360_params(self, **more: Any) -> dict[str, Any]:
        """The same, as 360dialog."""
        return {"provider": "360dialog", "access_token": double.API_KEY, "api_url": self.url, "label": "sales", **more}

    def start(self) -> None:
        """Serves, in a thread of its own."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), double.handler(self._respond))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops it."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def _respond(self, request: double.Request) -> tuple[int, Any, Mapping[str, str]]:
        with self._lock:
            self.requests.append(request)
            status, body, headers = double.answer(self.state, request)
            if request.path == "/health_status":
                self.violations += _d360_violations(request, status, body)
            else:
                self.violations += violations_of(request, status, body)
            return status, body, headers


def violations_of(request: double.Request, status: int | None = None, body: Any = None) -> list[str]:
    """Return what Meta's document has against a request, and against the answer to it (None: there is none)."""
    incoming = _Incoming(request)
    found = []
    try:
        _openapi().validate_request(incoming)
    except OpenAPIError as error:
        found.append(f"request {request.method} {request.target}: {error!r} {error.__cause__!r}")
    if status is None or status > 500:
        return found  # that is what stands in front of Meta
    try:
        _openapi().validate_response(incoming, _Outgoing(status, body))
    except OpenAPIError as error:
        found.append(f"answer {status} to {request.target}: {error!r} {error.__cause__!r}")
    return found


def _d360_violations(request: double.Request, status: int, body: Any) -> list[str]:
    found = []
    if "d360-api-key" not in request.headers or "authorization" in request.headers:
        found.append("request: the key belongs in D360-API-KEY, and nowhere else")
    if status == 200 and "health_status" in (request.fields or ["health_status"]):
        checked = jsonschema.Draft202012Validator(_HEALTH)
        found += [f"answer: {error.message}" for error in checked.iter_errors(body)]
    return found


@functools.cache
def _openapi() -> OpenAPI:
    return OpenAPI.from_dict(whatsapp_spec.load())


class _Incoming:
    """A request as openapi-core reads one."""

    def __init__(self, request: double.Request) -> None:
        parts = urlsplit(request.target)
        self.host_url = "https://graph.facebook.com"
        self.path = parts.path
        self.method = request.method.lower()
        self.body = None
        self.content_type = request.headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(parts.query)), header=Headers(list(request.headers.items()))
        )


class _Outgoing:
    """An answer as openapi-core reads one."""

    def __init__(self, status: int, body: Any) -> None:
        self.status_code = status
        self.content_type = "application/json"
        self.headers = Headers()
        self.data = json.dumps(body).encode()
