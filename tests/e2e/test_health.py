# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on the production server, one by one: each is found and named, nothing else is, and afterwards all is as before.

A look is what the module does, without Ansible around it: a playbook takes ten times as long. Some are run whole in the end.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dns.query
import dns.tsigkeyring
import dns.update
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._dns.look import DNS_ARGUMENTS, Request, look
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge import health_of

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import ADDRESSES, BOT, PROJECT, TSIG_KEY, ZONE
from tests.e2e.health_faults import CONTAINER, FOLDER, PYTHON, QUICK, THOROUGH
from tests.e2e.player import Player
from tests.support import certificates
from tests.tools.link import CHECKOUT

_BACKUPS = "/run/bed-health/backups"
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
        listings.append({{"backups": catalogue(LocalRepository(path), "{PROJECT}", SOURCES)}})
    except OpsError as error:
        listings.append({{"msg": error.message}})
params = {{name: option.get("default") for name, option in HEALTH_ARGUMENTS.items()}}
result = gather(request_from({{**params, **given}}, check_mode=False))
json.dump({{"look": result, "listings": listings}}, sys.stdout)
"""
# Busy as the machine may be, that is none of the faults.
_LIMITS: dict[str, dict[str, Any]] = {
    "load": {"warning": None, "critical": None},
    "latency": {"warning": None, "critical": None},
    "connect": {"warning": None, "critical": None},
}
_ENDPOINT = {"name": "bot", "url": f"https://{BOT}/health", "connect_to": "127.0.0.1", "timeout": "15s"}
_PARAMS: dict[str, Any] = {
    "project": PROJECT,
    "container": "postgres",
    "dbname": stack.DATABASE,
    "n8n": {"container": "n8n"},
    "services": list(stack.SERVICES),
    "endpoints": [_ENDPOINT],
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
        self.limits, self.baseline = dict(_LIMITS), dict[str, str]()
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

    def look(self, *, limits: Mapping[str, Any] | None = None, **more: Any) -> dict[str, str]:
        """Return the states of all that is not well, beyond what was not when the tests began."""
        begun = to_iso(now())
        given = {**_PARAMS, **more}
        command = ("env", "LC_ALL=C.UTF-8", PYTHON, f"{FOLDER}/look.py")
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


def _matches(name: str, patterns: frozenset[str]) -> bool:
    return any(name == each or (each.endswith("*") and name.startswith(each[:-1])) for each in patterns)


@pytest.fixture(scope="module")
def watch(bed: Bed, player: Player) -> Iterator[Watch]:
    """The watch, on a server whose clock something keeps, and whose package lists are there."""
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
        _offer(watch, "")
        watch.begin()
        yield watch
    finally:
        server.shell(
            f"systemctl stop chrony.service; rm -f /run/systemd/system/chrony.service; systemctl daemon-reload;"
            f" rm -rf {FOLDER} /etc/apt/sources.list.d/bed-health.list; rm -f /var/lib/apt/lists/*bed-health*"
        )


def _without_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry


def _offer(watch: Watch, packages: str) -> None:
    """Have apt know a repository of security updates with these packages."""
    content = packages.encode()
    release = (
        "Origin: Debian\nLabel: Debian-Security\nSuite: stable-security\nCodename: trixie-security\nVersion: 13\n"
        f"Date: Tue, 24 Nov 2026 03:15:00 UTC\nSHA256:\n {hashlib.sha256(content).hexdigest()} {len(content)} Packages\n"
    )
    folder = f"{FOLDER}/apt"
    watch.server.ssh("mkdir", "-p", folder)
    watch.server.ssh("tee", f"{folder}/Packages", stdin=content)
    watch.server.ssh("tee", f"{folder}/Release", stdin=release.encode())
    watch.server.ssh(
        *("tee", "/etc/apt/sources.list.d/bed-health.list"), stdin=f"deb [trusted=yes] file:{folder} ./\n".encode()
    )
    watch.server.shell(
        "apt-get update -o Dir::Etc::sourcelist=sources.list.d/bed-health.list -o Dir::Etc::sourceparts=-"
        " -o APT::Get::List-Cleanup=0 2>&1"
    )


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(each, marks=pytest.mark.thorough) for each in THOROUGH)])
def test_a_fault_is_found_named_and_gone(watch: Watch, name: str) -> None:
    fault = {**QUICK, **THOROUGH}[name]
    begin = CONTAINER if fault.image else ""
    try:
        watch.server.shell(begin + fault.inject, timeout=120)
        watch.wait(fault.wanted, fault.follows, **fault.more)
        _require_advice(watch, fault.wanted)
    finally:
        watch.server.shell(begin + fault.recover, timeout=120)
        watch.let_a_day_pass()
    watch.wait({}, frozenset())


def _require_advice(watch: Watch, wanted: Mapping[str, str]) -> None:
    for name in wanted:
        print(f"{watch.found[name]['status']} {name}: {watch.found[name]['summary']} {watch.found[name]['advice']}")
        assert watch.found[name]["advice"]


@pytest.fixture
def certificate(watch: Watch) -> Iterator[None]:
    """nginx has its own certificate again afterwards."""
    folder = f"{stack.PROJECT_FOLDER}/tls"
    watch.server.shell(f"cp -p {folder}/bot.crt {FOLDER}/bot.crt; cp -p {folder}/bot.key {FOLDER}/bot.key")
    yield
    watch.server.shell(f"cp -p {FOLDER}/bot.crt {folder}/bot.crt; cp -p {FOLDER}/bot.key {folder}/bot.key")
    _reload(watch)
    watch.wait({}, frozenset())


def _serve(watch: Watch, folder: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """Have nginx serve a certificate of the authority in ``folder``, made there if need be, that is good for some days."""
    monkeypatch.setattr(certificates, "_LIFETIME", timedelta(days=days))
    certificates.Authority(folder).issue("bot", [BOT, "localhost"])
    for kind in ("crt", "key"):
        place = f"{stack.PROJECT_FOLDER}/tls/bot.{kind}"
        watch.server.ssh("dd", f"of={place}", stdin=(folder / f"bot.{kind}").read_bytes())
    _reload(watch)


def _reload(watch: Watch) -> None:
    watch.server.shell(f"docker exec {PROJECT}-nginx-1 nginx -s reload")


@pytest.mark.thorough
@pytest.mark.usefixtures("certificate")
def test_a_certificate_that_ends_in_five_days(watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ca.crt", "ca.key"):
        shutil.copy(watch.bed.site.state / "tls" / name, tmp_path / name)
    _serve(watch, tmp_path, monkeypatch, 5)
    watch.wait({"tls.bot.expiry": "critical"}, frozenset())
    _require_advice(watch, {"tls.bot.expiry": "critical"})
    assert watch.found["tls.bot.expiry"]["value"] == pytest.approx(5, abs=0.1)


@pytest.mark.thorough
@pytest.mark.usefixtures("certificate")
def test_a_certificate_of_another_authority(watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _serve(watch, tmp_path, monkeypatch, 60)
    watch.wait({"tls.bot.trust": "critical"}, frozenset({"tls.bot.expiry"}))
    _require_advice(watch, {"tls.bot.trust": "critical"})


def _point(watch: Watch, address: str) -> None:
    site = watch.bed.site
    keys = dns.tsigkeyring.from_text({TSIG_KEY: site.secrets["tsig_secret"]})
    update = dns.update.UpdateMessage(ZONE, keyring=keys, keyalgorithm="hmac-sha256")
    update.replace(f"{BOT}.", 60, "A", address)
    answer = dns.query.tcp(update, "127.0.0.1", port=site.ports["dns-tcp"], timeout=10)
    assert answer.rcode() == 0, answer


def test_a_name_that_points_elsewhere(watch: Watch) -> None:
    wanted = {f"dns.{BOT}.address": "critical"}
    try:
        _point(watch, ADDRESSES["replacement"])
        watch.wait(wanted, frozenset())
        _require_advice(watch, wanted)
    finally:
        _point(watch, ADDRESSES["production"])
    watch.wait({}, frozenset())


@pytest.mark.thorough
def test_security_updates_wait(watch: Watch) -> None:
    architecture = watch.server.ssh("dpkg", "--print-architecture").strip()
    try:
        _offer(
            watch,
            f"Package: bash\nVersion: 99\nArchitecture: {architecture}\nMaintainer: bed <bed@example.org>\n"
            f"Filename: ./bash.deb\nSize: 1\nSHA256: {'0' * 64}\nDescription: bed\n",
        )
        watch.wait({"updates.security": "warning"}, frozenset({"updates.pending"}))
        _require_advice(watch, {"updates.security": "warning"})
        assert watch.found["updates.security"]["value"] >= 1
    finally:
        _offer(watch, "")
    watch.wait({}, frozenset())


@pytest.mark.thorough
def test_backups_that_are_missing_unverified_and_too_old(watch: Watch) -> None:
    one, other = f"{_BACKUPS}/one", f"{_BACKUPS}/other"
    watch.server.ssh("mkdir", "-p", one, other)
    repositories = [{"type": "local", "path": each} for each in (one, other)]
    given: dict[str, Any] = {"repositories": [one, other]}
    missing = {
        f"backup.n8n.{each}.{what}": status
        for each in (one, other)
        for what, status in (("age", "critical"), ("verified", "unknown"))
    }
    watch.wait(missing, frozenset(), **given)
    watch.player.must("backup_stack", target="production", backup_repositories=repositories[:1], backup_sources=["n8n"])
    half = {name: status for name, status in missing.items() if f".{other}." in name}
    watch.wait({**half, f"backup.n8n.{one}.verified": "warning"}, frozenset(), **given)
    _require_advice(watch, half)
    single = {"repositories": [one]}
    watch.player.must(
        "verify_backups", target="production", verification_repositories=repositories[:1], verification_sources=["n8n"]
    )
    watch.wait({}, frozenset(), **single)
    late = {"limits": {"backup_age": {"warning": 1, "critical": 1}}}
    watch.wait({f"backup.n8n.{one}.age": "critical"}, frozenset(), **single, **late)
    _require_advice(watch, {f"backup.n8n.{one}.age": "critical"})


def _variables(folder: Path, **more: Any) -> dict[str, Any]:
    return {
        "target": "production",
        "health_endpoints": [_ENDPOINT],
        "health_address": ADDRESSES["production"],
        "health_repositories": [],
        "health_limits": _LIMITS,
        "health_report_folder": str(folder),
        # The machine's own clock may be kept by nobody.
        "health_skip": ["time.sync"],
        **more,
    }


def test_the_whole_playbook_fails_by_the_worst(watch: Watch, tmp_path: Path) -> None:
    watch.server.shell(f"docker stop --time=1 {PROJECT}-api-1")
    begun = time.monotonic()
    try:
        ill = watch.player.play("health_check", **_variables(tmp_path, health_language="es"))
    finally:
        watch.server.shell(f"docker start {PROJECT}-api-1")
    print(f"chatbot.ops.health_check took {time.monotonic() - begun:.1f} s")
    assert not ill.succeeded
    assert ill.changed == 0
    assert "api no está en marcha" in ill.output
    document = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    assert document["status"] == "critical"
    states = {each["id"]: each["status"] for each in document["checks"]}
    assert states["container.api.running"] == states["api.bot.status"] == "critical"
    assert states["n8n.readiness"] == states["database.connect"] == states[f"dns.{BOT}.address"] == "ok"
    watch.wait({}, frozenset())


@pytest.mark.thorough
def test_a_server_that_does_not_answer_is_a_finding(player: Player, tmp_path: Path) -> None:
    gone = player.play("health_check", **_variables(tmp_path, ansible_port=1, health_reach_timeout=2))
    assert not gone.succeeded
    assert "The server cannot be reached" in gone.output
    document = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    ill = {each["id"]: each["status"] for each in document["checks"] if each["status"] == "critical"}
    assert ill == {"server.reachable": "critical"}
