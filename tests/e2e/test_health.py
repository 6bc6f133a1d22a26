# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on the production server, one by one: each is found and named, nothing else is, and afterwards all is as before.

A look is what the module does, without Ansible around it: a playbook takes ten times as long. Some are run whole in the end.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import dns.query
import dns.tsigkeyring
import dns.update
import pytest

from tests.bed import stack
from tests.bed.site import ADDRESSES, BOT, PROJECT, TSIG_KEY, ZONE
from tests.e2e.health_faults import CONTAINER, FOLDER, QUICK, THOROUGH
from tests.e2e.health_watch import Watch
from tests.support import certificates


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(each, marks=pytest.mark.thorough) for each in THOROUGH)])
def test_a_fault_is_found_named_and_gone(watch: Watch, name: str) -> None:
    fault = {**QUICK, **THOROUGH}[name]
    begin = CONTAINER if fault.image else ""
    try:
        watch.server.shell(begin + fault.inject, timeout=120)
        watch.wait(fault.wanted, fault.follows, environment=fault.environment, **fault.more)
        watch.require_advice(fault.wanted)
    finally:
        watch.server.shell(begin + fault.recover, timeout=120)
        watch.let_a_day_pass()
    watch.wait({}, frozenset())


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
    watch.require_advice({"tls.bot.expiry": "critical"})
    assert watch.found["tls.bot.expiry"]["value"] == pytest.approx(5, abs=0.1)


@pytest.mark.thorough
@pytest.mark.usefixtures("certificate")
def test_a_certificate_of_another_authority(watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _serve(watch, tmp_path, monkeypatch, 60)
    watch.wait({"tls.bot.trust": "critical"}, frozenset({"tls.bot.expiry"}))
    watch.require_advice({"tls.bot.trust": "critical"})


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
        watch.require_advice(wanted)
    finally:
        _point(watch, ADDRESSES["production"])
    watch.wait({}, frozenset())


@pytest.mark.thorough
def test_security_updates_wait(watch: Watch) -> None:
    architecture = watch.server.ssh("dpkg", "--print-architecture").strip()
    try:
        watch.offer(
            f"Package: bash\nVersion: 99\nArchitecture: {architecture}\nMaintainer: bed <bed@example.org>\n"
            f"Filename: ./bash.deb\nSize: 1\nSHA256: {'0' * 64}\nDescription: bed\n",
        )
        watch.wait({"updates.security": "warning"}, frozenset({"updates.pending"}))
        watch.require_advice({"updates.security": "warning"})
        assert watch.found["updates.security"]["value"] >= 1
    finally:
        watch.offer("")
    watch.wait({}, frozenset())


@pytest.mark.thorough
def test_backups_that_are_missing_unverified_and_too_old(watch: Watch) -> None:
    one, other = f"{FOLDER}/backups/one", f"{FOLDER}/backups/other"
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
    watch.require_advice(half)
    single = {"repositories": [one]}
    watch.player.must(
        "verify_backups", target="production", verification_repositories=repositories[:1], verification_sources=["n8n"]
    )
    watch.wait({}, frozenset(), **single)
    late = {"limits": {"backup_age": {"warning": 1, "critical": 1}}}
    watch.wait({f"backup.n8n.{one}.age": "critical"}, frozenset(), **single, **late)
    watch.require_advice({f"backup.n8n.{one}.age": "critical"})


def test_the_whole_playbook_fails_by_the_worst(watch: Watch, tmp_path: Path) -> None:
    watch.server.shell(f"docker stop --time=1 {PROJECT}-api-1")
    begun = time.monotonic()
    try:
        ill = watch.player.play("health_check", **watch.variables(tmp_path, health_language="es"))
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
def test_a_server_that_does_not_answer_is_a_finding(watch: Watch, tmp_path: Path) -> None:
    gone = watch.player.play("health_check", **watch.variables(tmp_path, ansible_port=1, health_reach_timeout=2))
    assert not gone.succeeded
    assert "The server cannot be reached" in gone.output
    document = json.loads((tmp_path / f"health-{PROJECT}.json").read_text(encoding="utf-8"))
    ill = {each["id"]: each["status"] for each in document["checks"] if each["status"] == "critical"}
    assert ill == {"server.reachable": "critical"}
