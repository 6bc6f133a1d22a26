# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one bed is: its state folder with keys, secrets and certificates, its addresses and its ports.

All of it is made at the first start and goes with `make bed-down`; a repeated start finds it and keeps it.
"""

from __future__ import annotations

import base64
import json
import secrets
import shutil
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.bed.process import BedError, Command, run
from tests.support.certificates import Authority
from tests.tools.link import CHECKOUT

_Value = TypeVar("_Value", int, str)

# Several checkouts may share one, by a link.
STATE = (CHECKOUT / "build" / "bed").resolve()

# Below the ports that a machine gives to outgoing connections: none of those can take one of ours between two starts.
_PORTS = range(20000, 30000)

NETWORK = "bed"
# Reserved for tests of network devices (RFC 2544): no machine's own network has it.
SUBNET = "198.18.0.0/24"
ZONE = "lottery.test"
BOT = f"bot.{ZONE}"
# The name of the key that signs updates of the zone; its secret is tsig_secret.
TSIG_KEY = "bed-update"
REGISTRY = "registry.bed:5000"
BUCKET = "backups"
ADDRESSES = {
    "production": "198.18.0.11",
    "replacement": "198.18.0.12",
    "registry": "198.18.0.21",
    "s3": "198.18.0.22",
    "dns": "198.18.0.23",
    "smtp": "198.18.0.24",
    "ceph": "198.18.0.25",
}
SERVERS = ("production", "replacement")
# What each part listens to, and the name of the port of 127.0.0.1 that leads there.
PUBLISHED = {
    "production-ssh": ("production", 22, "tcp"),
    "production-https": ("production", 443, "tcp"),
    "replacement-ssh": ("replacement", 22, "tcp"),
    "replacement-https": ("replacement", 443, "tcp"),
    "registry": ("registry", 5000, "tcp"),
    "s3": ("s3", 8333, "tcp"),
    "dns-tcp": ("dns", 53, "tcp"),
    "dns-udp": ("dns", 53, "udp"),
    "smtp": ("smtp", 25, "tcp"),
    "ceph": ("ceph", 7480, "tcp"),
}
# Where Debian's administrators put authorities of their own.
_MACHINE_TRUST = Path("/usr/local/share/ca-certificates")
# One number for both of a name server's ports, as resolvers expect it.
_SHARED = {"dns-udp": "dns-tcp"}
REPOSITORY = "/var/backups/chatbot-ops"
# The stack's name, and its Docker Compose project's.
PROJECT = "lottery-chatbot"
TRUST_OF_SERVERS = "/etc/ssl/certs/ca-certificates.crt"
# The stack as the collection's roles are told of it.
_STACK = {
    "name": PROJECT,
    "project": PROJECT,
    "sources": ["n8n", "database", "config"],
    "repositories": [{"type": "local", "path": REPOSITORY}],
    "n8n": {"volume": "n8n_data"},
    "database": {"container": "postgres", "name": "lottery"},
}
_SECRETS = (
    "postgres_password",
    "api_password",
    "runners_token",
    "s3_admin_secret",
    "s3_backup_secret",
    "s3_restore_secret",
    "ceph_secret",
)


@dataclass(frozen=True)
class Site:
    """A bed's state folder, filled."""

    state: Path
    ports: dict[str, int]
    secrets: dict[str, str]

    @property
    def key(self) -> Path:
        """The operator's private SSH key."""
        return self.state / "ssh" / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The servers' host keys, as ssh reads them."""
        return self.state / "ssh" / "known_hosts"

    @property
    def authority(self) -> Path:
        """The certificate of the authority that signed all of the bed's."""
        return self.state / "tls" / "ca.crt"

    @property
    def inventory(self) -> Path:
        """The Ansible inventory with the servers."""
        return self.state / "inventory.yml"

    @property
    def mail(self) -> Path:
        """The folder of the mail server: each message is a file below ``new``."""
        return self.state / "mail" / "box"

    def publishing(self, part: str) -> list[str]:
        """The engine's options that publish the ports of a part."""
        published = [(self.ports[name], port, kind) for name, (of, port, kind) in PUBLISHED.items() if of == part]
        return [f"--publish=127.0.0.1:{outer}:{inner}/{kind}" for outer, inner, kind in published]


