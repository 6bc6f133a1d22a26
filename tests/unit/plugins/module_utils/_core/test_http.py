# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to a small server of the tests' own: what is sent, sent again, and said when it fails."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.http import (
    FAILED,
    FINAL,
    THROTTLED,
    Answer,
    Call,
    HttpClient,
    Refusal,
    Service,
    UnansweredError,
    asked_pause,
    request_span,
    service_token,
    service_url,
)

from tests.support.certificates import Authority
from tests.support.fast_clock import FastClock

SECRET = "s3cret-token"
NOW = datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
READ = Call("GET", "/things?x=1", "read the things")
WRITE = Call("POST", "/things", "change the things", {"name": "é"})


@dataclass
class Server:
    """Answers as ``answers`` say (status, headers, body; status 0: no answer), then with an empty object."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    fate: str = FINAL
    time: FastClock = field(default_factory=FastClock)

    def client(self, **more: Any) -> HttpClient:
        headers = {"Authorization": f"Bearer {SECRET}"}
        settings = {"url": self.url, "headers": headers, "secrets": (SECRET,), "patience": 60.0, **more}
        return HttpClient(Service(**settings), self._refusal, self.time.clock())

    def _refusal(self, call: Call, answer: Answer) -> Refusal:
        said = answer.body.decode()
        kind = RefusedError if self.fate == FINAL else ToolError
        return Refusal(kind(f"Failed to {call.what}: HTTP {answer.status} ({said})", code=answer.document()), self.fate)


def handler_of(server: Server) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name in ("do_GET", "do_POST", "do_PATCH"):
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.seen.append((self.command, self.path, dict(self.headers.items()), body))
            status, headers, content = server.answers.pop(0) if server.answers else (200, {}, b"{}")
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    return Handler


def served(server: Server, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(server))
    if context is not None:
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
    server.url = f"{'http' if context is None else 'https'}://127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    listener.shutdown()
    listener.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from served(Server())


def test_what_a_question_carries(server: Server) -> None:
    server.answers = [(200, {"X-Left": "7"}, b'{"a": [1]}')]
    assert server.client().json(READ) == {"a": [1]}
    [(method, path, headers, body)] = server.seen
    assert (method, path, body) == ("GET", "/things?x=1", b"")
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["User-Agent"] == "chatbot.ops"
    assert "Content-Type" not in headers


def test_what_a_change_carries(server: Server) -> None:
    server.answers = [(204, {"X-Left": " 7"}, b"")]
    answer = server.client().send(WRITE)
    assert (answer.status, answer.headers["x-left"], answer.document()) == (204, "7", None)
    [(_method, _path, headers, body)] = server.seen
    assert (headers["Content-Type"], body) == ("application/json", b'{"name": "\\u00e9"}')


def test_an_answer_that_is_no_json(server: Server) -> None:
    server.answers = [(200, {}, b"<html>")]
    with pytest.raises(ToolError, match=r"Failed to read the things: the answer is no JSON\. Check webhook_url"):
        server.client(option="webhook_url").json(READ)


@pytest.mark.parametrize(
    ("call", "fate", "status", "times", "kind"),
    [
        (READ, FINAL, 403, 1, RefusedError),
        (READ, THROTTLED, 429, 3, None),
        (READ, FAILED, 503, 3, None),
        (WRITE, FINAL, 400, 1, RefusedError),
        (WRITE, THROTTLED, 400, 3, None),
        (WRITE, FAILED, 500, 1, UnansweredError),
        (WRITE, FAILED, 0, 1, UnansweredError),
        (READ, FAILED, 0, 3, None),
        (Call("PATCH", "/things/1", "set the thing", {}, repeatable=True), FAILED, 500, 3, None),
    ],
    ids=lambda value: value.method if isinstance(value, Call) else str(value),
)
def test_what_is_sent_again(
    server: Server, call: Call, fate: str, status: int, times: int, kind: type[OpsError] | None
) -> None:
    server.fate, server.answers = fate, [(status, {}, b'"no"')] * 2
    if kind is None:
        assert server.client().json(call) == {}
    else:
        with pytest.raises(kind, match=f"Failed to {call.what}"):
            server.client().send(call)
    assert len(server.seen) == times
    assert len(server.time.pauses) == times - 1


def test_what_the_server_asks_to_wait_is_waited_but_no_longer_than_one_may(server: Server) -> None:
    server.fate = THROTTLED
    server.answers = [(429, {"Retry-After": "7"}, b"1"), (503, {"Retry-After": "54"}, b"2")]
    with pytest.raises(ToolError, match="HTTP 503") as caught:
        server.client().send(READ)
    assert server.time.pauses == [7.0]
    assert caught.value.details["code"] == 2


def test_a_token_that_the_server_repeats_is_in_no_message(server: Server) -> None:
    server.answers = [(400, {}, f"bad token {SECRET}!".encode())]
    with pytest.raises(RefusedError, match=r"bad token \*\*\*!"):
        server.client().send(READ)
    assert SECRET not in repr(server.client().service)


def test_a_secret_in_the_path_is_in_no_message_when_nobody_answers() -> None:
    client = HttpClient(
        Service("http://127.0.0.1:1/hook/SECRET", patience=0), lambda _call, _answer: Refusal(OpsError(""))
    )
    with pytest.raises(ToolError, match=r"http://127\.0\.0\.1:1 cannot be reached") as caught:
        client.send(Call("POST", "", "tell the hook", {}))
    assert "SECRET" not in str(caught.value)


def test_a_token_follows_no_redirection(server: Server) -> None:
    server.answers = [(302, {"Location": f"{server.url}/elsewhere"}, b"")]
    with pytest.raises(RefusedError, match="HTTP 302"):
        server.client().send(READ)
    assert len(server.seen) == 1


def test_a_certificate_is_checked_against_the_authority_that_is_named(tmp_path: Path) -> None:
    Authority(tmp_path).issue("api", ["api.example.org"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "api.crt", tmp_path / "api.key")
    for server in served(Server(), context):
        assert server.client(ca_path=str(tmp_path / "ca.crt")).json(READ) == {}
        with pytest.raises(ToolError, match=r"(?i)Failed to read the things: .*certificate"):
            server.client(patience=0.0).json(READ)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "Tue, 24 Nov 2026 03:15:30 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 03:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "60"}, 60.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 9)}, 9.0),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) - 9)}, 0.0),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_the_pause_that_headers_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_pause(headers, NOW) == seconds


def test_an_address_is_taken_without_its_last_slash() -> None:
    assert service_url("api_url", "https://api.example.org/v1/", "x") == "https://api.example.org/v1"
    assert service_url("api_url", "http://localhost:8080", "x") == "http://localhost:8080"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://api.example.org", "unencrypted"),
        ("ftp://127.0.0.1", "no address"),
        ("https://user:secret@api.example.org", "no address"),
        ("https://api.example.org?x=1", "no address"),
        ("https://api.example.org:port", "no address"),
        ("https://[::1", "no address"),
        ("https://", "no address"),
    ],
)
def test_addresses_that_make_no_sense(url: str, words: str) -> None:
    with pytest.raises(RefusedError, match=f"Parameter api_url: .*{words}"):
        service_url("api_url", url, "https://api.example.org")


def test_tokens_that_make_no_sense() -> None:
    assert service_token("api_key", "k3y", "") == "k3y"
    with pytest.raises(RefusedError, match=r"^No api key is given\. Set it\.$"):
        service_token("api_key", "", "Set it.")
    with pytest.raises(RefusedError, match="api_key holds a blank") as caught:
        service_token("api_key", "k3y\n", "")
    assert "k3y" not in str(caught.value)


def test_spans_that_leave_no_time() -> None:
    assert request_span("request_timeout", "2m") == 120.0
    with pytest.raises(RefusedError, match="request_timeout: '0s' leaves no time"):
        request_span("request_timeout", "0s")
