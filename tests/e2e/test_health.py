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
from dataclasses import dataclass, field
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
from tests.e2e.player import Player
from tests.support import certificates
from tests.tools.link import CHECKOUT

_FOLDER = "/run/bed-health"
_PYTHON = "/opt/chatbot-ops/venv/bin/python"
_BACKUPS = "/run/bed-health/backups"
_PATIENCE = 120.0
_LOOK = f"""
import json, sys
sys.path.insert(0, "{_FOLDER}")
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
    "state_file": f"{_FOLDER}/looks.json",
    "repositories": [],
}
# A container of the stack, from the image that the server has: `run_container NAME OPTIONS -- PROGRAM`.
_CONTAINER = (
    "IMAGE=$(docker inspect --format '{{.Config.Image}}' " + f"{PROJECT}-api-1); "
    f"run() {{ name=$1; shift; docker run --detach --name=bed-$name --label=com.docker.compose.project={PROJECT} "
    '--label=com.docker.compose.service=$name --entrypoint=node "$@"; }; '
)
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

    def look(self, *, limits: Mapping[str, Any] = {}, **more: Any) -> dict[str, str]:
        """Return the states of all that is not well, beyond what was not when the tests began."""
        begun = to_iso(now())
        given = {**_PARAMS, **more}
        command = ("env", "LC_ALL=C.UTF-8", _PYTHON, f"{_FOLDER}/look.py")
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
                "limits": {**self.limits, **limits},
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
    server.ssh("mkdir", "-p", _FOLDER)
    server.ssh("tar", "--extract", f"--directory={_FOLDER}", "--no-same-owner", stdin=content.getvalue())
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
            f" rm -rf {_FOLDER} /etc/apt/sources.list.d/bed-health.list; rm -f /var/lib/apt/lists/*bed-health*"
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
    folder = f"{_FOLDER}/apt"
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


@dataclass(frozen=True)
class Fault:
    """Shell scripts that do and undo it, what is to be found, what may follow from it, and what else a look is told."""

    inject: str
    recover: str
    wanted: Mapping[str, str]
    follows: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)
    image: bool = False


_FULL = "/run/bed-health-full"
_UNMOUNT = f"umount {_FULL}; rmdir {_FULL}"
_MOUNTS = {"mounts": ["/", _FULL]}
_UNKNOWN_DATABASE = dict.fromkeys(
    (
        *("database.size", "database.connections", "database.locks", "database.bloat", "database.transaction_age"),
        *("database.replication", "database.archiving", "database.extensions"),
    ),
    "unknown",
)
_LOCK = (
    f"docker exec -d {PROJECT}-postgres-1 psql -U postgres lottery -c"
    " 'BEGIN; CREATE TABLE IF NOT EXISTS bed_health (id int); LOCK TABLE bed_health; SELECT pg_sleep(600)';"
)
_ALLOCATE = "const a=[];setInterval(()=>a.push(Buffer.alloc(4e6,1)),20)"
_HOLD = "const a=[];for(let i=0;i<22;i++)a.push(Buffer.alloc(4e6,1));setInterval(()=>a.length,1e6)"
_DATABASE_ADDRESS = (
    "$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' " + f"{PROJECT}-postgres-1)"
)
_PASSWORD = f"$(docker exec {PROJECT}-postgres-1 printenv POSTGRES_PASSWORD)"
_FAILED = """
import sqlite3, sys
connection = sqlite3.connect("/var/lib/docker/volumes/n8n_data/_data/database.sqlite", timeout=30)
with connection:
    if sys.argv[1] == "fail":
        for _number in range(6):
            connection.execute(
                "INSERT INTO execution_entity (workflowId, finished, mode, status, createdAt, startedAt, stoppedAt)"
                " SELECT id, 0, 'webhook', 'error', datetime('now'), datetime('now'), '2000-01-01 00:00:00'"
                " FROM workflow_entity LIMIT 1"
            )
    else:
        connection.execute("DELETE FROM execution_entity WHERE stoppedAt = '2000-01-01 00:00:00'")
