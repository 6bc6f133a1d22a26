# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of the APIs of Hetzner Cloud and DigitalOcean: what a server's life needs, and their refusals.

Each answer, and each body that is sent, must fit a schema that is written from the provider's reference. A server that
is made boots at once, as an SSH server on 127.0.0.1 with the host key that cloud-init is given.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from abc import abstractmethod
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import yaml

from tests.support.running import Running
from tests.support.ssh_server import SshServer

_SCHEMAS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("cloud_api.yml").read_text(encoding="utf-8"))
Answer = tuple[int, dict[str, Any]]


class CloudApi(Running):
    """An API on 127.0.0.1; use it as a context manager.

    ``refuse_with`` answers the next request to make a server in place of doing so.
    """

    token = "t0ken-of-the-test"
    provider = ""

    def __init__(self, ssh_port: int) -> None:
        self.servers: dict[int, dict[str, Any]] = {}
        self.keys: dict[int, dict[str, Any]] = {}
        self.requests: list[tuple[str, str, Any]] = []
        self.refuse_with: Answer | None = None
        self.boots = True
        self._ssh_port = ssh_port
        self._booted: dict[int, SshServer] = {}
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_port}/api"

    def start(self) -> None:
        """Start it."""
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop it, and its servers."""
        self._http.shutdown()
        self._http.server_close()
        for server in self._booted.values():
            server.close()

    @abstractmethod
    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Do what is asked."""

    @abstractmethod
    def refusal(self, status: int, code: str, message: str) -> Answer:
        """Return an error as the provider words it."""

    def boot(self, number: int, user_data: str, key: dict[str, Any]) -> None:
        """Have a server answer by SSH."""
        if self.boots:
            config = yaml.safe_load(user_data)
            server = SshServer(config["ssh_keys"]["ed25519_private"], key["public_key"], self._ssh_port)
            server.start()
            self._booted[number] = server

    def remove(self, number: int) -> None:
        """End a server."""
        del self.servers[number]
        if number in self._booted:
            self._booted.pop(number).close()

    def check(self, name: str, document: Any) -> None:
        """Hold a body against its schema; what does not fit is a failure of the request, and so of the test."""
        schema = {"$defs": _SCHEMAS[self.provider], **_SCHEMAS[self.provider][name]}
        jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())

    def _respond(self, method: str, target: str, authorization: str, body: Any) -> Answer:
        split = urlsplit(target)
        path = split.path.removeprefix("/api")
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        self.requests.append((method, path, body))
        if authorization != f"Bearer {self.token}":
            return self.refusal(401, "unauthorized", "Unable to authenticate you")
        with self._lock:
            return self.answer(method, path, query, body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        respond: Callable[[str, str, str, Any], Answer] = self._respond

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                try:
                    status, document = respond(self.command, self.path, self.headers.get("Authorization", ""), body)
                except jsonschema.ValidationError as error:
                    status, document = 500, {"error": {"code": "schema", "message": error.message}}
                data = json.dumps(document).encode() if status != 204 else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


class HetznerCloud(CloudApi):
    """Hetzner Cloud, as of https://docs.hetzner.cloud (2026)."""

    provider = "hcloud"

    def refusal(self, status: int, code: str, message: str) -> Answer:
        return status, {"error": {"code": code, "message": message, "details": {}}}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        actions = {1: self._action("create_server", 0)}
        lists = {"servers": self.servers, "ssh_keys": self.keys, "actions": actions, **self._catalogue()}
        words = path.strip("/").split("/")
        if method == "GET" and len(words) == 1:
            name = query.get("name")
            found = [each for each in lists[words[0]].values() if name in (None, each["name"])]
            for each in found:
                self.check(words[0], each)
            page = {"page": 1, "per_page": 50, "previous_page": None, "next_page": None, "last_page": 1}
            return 200, {words[0]: found, "meta": {"pagination": {**page, "total_entries": len(found)}}}
        if method == "POST" and words == ["ssh_keys"]:
            return self._make_key(body)
        if method == "POST" and words == ["servers"]:
            return self._make_server(body)
        known = words[0] in lists and words[1].isdigit() and int(words[1]) in lists[words[0]]
        if not known:
            return self.refusal(404, "not_found", f"{words[0].rstrip('s')} with ID '{words[1]}' not found")
        number = int(words[1])
        if words[2:] == ["actions", "poweron"]:
            self.servers[number]["status"] = "running"
            return 201, {"action": self._action("start_server", number)}
        if method == "DELETE" and words[0] == "servers":
            self.remove(number)
            return 200, {"action": self._action("delete_server", number)}
        if method == "DELETE":
            del self.keys[number]
            return 204, {}
        return 200, {words[0].rstrip("s"): lists[words[0]][number]}

    def _make_key(self, body: dict[str, Any]) -> Answer:
        self.check("create_ssh_key", body)
        for each in self.keys.values():
            if each["public_key"].split()[1] == body["public_key"].split()[1]:
                return self.refusal(409, "uniqueness_error", "SSH key with the same fingerprint already exists")
        number = 100 + len(self.keys)
        self.keys[number] = {
            "id": number,
            "name": body["name"],
            "fingerprint": md5(body["public_key"]),
            "public_key": body["public_key"],
            "labels": body.get("labels") or {},
            "created": "2026-11-25T00:00:00Z",
        }
        self.check("ssh_keys", self.keys[number])
        return 201, {"ssh_key": self.keys[number]}

    def _make_server(self, body: dict[str, Any]) -> Answer:
        self.check("create_server", body)
        if self.refuse_with is not None:
            return self.refuse_with
        number = 4000 + len(self.requests)
        catalogue = self._catalogue()
        self.servers[number] = {
            "id": number,
            "name": body["name"],
            "status": "running",
            "created": "2026-11-25T00:00:00Z",
            "public_net": {
                "ipv4": {"id": 1, "ip": "127.0.0.1", "blocked": False, "dns_ptr": "bot.example.org"},
                "ipv6": None,
                "floating_ips": [],
            },
            "private_net": [],
            "server_type": catalogue["server_types"][1],
            "datacenter": None,
            "location": catalogue["locations"][1],
            "image": catalogue["images"][1],
            "iso": None,
            "rescue_enabled": False,
            "locked": False,
            "backup_window": None,
            "outgoing_traffic": None,
            "ingoing_traffic": None,
            "included_traffic": None,
            "protection": {"delete": False, "rebuild": False},
            "labels": body.get("labels", {}),
            "primary_disk_size": 40,
        }
        keys = [
            each for each in self.keys.values() if body["ssh_keys"][0] in (each["name"], str(each["id"]), each["id"])
        ]
        if not keys:
            del self.servers[number]
            return self.refusal(404, "not_found", "SSH key not found")
        self.boot(number, body["user_data"], keys[0])
        return 201, {
            "server": self.servers[number],
            "action": self._action("create_server", number),
            "next_actions": [self._action("start_server", number)],
            "root_password": None,
        }

    @staticmethod
    def _action(command: str, server: int) -> dict[str, Any]:
        return {
            "id": 1,
            "command": command,
            "status": "success",
            "progress": 100,
            "started": "2026-11-25T00:00:00Z",
            "finished": "2026-11-25T00:00:01Z",
            "resources": [{"id": server, "type": "server"}],
            "error": None,
        }

    @staticmethod
    def _catalogue() -> dict[str, dict[int, dict[str, Any]]]:
        location = {
            "id": 1,
            "name": "fsn1",
            "description": "Falkenstein DC Park 1",
            "country": "DE",
            "city": "Falkenstein",
            "latitude": 50.47612,
            "longitude": 12.370071,
            "network_zone": "eu-central",
        }
        kind = {
            "id": 1,
            "name": "cx23",
            "description": "CX23",
            "cores": 2,
            "memory": 4.0,
            "disk": 40,
            "deprecated": False,
            "locations": [{"id": 1, "name": "fsn1", "available": True, "recommended": True, "deprecation": None}],
            "prices": [],
            "storage_type": "local",
            "cpu_type": "shared",
            "category": "Shared vCPU",
            "architecture": "x86",
            "deprecation": None,
        }
        image = {
            "id": 1,
            "type": "system",
            "status": "available",
            "name": "debian-13",
            "description": "Debian 13",
            "image_size": None,
            "disk_size": 5,
            "created": "2025-08-10T00:00:00Z",
            "created_from": None,
            "bound_to": None,
            "os_flavor": "debian",
            "os_version": "13",
            "rapid_deploy": True,
            "protection": {"delete": False},
            "deprecated": None,
            "deleted": None,
            "labels": {},
            "architecture": "x86",
        }
        return {"locations": {1: location}, "server_types": {1: kind}, "images": {1: image}}


class DigitalOcean(CloudApi):
    """DigitalOcean's API, version 2, as of https://docs.digitalocean.com/reference/api (2026)."""

    provider = "digitalocean"

    def refusal(self, status: int, code: str, message: str) -> Answer:
        return status, {"id": code, "message": message}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        words = path.strip("/").split("/")
        if words == ["droplets"] and method == "GET":
            # The first look is too early: a droplet has no address until it is active.
            found = [each for each in self.servers.values() if each["name"].lower() == query["name"].lower()]
            listed = [dict(each) for each in found]
            for each in found:
                each["status"] = "active" if each["status"] == "new" else each["status"]
            for each in listed:
                self.check("droplet", each)
            return 200, {"droplets": listed, "links": {}, "meta": {"total": len(listed)}}
        if words == ["account", "keys"] and method == "POST":
            self.check("create_ssh_key", body)
            number = 500 + len(self.keys)
            self.keys[number] = {"id": number, "fingerprint": md5(body["public_key"]), **body}
            return 201, {"ssh_key": self.keys[number]}
        if words[:2] == ["account", "keys"]:
            keys = [each for each in self.keys.values() if each["fingerprint"] == words[2]]
            if keys and method == "DELETE":
                del self.keys[keys[0]["id"]]
                return 204, {}
            return (200, {"ssh_key": keys[0]}) if keys else self._missing()
        if words == ["droplets"]:
            return self._make_server(body)
        number = int(words[1])
        if number not in self.servers:
            return self._missing()
        if words[2:] == ["actions"]:
            self.check("action", body)
            self.servers[number]["status"] = "active"
            return 201, {"action": {"id": 1, "status": "in-progress", "type": body["type"]}}
        self.remove(number)
        return 204, {}

    def _missing(self) -> Answer:
        return self.refusal(404, "not_found", "The resource you requested could not be found.")

    def _make_server(self, body: dict[str, Any]) -> Answer:
        self.check("create_droplet", body)
        if self.refuse_with is not None:
            return self.refuse_with
        keys = [each for each in self.keys.values() if each["fingerprint"] == body["ssh_keys"][0]]
        if not keys:
            message = f"{body['ssh_keys'][0]} are invalid key identifiers for Droplet creation."
            return self.refusal(422, "unprocessable_entity", message)
        number = 3164444 + len(self.requests)
        v4 = [{"ip_address": "10.9.8.7", "type": "private"}, {"ip_address": "127.0.0.1", "type": "public"}]
        self.servers[number] = {
            "id": number,
            "name": body["name"],
            "memory": 1024,
            "vcpus": 1,
            "disk": 25,
            "locked": False,
            "status": "new",
            "created_at": "2026-11-25T00:00:00Z",
            "features": [],
            "backup_ids": [],
            "next_backup_window": None,
            "snapshot_ids": [],
            "image": {"id": 1, "slug": body["image"]},
            "volume_ids": [],
            "size": {"slug": body["size"]},
            "size_slug": body["size"],
            "networks": {
                "v4": [{"netmask": "255.255.240.0", "gateway": "127.0.0.2", **each} for each in v4],
                "v6": [],
            },
            "region": {"slug": body["region"]},
            "tags": body["tags"],
        }
        self.boot(number, body["user_data"], keys[0])
        return 202, {"droplet": self.servers[number], "links": {"actions": []}}


def md5(public_key: str) -> str:
    """Return a public key's fingerprint as both providers call keys by."""
    raw = hashlib.md5(base64.b64decode(public_key.split()[1]), usedforsecurity=False).hexdigest()
    return ":".join(raw[at : at + 2] for at in range(0, 32, 2))