def open_site(state: Path = STATE) -> Site:
    """The bed in a state folder; what is missing there is made.

    :raises BedError: if it cannot be.
    """
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    ports = _document(state / "ports.json", _choose_ports)
    words = _document(state / "secrets.json", _choose_secrets)
    site = Site(state, ports, words)
    for folder in ("ssh", "tls", "dns", "mail", "trust"):
        (state / folder).mkdir(exist_ok=True)
    if not site.key.exists():
        command: Command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "operator of the bed", "-f", site.key]
        run(command, "make the operator's SSH key")
    authority = Authority(state / "tls")
    _gather_trust(site)
    authority.issue("registry", ["registry.bed", "localhost"])
    authority.issue("s3", ["s3.bed", "localhost"])
    authority.issue("ceph", ["ceph.bed", "localhost"])
    authority.issue("bot", [BOT, "localhost"])
    _write_inventory(site)
    return site


def _gather_trust(site: Site) -> None:
    """Lays out whom the servers trust: the bed's authority, and those that the machine's operator has added to its own.

    Behind a proxy that opens TLS, the servers could install nothing without the latter.
    """
    for certificate in _MACHINE_TRUST.glob("*.crt"):
        shutil.copy(certificate, site.state / "trust")
    shutil.copy(site.authority, site.state / "trust" / "bed.crt")


def _document(path: Path, choose: Callable[[], Mapping[str, _Value]]) -> dict[str, _Value]:
    if not path.exists():
        beside = path.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(json.dumps(choose(), indent=2) + "\n", encoding="utf-8")
        beside.replace(path)
    content: dict[str, _Value] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _choose_secrets() -> dict[str, str]:
    chosen = {name: secrets.token_urlsafe(24) for name in _SECRETS}
    # A key for signed updates is base64.
    return {**chosen, "tsig_secret": base64.b64encode(secrets.token_bytes(32)).decode()}


def _choose_ports() -> dict[str, int]:
    ports: dict[str, int] = {}
    for name in PUBLISHED:
        ports[name] = ports[_SHARED[name]] if name in _SHARED else _free_port(ports.values())
    return ports


def _free_port(taken: Iterable[int]) -> int:
    for _attempt in range(200):
        port = secrets.choice(_PORTS)
        if port not in taken and _is_free(port):
            return port
    raise BedError(f"Failed to find a free port of 127.0.0.1 from {_PORTS.start} to {_PORTS.stop - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        try:
            for each in (tcp, udp):
                each.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _write_inventory(site: Site) -> None:
    stack = {**_STACK, "dns": _dns(site.ports["dns-tcp"])}
    lines = ["---", "# Made by the bed.", "chatbot_stacks:", "  hosts:", *_host(site, "production")]
    lines += ["  vars:", f"    chatbot_stack: {json.dumps(stack)}"]
    lines += ["standby:", "  hosts:", *_host(site, "replacement")]
    options = f"-o UserKnownHostsFile={site.known_hosts} -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes"
    lines += [
        "all:",
        "  vars:",
        "    ansible_user: root",
        f"    ansible_ssh_private_key_file: {json.dumps(str(site.key))}",
        "    # What outlives a server, as the servers reach it and as this machine does.",
        f"    bed_bucket: {json.dumps(bucket(site, 'https://s3.bed:8333', TRUST_OF_SERVERS))}",
        f"    bed_bucket_from_here: {json.dumps(bucket(site, s3_from_here(site), str(site.authority)))}",
    ]
    lines += [f"    ansible_ssh_common_args: {json.dumps(options)}", "    ansible_python_interpreter: /usr/bin/python3"]
    site.inventory.touch(mode=0o600)
    site.inventory.write_text("\n".join(lines) + "\n", encoding="utf-8")


def s3_from_here(site: Site) -> str:
    """Where this machine reaches the bed's first S3 server."""
    return f"https://localhost:{site.ports['s3']}"


def bucket(site: Site, endpoint: str, authority: str) -> dict[str, str]:
    """A repository in the bed's bucket, as the collection is told of it."""
    keys = {"access_key": "BEDBACKUP", "secret_key": site.secrets["s3_backup_secret"]}
    return {"type": "s3", "bucket": BUCKET, "endpoint_url": endpoint, "ca_bundle": authority, **keys}


def _dns(port: int) -> dict[str, object]:
    """The stack's DNS, as the role dns is told of it; the zone's own name server is not at the address that it names."""
    place = {"server": "127.0.0.1", "port": port, "authoritative": [f"127.0.0.1:{port}"]}
    return {"provider": "rfc2136", "zone": ZONE, "records": [BOT], "ttl": 60, "key_name": TSIG_KEY, **place}


def _host(site: Site, name: str) -> list[str]:
    port = site.ports[f"{name}-ssh"]
    return [f"    {name}:", "      ansible_host: 127.0.0.1", f"      ansible_port: {port}"]
