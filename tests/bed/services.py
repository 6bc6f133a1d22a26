# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the servers find around them: a registry, an S3 server (another one on demand), a name server, a mail server."""

from __future__ import annotations

import json
import smtplib
import socket
import ssl
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bed.engine import Engine
from tests.bed.process import wait_until
from tests.bed.server import is_running, remove
from tests.bed.site import ADDRESSES, BOT, BUCKET, NETWORK, TSIG_KEY, ZONE, Site

CEPH_KEY = "BEDCEPH"
_START_LIMIT = 60.0
_ASK_LIMIT = 3.0


@dataclass(frozen=True)
class Service:
    """A container that serves the bed."""

    name: str
    """Its container and, with .bed behind it, its name in the bed's network."""
    prepare: Callable[[Site], object]
    """Writes its configuration."""
    ask: Callable[[Site], str | None]
    """Tells what is missing until it is ready; None if nothing is."""
    options: Sequence[str] = ()


def start(engine: Engine, site: Site, service: Service) -> None:
    """Starts a service, if it does not run, and returns when it serves.

    :raises BedError: if it does not in time; with the last lines of its log.
    """
    service.prepare(site)
    if not is_running(engine, service.name):
        remove(engine, service.name)
        engine.docker(
            *(
                "run",
                "--detach",
                f"--name={service.name}",
                f"--hostname={service.name}",
                "--volume=/bed/tls:/bed/tls:ro",
            ),
            *(f"--network={NETWORK}", f"--network-alias={service.name}.bed", f"--ip={ADDRESSES[service.name]}"),
            *(*site.publishing(service.name), *service.options, f"bed/{service.name}"),
            purpose=f"start {service.name}",
        )

    def missing_with_log() -> str | None:
        missing = obstacle(service, site)
        if missing is None:
            return None
        log = engine.inside("sh", "-c", 'docker logs --tail 5 "$1" 2>&1', "sh", service.name, timeout=10).strip()
        return f"{missing}; it says: {log or 'nothing'}"

    wait_until(missing_with_log, f"start {service.name}", _START_LIMIT)


def obstacle(service: Service, site: Site) -> str | None:
    """What is missing until the service serves; None if nothing is."""
    try:
        return service.ask(site)
    except (OSError, smtplib.SMTPException) as error:
        return repr(error)


def _registry_obstacle(site: Site) -> str | None:
    return _https_status(site, "registry", "/v2/", 200)


def _s3_obstacle(site: Site) -> str | None:
    # Ready, and it refuses who has no key: a store that is open to all would make tests of credentials worthless.
    return _https_status(site, "s3", "/readyz", 200) or _https_status(site, "s3", f"/{BUCKET}?list-type=2", 403)


def _ceph_obstacle(site: Site) -> str | None:
    return _https_status(site, "ceph", "/", 200)  # what everybody may list is nothing


def _https_status(site: Site, service: str, path: str, expected: int) -> str | None:
    context = ssl.create_default_context(cafile=str(site.authority))
    try:
        url = f"https://127.0.0.1:{site.ports[service]}{path}"
        with urllib.request.urlopen(url, timeout=_ASK_LIMIT, context=context) as answer:
            status = int(answer.status)
    except urllib.error.HTTPError as error:
        status = error.code
    return None if status == expected else f"GET {path} is answered with {status} instead of {expected}"


def _dns_obstacle(site: Site) -> str | None:
    address = resolve(site, BOT)
    return None if address else f"it does not know {BOT}"


