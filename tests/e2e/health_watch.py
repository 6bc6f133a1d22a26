# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks at the production server and judges it, as the role health does, without Ansible around it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._dns.look import DNS_ARGUMENTS, Request, look
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge import health_of

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import ADDRESSES, BOT, PROJECT, ZONE
from tests.e2e.health_faults import FOLDER, PYTHON
from tests.e2e.player import Player
from tests.tools.link import CHECKOUT

_PATIENCE = 120.0
_LOOK = f"""
import json, sys
sys.path.insert(0, "{FOLDER}")
from ansible_collections.chatbot.ops.plugins.module_utils._backup.catalogue import catalogue
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._health.gather import HEALTH_ARGUMENTS, gather, request_from
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
given = json.load(sys.stdin)
listings = []
for path in given.pop("repositories"):
    try:
        listings.append({{"backups": catalogue(LocalRepository(path), "{PROJECT}", SOURCES, str)}})
    except OpsError as error:
        listings.append({{"msg": error.message}})
params = {{name: option.get("default") for name, option in HEALTH_ARGUMENTS.items()}}
result = gather(request_from({{**params, **given}}, check_mode=False))
json.dump({{"look": result, "listings": listings}}, sys.stdout)
"""
# Busy as the machine may be, that is none of the faults.
LIMITS: dict[str, dict[str, Any]] = {
    "load": {"warning": None, "critical": None},
    "latency": {"warning": None, "critical": None},
    "connect": {"warning": None, "critical": None},
}
ENDPOINT = {"name": "bot", "url": f"https://{BOT}/health", "connect_to": "127.0.0.1", "timeout": "15s"}
_PARAMS: dict[str, Any] = {
    "project": PROJECT,
    "container": "postgres",
    "dbname": stack.DATABASE,
    "n8n": {"container": "n8n"},
    "services": list(stack.SERVICES),
    "endpoints": [ENDPOINT],
    "timeout": "60s",
    "state_file": f"{FOLDER}/looks.json",
    "repositories": [],
}
_NTP = """[Service]
ExecStart=/bin/sleep infinity
"""


class Watch:
    """Looks at the production server and judges, as the role does."""

    def __init__(self, bed: Bed, player: Player) -> None:
        self.bed, self.server, self.player = bed, bed.production, player
        self.limits, self.baseline = dict(LIMITS), dict[str, str]()
        self.found: dict[str, dict[str, Any]] = {}

    def begin(self) -> None:
        """Note what is not well before any fault; what other tests did to the server is none of ours."""
        self.look()
        self.let_a_day_pass()
        failed = self.found["n8n.failed_executions"]["value"]
        self.limits["failed_executions"] = {"warning": failed + 6, "critical": None}
        self.baseline = self.look()
        print("Not well from the beginning:", self.baseline)
        serving = ("server.reachable", "api.", "tls.", "n8n.", "database.connect", "container.", "dns.")
        ill = [name for name in self.baseline if name.startswith(serving) and not name.endswith(".image")]
        assert not ill, [self.found[name] for name in ill]

    def look(
        self, *, limits: Mapping[str, Any] | None = None, environment: tuple[str, ...] = (), **more: Any
    ) -> dict[str, str]:
        """Return the states of all that is not well, beyond what was not when the tests began."""
        begun = to_iso(now())
        given = {**_PARAMS, **more}
        command = ("env", "LC_ALL=C.UTF-8", *environment, PYTHON, f"{FOLDER}/look.py")
        told = json.loads(self.server.ssh(*command, stdin=json.dumps(given).encode(), timeout=120))
        ended = to_iso(now())
        port = self.bed.site.ports["dns-tcp"]
        defaults = {name: option.get("default") for name, option in DNS_ARGUMENTS.items()}
        request = {"zone": ZONE, "names": [BOT], "servers": [f"127.0.0.1:{port}"]}
        health = health_of(
            {
                "language": "en",
                "look": told["look"],
                "looked": [begun, ended],
                "endpoints": ["bot"],
                "repositories": [{"type": "local", "path": each} for each in given["repositories"]],
                "listings": told["listings"],
                "sources": ["n8n"],
                "dns": look(Request.from_params({**defaults, **request})),
                "zone": ZONE,
                "names": [BOT],
                "address": ADDRESSES["production"],
                "limits": {**self.limits, **(limits or {})},
            },
            ended,
        )
        self.found = {each["id"]: each for each in health["checks"]}
        ill = {name: each["status"] for name, each in self.found.items() if each["status"] != "ok"}
        return {name: status for name, status in ill.items() if self.baseline.get(name) != status}

    def wait(self, wanted: Mapping[str, str], follows: frozenset[str], **more: Any) -> None:
        """Wait until exactly ``wanted`` is not well, and of the rest at most ``follows``."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            ill = self.look(**more)
            rest = {name: status for name, status in ill.items() if wanted.get(name) != status}
            if not set(wanted) - set(ill) and not [name for name in rest if not _matches(name, follows)]:
                return
            assert time.monotonic() < deadline, f"{ill} in place of {wanted}"
            time.sleep(1)

    def let_a_day_pass(self) -> None:
        """Have what has risen done so the day before."""
        self.server.ssh(
            *("python3", "-"),
            stdin=f"""