"""

QUICK: dict[str, Fault] = {
    "api down": Fault(
        f"docker stop --time=1 {PROJECT}-api-1",
        f"docker start {PROJECT}-api-1",
        {"api.bot.status": "critical", "container.api.running": "critical"},
        frozenset({"container.nginx.health", "container.api.health"}),
    ),
    "disk at 95 %": Fault(
        f"mkdir {_FULL} && mount -t tmpfs -o size=10m none {_FULL} && head -c 9961472 /dev/zero > {_FULL}/a",
        _UNMOUNT,
        {f"disk.{_FULL}.bytes": "critical"},
        more=_MOUNTS,
    ),
    "inodes full": Fault(
        f"mkdir {_FULL} && mount -t tmpfs -o nr_inodes=100 none {_FULL}; i=0;"
        f" while touch {_FULL}/$i 2>/dev/null; do i=$((i + 1)); done",
        _UNMOUNT,
        {f"disk.{_FULL}.inodes": "critical"},
        more=_MOUNTS,
    ),
    "reboot required": Fault("touch /run/reboot-required", "rm /run/reboot-required", {"updates.reboot": "warning"}),
    "clock kept by nobody": Fault(
        "systemctl stop chrony.service", "systemctl start chrony.service", {"time.ntp": "warning"}
    ),
    "container unhealthy": Fault(
        "run ill --health-cmd=false --health-interval=1s --health-retries=1 $IMAGE --eval 'setInterval(()=>0,1e6)'",
        "docker rm --force bed-ill",
        {"container.ill.health": "critical"},
        image=True,
    ),
    "transactions too old": Fault(
        "true",
        "true",
        {"database.transaction_age": "warning"},
        more={"limits": {"transaction_age": {"warning": 1}}},
    ),
}
THOROUGH: dict[str, Fault] = {
    "database down": Fault(
        f"docker stop --time=5 {PROJECT}-postgres-1",
        f"docker start {PROJECT}-postgres-1",
        {"database.connect": "critical", "container.postgres.running": "critical", **_UNKNOWN_DATABASE},
        frozenset({"api.bot.*", "container.*"}),
    ),
    "n8n not ready": Fault(
        f"docker top {PROJECT}-n8n-1 -eo pid | tail -n +2 | xargs kill -STOP",
        f"docker top {PROJECT}-n8n-1 -eo pid | tail -n +2 | xargs kill -CONT",
        {"n8n.readiness": "critical"},
        frozenset({"container.n8n.health", "container.nginx.health"}),
    ),
    "container loops": Fault(
        "run loop --restart=always $IMAGE --eval 'process.exit(3)'",
        "docker rm --force bed-loop",
        {"container.loop.restarts": "critical"},
        frozenset({"container.loop.running"}),
        image=True,
    ),
    "container killed for want of memory": Fault(
        f"run hungry --memory=60m --memory-swap=60m $IMAGE --eval '{_ALLOCATE}'",
        "docker rm --force bed-hungry",
        {"container.hungry.memory": "critical", "container.hungry.running": "critical", "server.oom": "warning"},
        image=True,
    ),
    "container near its memory": Fault(
        f"run full --memory=140m --memory-swap=140m $IMAGE --eval '{_HOLD}'",
        "docker rm --force bed-full",
        {"container.full.memory": "warning"},
        more={"limits": {"container_memory": {"warning": 60, "critical": 200}}},
        image=True,
    ),
    "memory of the server": Fault(
        "true", "true", {"server.memory": "critical"}, more={"limits": {"memory": {"warning": 0.1, "critical": 0.2}}}
    ),
    "load of the server": Fault(
        "true", "true", {"server.load": "critical"}, more={"limits": {"load": {"warning": 0, "critical": 0}}}
    ),
    "image older than its tag": Fault(
        "docker image inspect --format '{{.Id}}' $IMAGE > /run/bed-health-image;"
        f" docker tag $(docker inspect --format '{{{{.Image}}}}' {PROJECT}-postgres-1) $IMAGE",
        "docker tag $(cat /run/bed-health-image) $IMAGE; rm /run/bed-health-image",
        {"container.api.image": "warning"},
        image=True,
    ),
    "connections near the limit": Fault(
        f"cat > {_FOLDER}/greedy.py <<'END'\nimport os, sys, time, psycopg2\n"
        "held = [psycopg2.connect(host=sys.argv[1], user='postgres', dbname='lottery',"
        " password=os.environ['WORD']) for _number in range(int(sys.argv[2]))]\ntime.sleep(600)\nEND\n"
        f"COUNT=$(docker exec {PROJECT}-postgres-1 psql -U postgres -Atc"
        " \"SELECT (current_setting('max_connections')::int - 3) * 88 / 100 - count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'\")\n"
        f"WORD={_PASSWORD} setsid {_PYTHON} {_FOLDER}/greedy.py {_DATABASE_ADDRESS} $COUNT </dev/null >/dev/null 2>&1 &"
        f" echo $! > {_FOLDER}/greedy.pid",
        f"kill $(cat {_FOLDER}/greedy.pid)",
        {"database.connections": "warning"},
    ),
    "long lock": Fault(
        f"docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c 'CREATE TABLE bed_health (id int)';"
        f" {_LOCK} sleep 2; docker exec -d {PROJECT}-postgres-1 psql -U postgres lottery -c 'SELECT * FROM bed_health'",
        f'docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c "SELECT pg_terminate_backend(pid)'
        " FROM pg_stat_activity WHERE query LIKE '%bed_health%' AND pid <> pg_backend_pid()\";"
        f" docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c 'DROP TABLE bed_health'",
        {"database.locks": "warning"},
        more={"limits": {"locks": {"warning": "1s", "critical": None}}},
    ),
    "failed executions": Fault(
        f"python3 - fail <<'END'\n{_FAILED}\nEND",
        f"python3 - mend <<'END'\n{_FAILED}\nEND",
        {"n8n.failed_executions": "warning"},
    ),
    "service without a container": Fault(
        "true",
        "true",
        {"container.worker.running": "critical"},
        more={"services": [*stack.SERVICES, "worker"]},
    ),
}


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(each, marks=pytest.mark.thorough) for each in THOROUGH)])
def test_a_fault_is_found_named_and_gone(watch: Watch, name: str) -> None:
    fault = {**QUICK, **THOROUGH}[name]
    begin = _CONTAINER if fault.image else ""
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
    watch.server.shell(f"cp -p {folder}/bot.crt {_FOLDER}/bot.crt; cp -p {folder}/bot.key {_FOLDER}/bot.key")
    yield
    watch.server.shell(f"cp -p {_FOLDER}/bot.crt {folder}/bot.crt; cp -p {_FOLDER}/bot.key {folder}/bot.key")
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
    player, begun = watch.player, time.monotonic()
    well = player.play("health_check", **_variables(tmp_path))
    print(f"chatbot.ops.health_check took {time.monotonic() - begun:.1f} s")
    document = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    assert well.succeeded, well.output
    assert well.changed == 0
    assert document["status"] in ("ok", "warning")
    assert {"api.bot.status", "n8n.readiness", "database.connect", f"dns.{BOT}.address"} <= {
        each["id"] for each in document["checks"]
    }
    watch.server.shell(f"docker stop --time=1 {PROJECT}-api-1")
    try:
        ill = player.play("health_check", **_variables(tmp_path, health_language="es"))
    finally:
        watch.server.shell(f"docker start {PROJECT}-api-1")
    assert not ill.succeeded
    assert "api no está en marcha" in ill.output
    written = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    assert written["status"] == "critical"
    watch.wait({}, frozenset())


def test_a_server_that_does_not_answer_is_a_finding(player: Player, tmp_path: Path) -> None:
    gone = player.play("health_check", **_variables(tmp_path, ansible_port=1, health_reach_timeout=2))
    assert not gone.succeeded
    assert "The server cannot be reached" in gone.output
    document = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    ill = {each["id"]: each["status"] for each in document["checks"] if each["status"] == "critical"}
    assert ill == {"server.reachable": "critical"}
