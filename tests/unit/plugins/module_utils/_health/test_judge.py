# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong is found and named rightly, nothing else is, and what is not known never passes for good."""

from __future__ import annotations

import string
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.health_checks import FilterModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check
from ansible_collections.chatbot.ops.plugins.module_utils._health.judge import health_of
from ansible_collections.chatbot.ops.plugins.module_utils._health.limits import DEFAULTS
from ansible_collections.chatbot.ops.plugins.module_utils._health.texts import TEXTS

from tests.unit.plugins.module_utils._health.facts import (
    AT,
    backup,
    container,
    disk,
    endpoint,
    findings,
    record,
    rehearsal,
    spoiled,
    supabase,
)

health_checks = FilterModule().filters()["health_checks"]

_AGE = "backup.n8n./srv/backups.age"
_VERIFIED = "backup.n8n./srv/backups.verified"
_DATABASE = (*("size", "connections", "locks", "bloat", "transaction_age", "replication", "archiving", "extensions"),)


def ill(given: dict[str, Any]) -> dict[str, str]:
    """Return the states of all that is not well."""
    return {each["id"]: each["status"] for each in health_of(given, AT)["checks"] if each["status"] != "ok"}


def one_endpoint(**more: Any) -> dict[str, Any]:
    return spoiled("endpoints", endpoints=[endpoint(**more)])


def one_container(**more: Any) -> dict[str, Any]:
    return spoiled("containers", containers=[container(**more)])


def one_disk(**more: Any) -> dict[str, Any]:
    return spoiled("disks", disks=[disk(**more)])


def held(*backups: dict[str, Any]) -> dict[str, Any]:
    return findings(listings=[{"backups": list(backups)}])


def unknown(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "unknown")


