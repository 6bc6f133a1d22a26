# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of what takes notifications on 127.0.0.1: a webhook of Slack, a bot of Telegram, and a webhook of one's own.

Each request must fit a schema that is written from the vendor's reference; what does not is kept in ``violations``, and
answered as the vendor answers it.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema

from tests.support.running import Running

SLACK_PATH = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
TELEGRAM_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
CHAT = "-1001234567890"
WEBHOOK_PATH = "/hook/s3cret"
WEBHOOK_HEADERS = {"X-Secret": "s3cret-header"}
_TEXT = {"type": "string", "minLength": 1}
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
_SLACK = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {**_TEXT, "maxLength": 40_000}},
    "additionalProperties": False,
}
# https://core.telegram.org/bots/api#sendmessage
_TELEGRAM = {
    "type": "object",
    "required": ["chat_id", "text"],
    "properties": {
        "chat_id": {"type": ["string", "integer"]},
        "text": {**_TEXT, "maxLength": 4096},
        "link_preview_options": {"type": "object", "properties": {"is_disabled": {"type": "boolean"}}},
    },
    "additionalProperties": False,
}
_ITEM_TEXTS = ["kind", "id", "component", "status", "was", "since", "summary", "advice"]
_WEBHOOK = {
    "type": "object",
    "required": ["version", "stack", "at", "kind", "status", "subject", "text", "items"],
    "properties": {
        "version": {"const": 1},
        "stack": _TEXT,
        "at": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"},
        "kind": {"enum": ["alert", "digest", "test"]},
        "status": {"enum": ["ok", "warning", "unknown", "critical"]},
        "subject": _TEXT,
        "text": _TEXT,
        "items": {"type": "array", "items": {"type": "object", "required": _ITEM_TEXTS}},
    },
    "additionalProperties": False,
}
Answer = tuple[int, dict[str, str], bytes]


class ChatApi(Running):
    """The doubles. ``refusals`` answer the next requests by the channel's name; ``received`` has what was taken."""

    def __init__(self) -> None:
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.refusals: dict[str, list[Answer]] = {}
        self.violations: list[str] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def options(self, *names: str) -> dict[str, Any]:
        """The module's options that lead here."""
        found = {
            "slack": {"webhook_url": self.url + SLACK_PATH},
            "telegram": {"token": TELEGRAM_TOKEN, "chats": [CHAT], "api_url": self.url},
            "webhook": {"url": self.url + WEBHOOK_PATH, "headers": WEBHOOK_HEADERS},
        }
        return {name: found[name] for name in names}

    def texts(self, name: str) -> list[str]:
        """The texts that a channel took."""
        return [body["text"] for channel, body in self.received if channel == name]

    def _answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> Answer:
        if handler.path == SLACK_PATH:
            return self._take("slack", body, _SLACK, (400, {}, b"invalid_payload"), (200, {}, b"ok"))
        if handler.path == f"/bot{TELEGRAM_TOKEN}/sendMessage":
            taken = _telegram(200, {"ok": True, "result": {"message_id": len(self.received) + 1}})
            if json.loads(body).get("chat_id") != CHAT:
                return _telegram_error(400, "Bad Request: chat not found")
            return self._take("telegram", body, _TELEGRAM, _telegram_error(400, "Bad Request"), taken)
        if handler.path.startswith("/bot"):
            return _telegram_error(401, "Unauthorized")
        if handler.path == WEBHOOK_PATH:
            if handler.headers.get("X-Secret") != WEBHOOK_HEADERS["X-Secret"]:
                return 401, {}, b"who are you?"
            return self._take("webhook", body, _WEBHOOK, (400, {}, b"no notification"), (204, {}, b""))
        return 404, {}, b"no_team"

    def _take(self, name: str, body: bytes, schema: dict[str, Any], refusal: Answer, taken: Answer) -> Answer:
        if self.refusals.get(name):
            return self.refusals[name].pop(0)
        document = json.loads(body)
        try:
            jsonschema.validate(document, schema)
        except jsonschema.ValidationError as error:
            self.violations.append(f"{name}: {error.message}")
            return refusal
        self.received.append((name, document))
        return taken

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Content-Type") != "application/json":
                    owner.violations.append(f"{self.path}: Content-Type {self.headers.get('Content-Type')}")
                status, headers, content = owner._answer(self, body)
                self.send_response(status)
                for key, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


def _telegram(status: int, document: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def _telegram_error(status: int, description: str) -> Answer:
    return _telegram(status, {"ok": False, "error_code": status, "description": description})
