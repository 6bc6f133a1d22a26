# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for the DNS interfaces of Cloudflare and Hetzner, which cannot be had here.

Their clients insist on the real hosts, so they are led here by a proxy's address and an authority of the tests' own. A change
shows at the name servers of a `DnsServer`, as with the real ones. What is refused, and how, is taken from the vendors'
references; Hetzner's own client (hcloud) understands the second one, as a test sees.

https://developers.cloudflare.com/api/resources/dns/subresources/records/
https://docs.hetzner.cloud/reference/cloud#zone-rrsets
"""

from __future__ import annotations

import http.server
import ipaddress
import itertools
import json
import ssl
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.certificates import Authority
from tests.support.dns_server import DnsServer

TOKEN = "token-of-the-tests-0123456789abcdef0123"
#: What Cloudflare's name servers answer in place of a proxied record's content.
PROXY_ADDRESS = "203.0.113.77"

Reply = tuple[int, Any]


class Cloud(ABC):
    """What one host answers."""

    host: str

    def __init__(self, zone: DnsServer) -> None:
        self.zone = zone
        self.calls: list[str] = []
        """What was asked, as ``PATCH /path``, in that order."""
        self.numbers = itertools.count(1)

    def reply(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Return the status and the JSON document that answer a request."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.calls.append(f"{method} {url.path}")
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.unauthorised()
        parts = [unquote(each) for each in url.path.strip("/").split("/")]
        return self.answer(method, parts, query, json.loads(body) if body else None)

    @abstractmethod
    def unauthorised(self) -> Reply:
        """Answer a token that is none."""

    @abstractmethod
    def answer(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Reply:
        """Answer a request whose token is right."""


class Cloudflare(Cloud):
    """Cloudflare's zones and DNS records, version 4."""

    host = "api.cloudflare.com"
    _ZONE = "023e105f4ecef8ad9ca31a8372d0c353"

    def __init__(self, zone: DnsServer) -> None:
        super().__init__(zone)
        self.name = zone.zone.to_text(omit_final_dot=True)
        self.records: dict[str, dict[str, Any]] = {}
        self.refuses_writes = False
        """Whether the token may read and not write."""

    def add(self, name: str, kind: str, content: str, **more: Any) -> None:
        """Put a record there."""
        given = {"name": f"{name}.{self.name}", "type": kind, "content": content, "ttl": 300, **more}
        status, answer = self._create(given)
        assert status == 200, answer

    def unauthorised(self) -> Reply:
        return _cloudflare_error(403, 9109, "Invalid access token")

    def answer(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Reply:
        assert parts[:3] == ["client", "v4", "zones"], parts
        if len(parts) == 3:
            zones = [{"id": self._ZONE, "name": self.name}] if query.get("name") == self.name else []
            return _cloudflare_result(zones)
        assert parts[3:5] == [self._ZONE, "dns_records"], parts
        if method != "GET" and self.refuses_writes:
            return _cloudflare_error(403, 10000, "Authentication error")
        if method == "GET":
            wanted = {key: query[key] for key in ("name", "type", "content") if key in query}
            return _cloudflare_result([each for each in self.records.values() if wanted.items() <= each.items()])
        if method == "POST":
            return self._create(body)
        if parts[5] not in self.records:
            return _cloudflare_error(404, 81044, "Record does not exist.")
        if method == "DELETE":
            self._show(self.records.pop(parts[5])["name"])
            return _cloudflare_result({"id": parts[5]})
        assert method == "PUT", method
        return self._overwrite(parts[5], body)

    def _create(self, given: dict[str, Any]) -> Reply:
        same = [each for each in self.records.values() if each["name"] == given["name"]]
        if any("CNAME" in (each["type"], given["type"]) for each in same):
            return _cloudflare_error(400, 81053, "An A, AAAA, or CNAME record with that host already exists.")
        if any((each["type"], each["content"]) == (given["type"], given["content"]) for each in same):
            return _cloudflare_error(400, 81058, "An identical record already exists.")
        return self._overwrite(f"{next(self.numbers):032x}", given)

    def _overwrite(self, identifier: str, given: dict[str, Any]) -> Reply:
        problem = _cloudflare_problem(given)
        if problem:
            return _cloudflare_error(400, 9005, problem)
        proxied = given.get("proxied", False)
        self.records[identifier] = {
            "id": identifier,
            "name": given["name"],
            "type": given["type"],
            "content": given["content"],
            "ttl": 1 if proxied else given["ttl"],
            "proxied": proxied,
            "comment": given.get("comment"),
            "tags": given.get("tags") or [],
        }
        self._show(given["name"])
        return _cloudflare_result(self.records[identifier])

    def _show(self, name: str) -> None:
        lines = []
        for kind in ("A", "AAAA", "CNAME"):
            for each in self.records.values():
                if (each["name"], each["type"]) == (name, kind):
                    ttl = 300 if each["ttl"] == 1 else each["ttl"]
                    content = PROXY_ADDRESS if each["proxied"] else each["content"]
                    lines.append(f"{ttl} IN {kind} {content}")
        self.zone.set(f"{name}.", *lines)


def _cloudflare_problem(given: Mapping[str, Any]) -> str | None:
    versions = {"A": 4, "AAAA": 6}
    kind = given["type"]
    if kind in versions and ipaddress.ip_address(given["content"]).version != versions[kind]:
        return f"Content for {kind} record must be a valid IPv{versions[kind]} address."
    if given["ttl"] != 1 and not 60 <= given["ttl"] <= 86400:
        return "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic."
    if len(given.get("comment") or "") > 100:
        return "DNS record comment is too long."
    return None


def _cloudflare_result(result: Any) -> Reply:
    document: dict[str, Any] = {"success": True, "errors": [], "messages": [], "result": result}
    if isinstance(result, list):
        count = {"count": len(result), "total_count": len(result), "total_pages": 1}
        document["result_info"] = {"page": 1, "per_page": 100, **count}
    return 200, document


def _cloudflare_error(status: int, code: int, message: str) -> Reply:
    return status, {
        "success": False,
        "errors": [{"code": code, "message": message}],
        "messages": [],
        "result": None,
    }


class Hetzner(Cloud):
    """Hetzner's Cloud API, the part with the zones."""

    host = "api.hetzner.cloud"

    def __init__(self, zone: DnsServer) -> None:
        super().__init__(zone)
        self.name = zone.zone.to_text(omit_final_dot=True)
        self.sets: dict[tuple[str, str], dict[str, Any]] = {}
        self.actions: dict[int, dict[str, Any]] = {}
        self.protected: set[str] = set()
        """The names whose records must not be changed."""

    def add(self, name: str, kind: str, content: str, ttl: int | None = 300) -> None:
        """Put a set of one record there."""
        status, answer = self._create({"name": name, "type": kind, "ttl": ttl, "records": [{"value": content}]})
        assert status == 201, answer

    def unauthorised(self) -> Reply:
        return _hetzner_error(401, "unauthorized", "unable to authenticate")

    def answer(self, method: str, parts: list[str], query: dict[str, str], body: Any) -> Reply:
        assert parts[0] == "v1", parts
        if parts[1] == "actions":
            action = self.actions[int(parts[2])]
            action.update(status="success", progress=100)
            return 200, {"action": action}
        assert parts[1] == "zones", parts
        if parts[2] not in ("7", self.name):
            return _hetzner_error(404, "not_found", "zone not found")
        if len(parts) == 3:
            return 200, {"zone": {"id": 7, "name": self.name, "mode": "primary", "ttl": 3600}}
        assert parts[3] == "rrsets", parts
        if len(parts) == 4:
            return self._create(body) if method == "POST" else self._list(query)
        found = self.sets.get((parts[4], parts[5]))
        if found is None:
            return _hetzner_error(404, "not_found", "rrset not found")
        if len(parts) == 6:
            return 200, {"rrset": found}
        return self._act(found, parts[7], body)

    def _list(self, query: Mapping[str, str]) -> Reply:
        wanted = {key: query[key] for key in ("name", "type") if key in query}
        found = [each for each in self.sets.values() if wanted.items() <= each.items()]
        page = {"page": 1, "per_page": 100, "previous_page": None, "next_page": None, "last_page": 1}
        return 200, {"rrsets": found, "meta": {"pagination": {**page, "total_entries": len(found)}}}

    def _create(self, given: dict[str, Any]) -> Reply:
        key = (given["name"], given["type"])
        if key in self.sets:
            return _hetzner_error(409, "uniqueness_error", "rrset already exists")
        problem = _hetzner_problem(given)
        if problem:
            return problem
        records = [{"value": each["value"], "comment": each.get("comment") or ""} for each in given["records"]]
        self.sets[key] = {
            "id": "/".join(key),
            "name": key[0],
            "type": key[1],
            "ttl": given.get("ttl"),
            "records": records,
            "labels": {},
            "protection": {"change": False},
            "zone": 7,
        }
        self._show(key[0])
        return 201, {"rrset": self.sets[key], "action": self._action("create_rrset")}

    def _act(self, found: dict[str, Any], command: str, body: Any) -> Reply:
        if found["name"] in self.protected:
            return _hetzner_error(422, "protected", "rrset is protected")
        problem = _hetzner_problem({**found, **body})
        if problem:
            return problem
        if command == "change_ttl":
            found["ttl"] = body["ttl"]
        else:
            assert command == "set_records", command
            found["records"] = [
                {"value": each["value"], "comment": each.get("comment") or ""} for each in body["records"]
            ]
        self._show(found["name"])
        return 201, {"action": self._action(command)}

    def _action(self, command: str) -> dict[str, Any]:
        number = next(self.numbers)
        resources = [{"id": 7, "type": "zone"}]
        times = {"started": "2026-11-25T00:00:00Z", "finished": None}
        self.actions[number] = {
            "id": number,
            "command": command,
            "status": "running",
            "progress": 0,
            "error": None,
            "resources": resources,
            **times,
        }
        return self.actions[number]

    def _show(self, name: str) -> None:
        found = [each for each in self.sets.values() if each["name"] == name]
        self.zone.set(
            name,
            *(f"{each['ttl'] or 3600} IN {each['type']} {one['value']}" for each in found for one in each["records"]),
        )


def _hetzner_problem(given: Mapping[str, Any]) -> Reply | None:
    if given.get("ttl") is not None and not 60 <= given["ttl"] <= 2147483647:
        return _hetzner_error(422, "invalid_input", "invalid input in field 'ttl'")
    versions = {"A": 4, "AAAA": 6}
    for each in given["records"]:
        if given["type"] in versions and ipaddress.ip_address(each["value"]).version != versions[given["type"]]:
            return _hetzner_error(422, "invalid_input", "invalid input in field 'records'")
    return None


def _hetzner_error(status: int, code: str, message: str) -> Reply:
    return status, {"error": {"code": code, "message": message, "details": None}}


class CloudProxy:
    """Leads whoever uses it as a proxy to the stand-ins, whatever host they ask for."""

    def __init__(self, folder: Path, *clouds: Cloud) -> None:
        authority = Authority(folder)
        hosts = [each.host for each in clouds]
        authority.issue("clouds", hosts)
        self.authority = folder / "ca.crt"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "clouds.crt", folder / "clouds.key")
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.context = context
        self._server.clouds = {each.host: each for each in clouds}

    def __enter__(self) -> CloudProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_details: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """Return the variables by which a client comes here and trusts what it finds."""
        proxy = f"http://127.0.0.1:{self._server.server_address[1]}"
        names = ("https_proxy", "HTTPS_PROXY")
        trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(self.authority))
        return {**dict.fromkeys(names, proxy), **trust, "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1"}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    context: ssl.SSLContext
    clouds: dict[str, Cloud]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    _host = ""

    def do_CONNECT(self) -> None:
        self._host, _colon, _port = self.path.partition(":")
        self.send_response_only(200)
        self.end_headers()
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, document = self.server.clouds[self._host].reply(self.command, self.path, dict(self.headers), body)
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 (the base class wants it so)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