_WAIT = {"pid": 12, "user": "app", "seconds": 40.0, "blocked_by": [11]}
_NO_ANSWER: dict[str, Any] = {"seconds": None, "status": None, "certificate_ends": None}
FAULTS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "server gone": (
        findings(unreachable="timed out", look={}, repositories=[], listings=[]),
        {"server.reachable": "critical"},
    ),
    "no tool chain": (findings(look={"failed": True, "msg": "no python"}), unknown("server.look")),
    "no memory of looks": (
        findings(look={**findings()["look"], "memory_problem": "disk full"}),
        unknown("server.memory_of_looks"),
    ),
    "api down": (
        one_endpoint(problem="Connection refused", **_NO_ANSWER),
        {"api.api.status": "critical", **unknown("api.api.latency", "tls.api.expiry", "tls.api.trust")},
    ),
    "api ill": (one_endpoint(status=503), {"api.api.status": "critical"}),
    "keyword gone": (one_endpoint(keyword_found=False), {"api.api.status": "critical"}),
    "slow": (one_endpoint(seconds=2.5), {"api.api.latency": "warning"}),
    "endpoints hang": (spoiled("endpoints", problem="no answer within 15 seconds"), unknown("api.api.status")),
    "certificate ends in 5 days": (
        one_endpoint(certificate_ends="2026-11-29T03:15:00Z"),
        {"tls.api.expiry": "critical"},
    ),
    "certificate ends in 20 days": (
        one_endpoint(certificate_ends="2026-12-14T03:15:00Z"),
        {"tls.api.expiry": "warning"},
    ),
    "certificate ended": (one_endpoint(certificate_ends="2026-11-23T03:15:00Z"), {"tls.api.expiry": "critical"}),
    "wrong authority": (one_endpoint(certificate_problem="self-signed"), {"tls.api.trust": "critical"}),
    "no library for certificates": (one_endpoint(certificate_ends=None), unknown("tls.api.expiry")),
    "n8n not ready": (spoiled("n8n", readiness={"status": 503}), {"n8n.readiness": "critical"}),
    "n8n silent": (
        spoiled("n8n", readiness={"status": None, "problem": "Connection refused"}),
        {"n8n.readiness": "critical"},
    ),
    "no engine to ask for n8n": (
        spoiled("n8n", readiness={"asked": False, "status": None, "problem": "no engine"}),
        unknown("n8n.readiness"),
    ),
    "n8n unknown": (spoiled("n8n", problem="hangs"), unknown("n8n.readiness", "n8n.failed_executions")),
    "failed executions": (
        spoiled("n8n", executions={"failed": 6, "workflows": [{"workflow": "In", "failed": 6}]}),
        {"n8n.failed_executions": "warning"},
    ),
    "executions unknown": (spoiled("n8n", executions={"problem": "locked"}), unknown("n8n.failed_executions")),
    "database down": (
        spoiled("database", connect_problem="Connection refused"),
        {"database.connect": "critical", **unknown(*(f"database.{each}" for each in _DATABASE))},
    ),
    "database hangs": (
        spoiled("database", problem="no answer within 15 seconds"),
        unknown("database.connect", *(f"database.{each}" for each in _DATABASE)),
    ),
    "database slow": (spoiled("database", connect_seconds=1.5), {"database.connect": "warning"}),
    "database hides one": (spoiled("database", size={"problem": "permission denied"}), unknown("database.size")),
    "connections": (spoiled("database", connections={"percent": 90.0}), {"database.connections": "warning"}),
    "long lock": (
        spoiled("database", locks={"waiting": 1, "longest_seconds": 40.0, "waits": [_WAIT]}),
        {"database.locks": "warning"},
    ),
    "bloat": (
        spoiled("database", bloat={"percent": 50.0, "tables": [{"table": "a.b", "bytes": 9, "dead_bytes": 5}]}),
        {"database.bloat": "warning"},
    ),
    "old transactions": (
        spoiled("database", transaction_age={"age": 1_100_000_000}),
        {"database.transaction_age": "critical"},
    ),
    "replica behind": (
        spoiled("database", replication={"lag_seconds": 90.0, "standbys": [{"name": "b", "state": "catchup"}]}),
        {"database.replication": "warning"},
    ),
    "replica cut off": (
        spoiled("database", replication={"role": "standby", "receiving": False, "lag_seconds": 2.0}),
        {"database.replication": "warning"},
    ),
    "replica cut off for long": (
        spoiled("database", replication={"role": "standby", "receiving": False, "lag_seconds": 900.0}),
        {"database.replication": "critical"},
    ),
    "replica cut off since its start": (
        spoiled("database", replication={"role": "standby", "receiving": False}),
        unknown("database.replication"),
    ),
    "replica that follows": (
        spoiled("database", replication={"role": "standby", "receiving": True, "lag_seconds": 0.0}),
        {},
    ),
    "slot unread": (
        spoiled("database", replication={"slots": [{"name": "old", "kept_bytes": 10}]}),
        {"database.replication": "warning"},
    ),
    "archiving waits": (
        spoiled("database", archiving={"mode": "on", "waiting_files": 3, "waiting_seconds": 400.0}),
        {"database.archiving": "warning"},
    ),
    "archiving fails": (
        spoiled("database", archiving={"mode": "on", "seconds_since_failed": 10.0, "last_failed_file": "0A"}),
        {"database.archiving": "critical"},
    ),
    "extension outdated": (
        spoiled("database", extensions={"outdated": [{"name": "pgcrypto", "installed": "1.2", "available": "1.3"}]}),
        {"database.extensions": "warning"},
    ),
    "container exited": (one_container(status="exited", error="no file"), {"container.api.running": "critical"}),
    "container missing": (spoiled("containers", missing=["worker"]), {"container.worker.running": "critical"}),
    "container ill": (
        one_container(health="unhealthy", health_says="refused"),
        {"container.api.health": "critical"},
    ),
    "container starts": (one_container(health="starting"), {"container.api.health": "warning"}),
    "container loops": (
        one_container(status="restarting", new_restarts=6),
        {"container.api.running": "critical", "container.api.restarts": "critical"},
    ),
    "container restarted": (one_container(new_restarts=2), {"container.api.restarts": "warning"}),
    "container killed": (one_container(oom_killed=True), {"container.api.memory": "critical"}),
    "a process of it killed": (one_container(oom_kills=2), {"container.api.memory": "critical"}),
    "container near its memory": (one_container(memory_bytes=450_000_000), {"container.api.memory": "warning"}),
    "image older": (one_container(tag_image_id="sha256:2"), {"container.api.image": "warning"}),
    "no engine": (spoiled("containers", problem="no engine"), unknown("container.all.running")),
    "load": (spoiled("server", load=[9.0, 5.0, 3.0]), {"server.load": "warning"}),
    "memory": (spoiled("server", memory_percent=96.0), {"server.memory": "critical"}),
    "swap": (spoiled("server", swap_percent=60.0), {"server.swap": "warning"}),
    "oom": (spoiled("server", oom_kills=1), {"server.oom": "warning"}),
    "no counters": (spoiled("server", oom_kills=None, cpu_percent=None), unknown("server.cpu", "server.oom")),
    "server unknown": (
        spoiled("server", problem="killed"),
        unknown(*(f"server.{each}" for each in ("cpu", "load", "memory", "swap", "oom"))),
    ),
    "disk at 95 %": (one_disk(bytes_percent=95.0), {"disk./.bytes": "critical"}),
    "inodes full": (one_disk(inodes_percent=100.0), {"disk./.inodes": "critical"}),
    "disk full soon": (one_disk(days_left=2.0), {"disk./.days_left": "critical"}),
    "disk dead": (one_disk(problem="Input/output error"), unknown("disk./.bytes")),
    "disks unknown": (spoiled("disks", problem="hangs"), unknown("disk.all.bytes")),
    "clock off": (spoiled("time", now="2026-11-24T03:16:00Z"), {"time.sync": "critical"}),
    "clock off, behind": (spoiled("time", now="2026-11-24T03:14:50Z"), {"time.sync": "warning"}),
    "clock on its own": (
        spoiled("time", synchronised=False, ntp=[]),
        {"time.sync": "warning", "time.ntp": "warning"},
    ),
    "clock unknown": (
        spoiled("time", synchronised=None, ntp=None, ntp_problem="no systemd"),
        unknown("time.sync", "time.ntp"),
    ),
    "time unknown": (spoiled("time", problem="killed"), unknown("time.sync", "time.ntp")),
    "security updates": (spoiled("updates", security=2, pending=5), {"updates.security": "warning"}),
    "no lists": (spoiled("updates", updates_problem="no lists"), unknown("updates.security", "updates.pending")),
    "old lists": (spoiled("updates", lists_age_seconds=8 * 86_400), unknown("updates.security", "updates.pending")),
    "reboot": (spoiled("updates", reboot=True, reboot_reasons=["linux"]), {"updates.reboot": "warning"}),
    "updates unknown": (
        spoiled("updates", problem="hangs"),
        unknown("updates.security", "updates.pending", "updates.reboot"),
    ),
    "backup late": (held(backup(1, age_seconds=27 * 3600)), {_AGE: "warning"}),
    "backup left out": (held(backup(2, age_seconds=51 * 3600)), {_AGE: "critical"}),
    "no backup": (held(), {_AGE: "critical", _VERIFIED: "unknown"}),
    "only bad backups": (
        held(backup(good=False, problem="damaged")),
        {_AGE: "critical", _VERIFIED: "unknown"},
    ),
    "newest is bad": (held(backup(good=False, problem="damaged"), backup(1, age_seconds=90_000)), {_AGE: "warning"}),
    "newest is a safety copy": (
        held(backup(safety_copy_for="20261123T031500Z-n8n-7f3a"), backup(1, age_seconds=27 * 3600)),
        {_AGE: "warning"},
    ),
    "unverified": (held(backup(verified=None)), {_VERIFIED: "warning"}),
    "unverified for long": (
        held(backup(verified=None), backup(16, verified=None)),
        {_VERIFIED: "critical"},
    ),
    "verified badly": (
        held(backup(verified={"level": "restore", "time": AT, "result": "failed"})),
        {_VERIFIED: "warning"},
    ),
    "verified too little": (
        held(backup(verified={"level": "checksum", "time": AT, "result": "passed"})),
        {_VERIFIED: "warning"},
    ),
    "backup shrunk": (
        held(backup(objects=[{"stored_bytes": 10}]), *(backup(each) for each in (1, 2, 3))),
        {"backup.n8n./srv/backups.size": "critical"},
    ),
    "repository gone": (findings(listings=[{"msg": "no folder"}]), unknown(_AGE, _VERIFIED)),
    "never rehearsed": (findings(rehearsals=[]), {"recovery.rto": "warning", "recovery.rpo": "warning"}),
    "rehearsal failed": (
        findings(rehearsals=[rehearsal(state="failed", ended=None)]),
        {"recovery.rto": "critical", "recovery.rpo": "critical"},
    ),
    "recovery too slow": (findings(rehearsals=[rehearsal(rto_seconds=2000.0)]), {"recovery.rto": "critical"}),
    "rehearsed long ago": (
        findings(rehearsals=[rehearsal(ended="2026-09-20T04:00:00Z")]),
        {"recovery.rto": "warning", "recovery.rpo": "warning"},
    ),
    "name elsewhere": (
        findings(address="192.0.2.99"),
        {"dns.bot.example.org.address": "critical"},
    ),
    "name nowhere": (
        findings(dns={"records": [record(addresses=[], answers=[])]}),
        {"dns.bot.example.org.address": "critical"},
    ),
    "a name server silent": (
        findings(dns={"records": [record(problems=["ns2 does not answer"])]}),
        {"dns.bot.example.org.address": "warning"},
    ),
    "no name server": (
        findings(dns={"records": [record(addresses=[], answers=[], problems=["ns1 does not answer"])]}),
        unknown("dns.bot.example.org.address"),
    ),
    "names unknown": (findings(dns={"msg": "no network"}), unknown("dns.bot.example.org.address")),
    "project paused": (
        findings(supabase=supabase(healthy=False, project={"status": "INACTIVE"}, services=[])),
        {"supabase.project": "critical"},
    ),
    "no managed backup": (findings(supabase=supabase(age_seconds=None)), {"supabase.backups": "warning"}),
    "project unknown": (
        findings(supabase={"msg": "token refused"}),
        unknown("supabase.project", "supabase.backups"),
    ),
}


