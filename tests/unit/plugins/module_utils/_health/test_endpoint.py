# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints, asked by a real server: what it answers, and what its certificate is worth."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._health.endpoint import (
    Endpoint,
    ask,
    endpoint_from,
    look_at_endpoints,
)

from tests.support.certificates import Authority


class Handler(BaseHTTPRequestHandler):
    """Answers by the path: a status, and the host that it was asked for."""

    def do_GET(self) -> None:
        status = int(self.path.strip("/").split("?")[0] or 200)
        body = f'{{"status": "ok", "host": "{self.headers["Host"]}", "to": "+34 612 345 678"}}'.encode()
        self.send_response(status)
        self.send_header("Location", "/200")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("tls")
    Authority(found).issue("bot", ["bot.example.org"])
    return found


@pytest.fixture(scope="module")
def tls_port(folder: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "bot.crt", folder / "bot.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_an_answer(port: int) -> None:
    found = ask(Endpoint("api", f"http://127.0.0.1:{port}/200?a=b", keyword="ok"))
    assert (found["problem"], found["status"], found["keyword_found"], found["tls"]) == (None, 200, True, False)
    assert found["seconds"] > 0
    assert f":{port}" in found["body"]
    assert "612" not in found["body"]


def test_what_is_not_as_wanted_is_told(port: int) -> None:
    assert ask(Endpoint("api", f"http://127.0.0.1:{port}/503"))["status"] == 503
    assert ask(Endpoint("api", f"http://127.0.0.1:{port}/302"))["status"] == 302
    assert ask(Endpoint("api", f"http://127.0.0.1:{port}/200", keyword="fine"))["keyword_found"] is False


def test_no_answer(port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        silent = ask(Endpoint("api", f"http://127.0.0.1:{deaf.getsockname()[1]}/", timeout=0.2))
        closed = deaf.getsockname()[1]
    assert silent["problem"] == "no answer within 0.2 s"
    assert "refused" in ask(Endpoint("api", f"http://127.0.0.1:{closed}/"))["problem"]
    not_http = ask(Endpoint("api", f"https://127.0.0.1:{port}/"))
    assert not_http["problem"]
    assert not_http["seconds"] is None


def test_a_certificate_that_is_trusted(folder: Path, tls_port: int) -> None:
    url, to = "https://bot.example.org/200", f"127.0.0.1:{tls_port}"
    found = ask(Endpoint("api", url, authority=str(folder / "ca.crt"), connect_to=to))
    assert (found["problem"], found["status"], found["certificate_problem"]) == (None, 200, None)
    assert "bot.example.org" in found["body"]
    assert found["certificate_ends"].endswith("Z")


def test_one_that_is_not_is_told_and_the_server_is_asked_all_the_same(folder: Path, tls_port: int) -> None:
    stranger = ask(Endpoint("api", "https://bot.example.org/200", connect_to=f"127.0.0.1:{tls_port}"))
    assert "certificate" in stranger["certificate_problem"]
    assert (stranger["status"], stranger["problem"]) == (200, None)
    assert stranger["certificate_ends"] is not None
    other = ask(
        Endpoint(
            *("api", "https://www.example.org/200"),
            authority=str(folder / "ca.crt"),
            connect_to=f"127.0.0.1:{tls_port}",
        )
    )
    assert "www.example.org" in other["certificate_problem"]


def test_no_file_of_authorities() -> None:
    assert "/nowhere.crt" in ask(Endpoint("api", "https://127.0.0.1:1/", authority="/nowhere.crt"))["problem"]


def test_all_are_asked(port: int) -> None:
    urls = [f"http://127.0.0.1:{port}/{each}" for each in (200, 404)]
    found = look_at_endpoints([Endpoint(str(number), url) for number, url in enumerate(urls)])["endpoints"]
    assert [(each["name"], each["status"]) for each in found] == [("0", 200), ("1", 404)]
    assert look_at_endpoints([]) == {"endpoints": []}


def test_an_endpoint_as_it_is_given() -> None:
    given = {"name": "api", "url": "https://bot.example.org", "status": None, "timeout": "2m", "ca": None}
    assert endpoint_from(given) == Endpoint("api", "https://bot.example.org", timeout=120.0)
    assert endpoint_from({"name": "a", "url": "http://[2001:db8::1]:80/", "status": [200, 204]}).status == (200, 204)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("", "https://bot.example.org"),
        ("api", "bot.example.org"),
        ("api", "ftp://bot.example.org"),
        ("api", "https://"),
        ("api", "https://ana:geheim@bot.example.org"),
        ("api", "https://bot.example.org:x"),
    ],
)
def test_what_is_none_is_refused(name: str, url: str) -> None:
    with pytest.raises(RefusedError, match="needs a name and a URL"):
        endpoint_from({"name": name, "url": url})


@pytest.mark.parametrize("to", ["127.0.0.1", "localhost"])
def test_another_place_with_the_same_port(port: int, to: str) -> None:
    assert ask(Endpoint("api", f"http://bot.example.org:{port}/200", connect_to=to))["status"] == 200
