# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry that wants a token, as the hub and others do. The bed's tests ask a real one, which wants none."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LOGIN = "operator:geheim"


@dataclass
class Double:
    """What the registry has and how it behaves; ``asked`` is what it was asked, with the header Authorization."""

    content: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    auth: str = "token"
    login: bool = False
    tells_digest: bool = True
    status: int | None = None
    elsewhere: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    def put(self, path: str, document: Any, kind: str = MANIFEST) -> str:
        """Have ``document`` at ``path``, and by its digest; returns that."""
        body = json.dumps(document).encode()
        digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
        for each in (path, f"{path.rpartition('/')[0]}/{digest}"):
            self.content[each], self.types[each] = body, kind
        return digest

    def put_image(self, repository: str, tag: str, layers: list[str]) -> str:
        """Have an image for two platforms; those of the other one are other layers. Returns the digest of the index."""
        manifests = []
        for architecture, diffs in (("arm64", ["sha256:other"]), ("amd64", layers)):
            config = {"rootfs": {"diff_ids": diffs}, "created": "2026-11-01T00:00:00Z"}
            digest = self.put(f"/v2/{repository}/blobs/x", config)
            manifest = self.put(f"/v2/{repository}/manifests/x", {"config": {"digest": digest}})
            manifests.append({"digest": manifest, "platform": {"os": "linux", "architecture": architecture}})
        return self.put(f"/v2/{repository}/manifests/{tag}", {"manifests": manifests}, INDEX)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    double: Double

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def _serve(self) -> None:
        double, url = self.double, urlsplit(self.path)
        given = self.headers.get("Authorization", "")
        double.asked.append((self.command, url.path, given))
        if url.path == "/token":
            return self._token(given, parse_qs(url.query))
        if url.path.startswith("/elsewhere"):
            return self._answer(200, double.content[url.path[len("/elsewhere") :]])
        wanted = {"token": "Bearer t0", "basic": f"Basic {base64.b64encode(LOGIN.encode()).decode()}"}.get(
            double.auth, ""
        )
        if given != wanted:
            challenge = f'Bearer realm="{double.address}/token",service="registry"'
            return self._answer(
                401, b"", {"WWW-Authenticate": 'Basic realm="r"' if double.auth == "basic" else challenge}
            )
        if double.status:
            return self._answer(double.status, b"no")
        if double.elsewhere and "/blobs/" in url.path:
            return self._answer(307, b"", {"Location": f"/elsewhere{url.path}"})
        body = double.content.get(url.path)
        if body is None:
            return self._answer(404, b"{}")
        assert "/blobs/" in url.path or double.types[url.path] in self.headers["Accept"]
        digest = {"Docker-Content-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}"} if double.tells_digest else {}
        return self._answer(200, body, digest)

    def _token(self, given: str, query: dict[str, list[str]]) -> None:
        if self.double.login and given != f"Basic {base64.b64encode(LOGIN.encode()).decode()}":
            return self._answer(401, b"")
        assert query["service"] == ["registry"]
        assert query["scope"][0].startswith("repository:")
        return self._answer(200, b'{"token": "t0"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def registry_double() -> Iterator[Double]:
    """Gives a registry without TLS."""
    double = Double()
    handler = type("Asked", (_Handler,), {"double": double})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        double.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield double
        finally:
            server.shutdown()