def resolve(site: Site, name: str) -> str | None:
    """Asks the bed's name server for the address of a name; None if it has none.

    :raises OSError: if it does not answer.
    """
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    # By TCP: the way into the engine's network loses the answers to some datagrams.
    with socket.create_connection(("127.0.0.1", site.ports["dns-tcp"]), timeout=_ASK_LIMIT) as client:
        client.sendall(struct.pack(">H", len(question)) + question)
        with client.makefile("rb") as answers:
            answer = answers.read(int.from_bytes(answers.read(2), "big"))
    if len(answer) < 12:
        raise ConnectionError("the name server ended the connection before it had answered")
    if struct.unpack(">H", answer[6:8])[0] == 0:
        return None
    # One question, one A record: the address is the end of the answer.
    return socket.inet_ntoa(answer[-4:])


def point(engine: Engine, site: Site, address: str) -> None:
    """Lets the stack's name stand for that address, by a signed update.

    :raises BedError: if the name server refuses it.
    """
    key = f"key hmac-sha256:{TSIG_KEY} {site.secrets['tsig_secret']}\n"
    words = f"server 127.0.0.1\n{key}zone {ZONE}\nupdate delete {BOT}. A\nupdate add {BOT}. 60 A {address}\nsend\n"
    engine.docker("exec", "--interactive", "dns", "knsupdate", stdin=words.encode(), timeout=20)


def _smtp_obstacle(site: Site) -> str | None:
    with smtplib.SMTP("127.0.0.1", site.ports["smtp"], timeout=_ASK_LIMIT) as client:
        code, _text = client.noop()
    return None if code == 250 else f"it answers NOOP with {code}"


def _write_s3(site: Site) -> None:
    rights = {
        "admin": ["Admin", "Read", "Write", "List", "Tagging"],
        "backup": ["Read", "Write", "List", "Tagging"],
        "restore": ["Read", "List"],
    }
    identities = [
        {
            "name": name,
            "credentials": [{"accessKey": f"BED{name.upper()}", "secretKey": site.secrets[f"s3_{name}_secret"]}],
            "actions": actions,
        }
        for name, actions in rights.items()
    ]
    _write(site, "s3.json", json.dumps({"identities": identities}, indent=2))


def _write_ceph(site: Site) -> None:
    _write(site, "ceph.env", f"access_key={CEPH_KEY}\nsecret_key={site.secrets['ceph_secret']}\n")


def _write_dns(site: Site) -> None:
    _write(
        site,
        "dns/knot.conf",
        f"""server:
    listen: 0.0.0.0@53
    rundir: /run/knot
    user: root
log:
  - target: stderr
    any: warning
key:
  - id: {TSIG_KEY}
    algorithm: hmac-sha256
    secret: {site.secrets["tsig_secret"]}
acl:
  - id: operator
    key: {TSIG_KEY}
    action: [update, transfer]
zone:
  - domain: {ZONE}
    storage: /var/lib/knot
    file: {ZONE}.zone
    acl: operator
""",
    )
    # Short-lived, as an operator who plans to move the service has it.
    _write(
        site,
        f"dns/{ZONE}.zone",
        f"""$ORIGIN {ZONE}.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A {ADDRESSES["dns"]}
bot A {ADDRESSES["production"]}
""",
    )


def _write(site: Site, name: str, content: str) -> None:
    path = site.state / name
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


def _nothing(_site: Site) -> None:
    """For services that need no configuration of the bed's."""


REGISTRY_SERVICE = Service(
    "registry", _nothing, _registry_obstacle, ("--volume=/store/run/registry:/var/lib/docker-registry",)
)
SERVICES = (
    REGISTRY_SERVICE,
    Service("s3", _write_s3, _s3_obstacle, ("--volume=/bed/s3.json:/bed/s3.json:ro",)),
    Service("dns", _write_dns, _dns_obstacle, ("--volume=/bed/dns:/bed/dns:ro",)),
    Service("smtp", _nothing, _smtp_obstacle, ("--volume=/bed/mail:/mail",)),
)
#: Not of the bed itself, as one test alone asks for it: that builds its image and starts it.
CEPH_SERVICE = Service("ceph", _write_ceph, _ceph_obstacle, ("--volume=/bed/ceph.env:/bed/ceph.env:ro",))