import json
path = "{_PARAMS["state_file"]}"
with open(path) as stream:
    document = json.load(stream)
document["rises"] = {{
    name: [[at - 86401, count] for at, count in points] for name, points in document["rises"].items()
}}
with open(path, "w") as stream:
    json.dump(document, stream)
""".encode(),
        )

    def offer(self, packages: str) -> None:
        """Have apt know a repository of security updates with these packages."""
        content = packages.encode()
        release = (
            "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: trixie-security\nVersion: 13\n"
            f"Date: Tue, 24 Nov 2026 03:15:00 UTC\nSHA256:\n {hashlib.sha256(content).hexdigest()} {len(content)} Packages\n"
        )
        folder = f"{FOLDER}/apt"
        self.server.ssh("mkdir", "-p", folder)
        self.server.ssh("tee", f"{folder}/Packages", stdin=content)
        self.server.ssh("tee", f"{folder}/Release", stdin=release.encode())
        self.server.ssh(
            *("tee", "/etc/apt/sources.list.d/bed-health.list"), stdin=f"deb [trusted=yes] file:{folder} ./\n".encode()
        )
        self.server.shell(
            "apt-get update -o Dir::Etc::sourcelist=sources.list.d/bed-health.list -o Dir::Etc::sourceparts=-"
            " -o APT::Get::List-Cleanup=0 2>&1"
        )

    def require_advice(self, wanted: Mapping[str, str]) -> None:
        """Require that each of ``wanted`` says what to do."""
        for name in wanted:
            print(f"{self.found[name]['status']} {name}: {self.found[name]['summary']} {self.found[name]['advice']}")
            assert self.found[name]["advice"]

    def variables(self, folder: Path, **more: Any) -> dict[str, Any]:
        """Return the variables with which the playbook looks at the same server, and reports to ``folder``."""
        return {
            "target": "production",
            "health_endpoints": [ENDPOINT],
            "health_address": ADDRESSES["production"],
            "health_repositories": [],
            "health_limits": LIMITS,
            "health_report_folder": str(folder),
            # The machine's own clock may be kept by nobody.
            "health_skip": ["time.sync"],
            **more,
        }


def _matches(name: str, patterns: frozenset[str]) -> bool:
    return any(name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in patterns)


@contextmanager
def watching(bed: Bed, player: Player) -> Iterator[Watch]:
    """Give the watch, on a server whose clock something keeps, and whose package lists are there."""
    stack.up(bed.production)
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        place = "ansible_collections/chatbot/ops/plugins/module_utils"
        tar.add(CHECKOUT / "plugins" / "module_utils", place, filter=_without_caches)
        entry = tarfile.TarInfo("look.py")
        entry.size = len(_LOOK.encode())
        tar.addfile(entry, io.BytesIO(_LOOK.encode()))
    server = bed.production
    server.ssh("mkdir", "-p", FOLDER)
    server.ssh("tar", "--extract", f"--directory={FOLDER}", "--no-same-owner", stdin=content.getvalue())
    server.ssh("tee", "/run/systemd/system/chrony.service", stdin=_NTP.encode())
    server.shell("systemctl daemon-reload && systemctl start chrony.service")
    watch = Watch(bed, player)
    try:
        watch.offer("")
        watch.begin()
        yield watch
    finally:
        server.shell(
            f"systemctl stop chrony.service; rm -f /run/systemd/system/chrony.service; systemctl daemon-reload;"
            f" rm -rf {FOLDER} /etc/apt/sources.list.d/bed-health.list; rm -f /var/lib/apt/lists/*bed-health*"
        )


def _without_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry
