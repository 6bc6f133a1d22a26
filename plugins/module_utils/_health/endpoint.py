# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at an endpoint: what it answers, how fast, and until when its certificate is good."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.masking import mask
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso

_MOST = 1 << 16
_SHOWN = 200
_PORTS = {"http": 80, "https": 443}
# Some servers answer what looks like a robot with nothing: n8n does, for example.
_AGENT = "chatbot.ops"


@dataclass(frozen=True)
class Endpoint:
    """An address to ask: ``status`` and ``keyword`` are what is wanted, ``connect_to`` where to connect in place of the host
    that the URL names, ``authority`` a file of the authorities to trust."""

    name: str
    url: str
    status: tuple[int, ...] = (200,)
    keyword: str = ""
    timeout: float = 5.0
    authority: str = ""
    connect_to: str = ""


def endpoint_from(given: Mapping[str, Any]) -> Endpoint:
    """Return the endpoint that a module's parameter describes.

    :raises RefusedError: if it is none.
    """
    name, url = given["name"], given["url"]
    try:
        parts = urlsplit(url)
        wrong = parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.port == 0
    except ValueError:
        wrong = True
    if wrong or not name:
        raise RefusedError(
            f"Parameter endpoints: {name!r} needs a name and a URL such as https://bot.example.org/health, without a password."
        )
    return Endpoint(
        name=name,
        url=url,
        status=tuple(given.get("status") or (200,)),
        keyword=given.get("keyword") or "",
        timeout=duration_seconds("endpoints.timeout", given.get("timeout") or "5s"),
        authority=given.get("ca") or "",
        connect_to=given.get("connect_to") or "",
    )


def look_at_endpoints(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Ask all of them at once."""
    if not endpoints:
        return {"endpoints": []}
    with ThreadPoolExecutor(max_workers=len(endpoints)) as pool:
        return {"endpoints": list(pool.map(ask, endpoints))}


def ask(endpoint: Endpoint) -> dict[str, Any]:
    """Return what one GET finds. A certificate that is not trusted is told, and the server is asked all the same."""
    found: dict[str, Any] = {
        "name": endpoint.name,
        "url": endpoint.url,
        "wanted": list(endpoint.status),
        "keyword": endpoint.keyword,
        "keyword_found": None,
        "problem": None,
        "status": None,
        "body": "",
        "seconds": None,
        "tls": urlsplit(endpoint.url).scheme == "https",
        "certificate_ends": None,
        "certificate_problem": None,
    }
    begun = time.monotonic()
    try:
        with _Client(endpoint) as client:
            found.update(client.certificate())
            status, body = client.get()
    except (OSError, http.client.HTTPException, ValueError) as error:
        return {**found, "problem": _words(error, endpoint)}
    text = body.decode("utf-8", "replace")
    found["seconds"] = round(time.monotonic() - begun, 4)
    found["keyword_found"] = endpoint.keyword in text if endpoint.keyword else None
    return {**found, "status": status, "body": mask(" ".join(text.split()))[:_SHOWN]}


class _Client:
    """A connection to an endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint, self._parts = endpoint, urlsplit(endpoint.url)
        self._host = self._parts.hostname or ""
        self._port = self._parts.port or _PORTS[self._parts.scheme]
        self._socket: socket.socket | None = None
        self._problem: str | None = None

    def __enter__(self) -> _Client:
        self._socket = self._secured() if self._parts.scheme == "https" else self._plain()
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._socket is not None:
            self._socket.close()

    def certificate(self) -> dict[str, Any]:
        """Return until when the server's certificate is good, and why it is not trusted."""
        if not isinstance(self._socket, ssl.SSLSocket):
            return {}
        try:
            from cryptography import x509  # not above: it takes a while, and not every host has endpoints
        except ImportError:
            return {"certificate_problem": self._problem}  # everything else is told all the same
        shown = self._socket.getpeercert(binary_form=True)
        end = x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
        return {"certificate_ends": to_iso(end) if end else None, "certificate_problem": self._problem}

    def get(self) -> tuple[int, bytes]:
        """Return the status and the beginning of the body. No redirection is followed."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=self._endpoint.timeout)
        connection.sock = self._socket
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        connection.request(
            "GET", path, headers={"Host": self._parts.netloc, "User-Agent": _AGENT, "Connection": "close"}
        )
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST)

    def _plain(self) -> socket.socket:
        return socket.create_connection(self._address(), self._endpoint.timeout)

    def _address(self) -> tuple[str, int]:
        if not self._endpoint.connect_to:
            return self._host, self._port
        host, _colon, port = self._endpoint.connect_to.rpartition(":")
        if not port.isdigit() or not host:
            return self._endpoint.connect_to, self._port
        return host.strip("[]"), int(port)

    def _secured(self) -> socket.socket:
        trusting = ssl.create_default_context(cafile=self._endpoint.authority or None)
        try:
            return self._handshake(trusting)
        except ssl.SSLCertVerificationError as error:
            self._problem = error.verify_message or str(error)
        # Nothing secret is sent: to see what is behind it, any certificate will do.
        trusting.check_hostname = False
        trusting.verify_mode = ssl.CERT_NONE
        return self._handshake(trusting)

    def _handshake(self, context: ssl.SSLContext) -> socket.socket:
        plain = self._plain()
        try:
            return context.wrap_socket(plain, server_hostname=self._host)
        except BaseException:
            plain.close()
            raise


def _words(error: Exception, endpoint: Endpoint) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {endpoint.timeout:g} s"
    if isinstance(error, FileNotFoundError) and endpoint.authority:
        return f"there is no file {endpoint.authority} with the authorities to trust"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")
