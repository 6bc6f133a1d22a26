# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Meta's Cloud API and 360dialog answer about one number, as a server of nothing but Python's own.

So it runs on any server: ``python3 whatsapp_double.py PORT STATE LOG``. It reads the state (JSON, see :class:`State`) anew
at each request, and adds each request to the log as a line of JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

NUMBER_ID = "106853218861309"
ACCOUNT_ID = "1234567890123456"
TOKEN = "EAABwzLixnjYBOtestTEST0123456789"
API_KEY = "d360TestKey0123456789"
NEW_LIMIT, OLD_LIMIT = "whatsapp_business_manager_messaging_limit", "messaging_limit_tier"
_DEFAULT_FIELDS = ("id", "display_phone_number", "verified_name", "quality_rating")


def _number() -> dict[str, Any]:
    return {
        "id": NUMBER_ID,
        "display_phone_number": "+1 555-555-5555",
        "verified_name": "Jaspers Market",
        "quality_rating": "GREEN",
        "status": "CONNECTED",
        "name_status": "APPROVED",
        "code_verification_status": "VERIFIED",
        "platform_type": "CLOUD_API",
        "account_mode": "LIVE",
        "throughput": {"level": "STANDARD"},
        NEW_LIMIT: "TIER_2K",
        "health_status": {
            "can_send_message": "AVAILABLE",
            "entities": [
                {"entity_type": "PHONE_NUMBER", "id": NUMBER_ID, "can_send_message": "AVAILABLE"},
                {"entity_type": "WABA", "id": ACCOUNT_ID, "can_send_message": "AVAILABLE"},
            ],
        },
    }


def _account() -> dict[str, Any]:
    return {
        "id": ACCOUNT_ID,
        "name": "Jaspers Market",
        "account_review_status": "APPROVED",
        "business_verification_status": "VERIFIED",
    }


@dataclass
class State:
    """The number and its account, by Meta's fields; ``d360_fields`` tells whether 360dialog hands fields on.

    ``troubles`` are the answers (status, body, headers) to the next requests, in place of what is asked for; with
    ``lasting``, the last one of them stays.
    """

    number: dict[str, Any] = field(default_factory=_number)
    account: dict[str, Any] = field(default_factory=_account)
    d360_fields: bool = True
    troubles: list[tuple[int, Any, Mapping[str, str]]] = field(default_factory=list)
    lasting: bool = False

    def trouble(self) -> tuple[int, Any, Mapping[str, str]] | None:
        """Return the answer that is to be given in place of the right one."""
        if not self.troubles:
            return None
        return self.troubles[0] if self.lasting and len(self.troubles) == 1 else self.troubles.pop(0)


@dataclass(frozen=True)
class Request:
    """A request that came in; the names of ``headers`` are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path alone."""
        return urlsplit(self.target).path

    @property
    def fields(self) -> list[str] | None:
        """The fields that are asked for."""
        found = parse_qs(urlsplit(self.target).query).get("fields")
        return found[0].split(",") if found else None


def graph_error(status: int, code: int, message: str, **more: Any) -> tuple[int, Any, Mapping[str, str]]:
    """Return a refusal of Meta's."""
    kind = "GraphMethodException" if code == 803 else "OAuthException"
    return status, {"error": {"message": message, "type": kind, "code": code, **more, "fbtrace_id": "AXsgnV2Cm3Z"}}, {}


def answer(state: State, request: Request) -> tuple[int, Any, Mapping[str, str]]:
    """Return the status, the body and the headers of the answer."""
    trouble = state.trouble()
    if trouble is not None:
        return trouble
    if request.path == "/health_status":
        return _d360(state, request)
    if "authorization" not in request.headers:
        return graph_error(401, 104, "An access token is required to request this resource")
    if request.headers["authorization"] != f"Bearer {TOKEN}":
        return graph_error(401, 190, "Invalid OAuth access token")
    _empty, version, *rest = request.path.split("/")
    if rest == [state.number["id"]]:
        return _node(state.number, version, request.fields)
    if rest == [ACCOUNT_ID]:
        return _node(state.account, version, request.fields)
    return graph_error(404, 803, "Phone number not found")


def _node(node: Mapping[str, Any], version: str, fields: list[str] | None) -> tuple[int, Any, Mapping[str, str]]:
    """Return the node's fields as the version of the API knows them: the limit changed its name with v24.0."""
    is_new = int(version[1:].split(".")[0]) >= 24
    if not is_new and NEW_LIMIT in (fields or ()):
        return graph_error(400, 100, f"(#100) Tried accessing nonexisting field ({NEW_LIMIT})")
    known = dict(node)
    if not is_new and NEW_LIMIT in known:
        known[OLD_LIMIT] = known.pop(NEW_LIMIT)
    wanted = {"id", *(fields or _DEFAULT_FIELDS)}
    return 200, {name: value for name, value in known.items() if name in wanted}, {}


def _d360(state: State, request: Request) -> tuple[int, Any, Mapping[str, str]]:
    if request.headers.get("d360-api-key") != API_KEY:
        told = {"success": False, "http_code": 401, "developer_message": "Invalid api key"}
        return 401, {"meta": told}, {}
    fields = request.fields if state.d360_fields and request.fields else ["health_status"]
    return 200, {name: value for name, value in state.number.items() if name in ("id", *fields)}, {}


def handler(respond: Callable[[Request], tuple[int, Any, Mapping[str, str]]]) -> type[BaseHTTPRequestHandler]:
    """Return what serves requests by ``respond``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body, more = respond(Request(self.command, self.path, headers))
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                **more,
                "Content-Length": str(len(content)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def main(port: str, state_file: str, log_file: str) -> None:
    """Serve on 127.0.0.1 for good."""

    def respond(request: Request) -> tuple[int, Any, Mapping[str, str]]:
        state = State(**json.loads(Path(state_file).read_text(encoding="utf-8")))
        with Path(log_file).open("a", encoding="utf-8") as log:
            told = {name: value.replace(TOKEN, "masked") for name, value in request.headers.items()}
            log.write(json.dumps({"method": request.method, "target": request.target, "headers": told}) + "\n")
        return answer(state, request)

    ThreadingHTTPServer(("127.0.0.1", int(port)), handler(respond)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