def test_all_is_well() -> None:
    found = health_of(findings(), AT)
    assert ill(findings()) == {}
    assert found["status"] == "ok"
    assert found["worst"] == []
    assert set(found["checks"][0]) == set(Check.__dataclass_fields__)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named_and_nothing_else(name: str) -> None:
    given, wanted = FAULTS[name]
    assert ill(given) == wanted


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("name", FAULTS)
def test_whatever_is_not_well_comes_with_advice(name: str, language: str) -> None:
    found = health_of({**FAULTS[name][0], "language": language}, AT)
    wrong = [each for each in found["checks"] if each["status"] != "ok"]
    assert all(each["advice"] and each["summary"] and each["component"] for each in wrong)
    assert len(found["worst"]) == len(wrong)
    told = str([(each["summary"], each["advice"]) for each in found["checks"]])
    assert "None" not in told
    assert "{{" not in told.replace("{{json .State.Health}}", "")


def test_ids_are_the_same_whatever_the_language() -> None:
    english, spanish = (health_of({**findings(), "language": each}, AT)["checks"] for each in ("en", "es"))
    assert [each["id"] for each in english] == [each["id"] for each in spanish]


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    english, spanish = TEXTS["en"], TEXTS["es"]
    assert set(english) == set(spanish)
    for key, text in english.items():
        forms = [*text.split("|"), *spanish[key].split("|")]
        places = [{part[1] for part in string.Formatter().parse(each) if part[1]} for each in forms]
        assert len(text.split("|")) == len(spanish[key].split("|")), key
        assert set.union(*places[: len(forms) // 2]) == set.union(*places[len(forms) // 2 :]), key


def test_containers_of_one_service_have_their_own_names() -> None:
    two = [container(name="lottery-api-1"), container(name="lottery-api-2", status="exited")]
    assert ill(spoiled("containers", containers=two)) == {"container.lottery-api-2.running": "critical"}


def test_what_others_found_is_reported_too_and_the_worse_counts() -> None:
    extra = {"id": "whatsapp.quality", "component": "whatsapp", "status": "critical", "summary": "RED"}
    better = {"id": "server.load", "component": "server", "status": "ok", "summary": "fine"}
    assert ill(findings(extra=[extra])) == {"whatsapp.quality": "critical"}
    given = {**spoiled("server", load=[9.0, 5.0, 3.0]), "extra": [better]}
    assert ill(given) == {"server.load": "warning"}


def test_what_nobody_wants_is_left_out() -> None:
    found = health_of(findings(skip=["disk.*", "server.load"]), AT)
    left = {each["id"] for each in found["checks"]}
    assert "server.memory" in left
    assert not [each for each in left if each.startswith("disk.") or each == "server.load"]


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({"memory": {"warning": 30}}, {"server.memory": "warning"}),
        ({"memory": {"critical": 30, "warning": None}}, {"server.memory": "critical"}),
        ({"transaction_age": {"warning": 1000, "critical": -1}}, {"database.transaction_age": "warning"}),
        ({"latency": {"warning": "0.01s"}}, {"api.api.latency": "warning"}),
        ({"backup_age": {"warning": "30m", "critical": "50m"}}, {_AGE: "critical"}),
    ],
)
def test_limits_are_the_users(limits: dict[str, Any], wanted: dict[str, str]) -> None:
    assert ill(findings(limits=limits)) == wanted


