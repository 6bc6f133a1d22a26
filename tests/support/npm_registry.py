# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An npm registry with a few small packages and advisories, for the real npm to ask.

It answers as the registry's documents say (a package's metadata, its tarballs, ``/-/npm/v1/security/advisories/bulk``).
Alone, ``python3 npm_registry.py ADDRESS PORT`` serves them, with nothing but Python's own library.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import sys
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_BULK = "/-/npm/v1/security/advisories/bulk"
# Of each package the versions, oldest first, and what they depend on. The first of each is vulnerable.
PACKAGES: dict[str, dict[str, dict[str, str]]] = {
    "greeter": {"1.0.0": {}, "1.0.1": {}, "2.0.0": {}},
    "courier": {"1.0.0": {"parcel": "~1.0.0"}, "1.1.0": {"parcel": "~1.1.0"}},
    "parcel": {"1.0.0": {}, "1.1.0": {}},
}
ADVISORIES: dict[str, list[dict[str, Any]]] = {
    "greeter": [
        {
            "id": 1,
            "url": "https://advisories.example.org/1",
            "title": "Greets strangers",
            "severity": "high",
            "vulnerable_versions": "<1.0.1",
            "cwe": [],
            "cvss": {"score": 7.5, "vectorString": None},
        }
    ],
    "parcel": [
        {
            "id": 2,
            "url": "https://advisories.example.org/2",
            "title": "Opens by itself",
            "severity": "critical",
            "vulnerable_versions": "<1.1.0",
            "cwe": [],
            "cvss": {"score": 9.8, "vectorString": None},
        }
    ],
}


def tarball(name: str, version: str, depends: Mapping[str, str]) -> bytes:
    """The package as npm packs it; what it exports is its version."""
    files = {
        "package/package.json": json.dumps({"name": name, "version": version, "dependencies": dict(depends)}),
        "package/index.js": f"module.exports = {json.dumps(version)};\n",
    }
    packed = io.BytesIO()
    # Without the time of day: the digest of a version never changes.
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


def packument(name: str, address: str) -> dict[str, Any]:
    """What the registry tells of a package."""
    versions = {}
    for version, depends in PACKAGES[name].items():
        digest = base64.b64encode(hashlib.sha512(tarball(name, version, depends)).digest()).decode()
        dist = {"tarball": f"{address}/{name}/-/{name}-{version}.tgz", "integrity": f"sha512-{digest}"}
        versions[version] = {"name": name, "version": version, "dependencies": depends, "dist": dist}
    return {"name": name, "dist-tags": {"latest": list(PACKAGES[name])[-1]}, "versions": versions}


class Handler(BaseHTTPRequestHandler):
    """Answers npm."""

    protocol_version = "HTTP/1.1"
    audits = True

    def do_GET(self) -> None:
        parts = self.path.strip("/").split("/")
        name = parts[0]
        if name not in PACKAGES:
            return self._answer(404, b'{"error": "not found"}')
        if len(parts) == 1:
            address = f"http://{self.headers['Host']}"
            return self._answer(200, json.dumps(packument(name, address)).encode())
        version = parts[-1][len(name) + 1 : -len(".tgz")]
        return self._answer(200, tarball(name, version, PACKAGES[name][version]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != _BULK or not self.audits:
            return self._answer(503, b'{"error": "no audits here"}')
        asked = json.loads(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        found = {name: ADVISORIES[name] for name in asked if name in ADVISORIES}
        return self._answer(200, json.dumps(found).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def npm_registry(*, audits: bool = True) -> Iterator[str]:
    """Gives the address of a registry; without ``audits`` it refuses them, as many do."""
    handler = type("Asked", (Handler,), {"audits": audits})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


if __name__ == "__main__":
    ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