def test_the_objective_sets_when_a_backup_is_late() -> None:
    # Three hours old, of which two are grace.
    late = held(backup(age_seconds=3 * 3600))
    assert ill({**late, "rpo": "24h"}) == {}
    assert ill({**late, "rpo": "45m"}) == {_AGE: "warning"}
    assert ill({**late, "rpo": "30m"}) == {_AGE: "critical"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"language": "fr"}, "fr"),
        ({"level": "hope"}, "hope"),
        ({"limits": {"speed": {}}}, "no speed"),
        ({"limits": {"memory": {"warning": 99, "critical": 90}}}, "below that for a warning"),
        ({"limits": {"memory": {"alarm": 1}}}, "alarm"),
        ({"limits": {"latency": {"warning": "soon"}}}, "soon"),
        ({"listings": []}, "1 repositories, and 0 lists"),
        ({"extra": [{"id": "x", "status": "fine"}]}, "fine"),
        ({"look": {"memory_problem": None, "sections": {"server": {"problem": None}}}}, "cpu_percent"),
    ],
)
def test_what_makes_no_sense_is_refused(more: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        health_checks(findings(**more), AT)


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="no time"):
        health_checks(findings(), "soon")


def test_all_defaults_are_limits() -> None:
    for name, default in DEFAULTS.items():
        assert (default.warning is not None) or name in ("database_size", "backup_duration")
