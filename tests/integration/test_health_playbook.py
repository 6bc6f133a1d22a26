# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook health_check: what it finds, what it tells when something is gone or full, and who hears of it."""

from __future__ import annotations

import json
import pathlib
import stat
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import read_manifest, write_manifest

from tests.support.chat_api import SLACK_PATH, ChatApi
from tests.support.modules import run_module
from tests.support.needs import needs_ssh
from tests.support.ping_api import PingApi
from tests.support.playbooks import Playbooks
from tests.support.role_play import play
from tests.support.stack import STACK, SampleStack

_SOURCES = ("database", "n8n")
_DISK = ("disk_bytes", "disk_inodes")


def _checks(playbooks: Playbooks) -> dict[str, dict[str, Any]]:
    path = playbooks.reports / "health-lottery-chatbot.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["stack"] == "lottery-chatbot"
    return {each["id"]: each for each in document["checks"]}


def test_the_playbook_tells_the_truth_before_and_after_a_backup(stack: SampleStack, tmp_path: pathlib.Path) -> None:
    playbooks = Playbooks(stack, tmp_path)
    # How full this machine is, nobody can help here.
    quiet = ["-e", json.dumps({"health_limits": {each: {"warning": 99.9, "critical": 100} for each in _DISK}})]
    without = playbooks.play("health_check", *quiet)
    assert without.exit_status != 0
    assert without.changed == 0
    checks = _checks(playbooks)
    repository = stack.n8n.parent / "backups"
    ill = {name for name, each in checks.items() if each["status"] in ("critical", "unknown")}
    assert ill == {f"backup.{source}.{repository}.{what}" for source in _SOURCES for what in ("age", "verified")}
    assert checks["database.connect"]["status"] == "ok"
    assert checks["recovery.rto"]["status"] == "warning"
    assert "No hay ningún respaldo bueno de n8n" in checks[f"backup.n8n.{repository}.age"]["summary"]
    assert "backup_stack" in checks[f"backup.n8n.{repository}.age"]["advice"]
    assert playbooks.play("backup_stack").exit_status == 0
    after = playbooks.play("health_check", *quiet)
    assert after.exit_status == 0, after.output
    checks = _checks(playbooks)
    assert checks[f"backup.n8n.{repository}.age"]["status"] == "ok"
    assert checks[f"backup.n8n.{repository}.verified"]["status"] == "warning"
    assert checks[f"backup.database.{repository}.size"]["value"] > 0


@needs_ssh
def test_a_server_that_does_not_answer_is_a_finding_and_the_others_are_looked_at(tmp_path: pathlib.Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    hosts = {
        "here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
        "gone": {"ansible_host": "127.0.0.1", "ansible_port": 1},
    }
    given = {
        "chatbot_stack": {
            "name": "{{ inventory_hostname }}",
            "sources": ["n8n"],
            "repositories": [{"type": "local", "path": str(backups)}],
        },
        "health_python": sys.executable,
        "health_reach_timeout": 2,
        "health_backups_from": "localhost",
        "health_report_folder": str(tmp_path / "reports"),
        "health_state_file": str(tmp_path / "looks.json"),
        "health_fail_on": ["critical"],
    }
    inventory = {"all": {"hosts": hosts, "vars": given}}
    done = play(tmp_path, inventory, [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
    assert done.exit_status != 0
    gone, here = (_states(tmp_path / "reports" / f"health-{name}.json") for name in ("gone", "here"))
    assert gone["server.reachable"] == "critical"
    assert "The server cannot be reached" in done.text
    # What needs no server is known all the same, and nothing is said of the rest.
    assert gone[f"backup.n8n.{backups}.age"] == "critical"
    assert not [name for name in gone if name.startswith(("server.load", "disk."))]
    assert here["server.reachable"] == "ok"
    assert here["disk./.inodes"] == "ok"


@pytest.mark.thorough
def test_what_cannot_be_written_keeps_nobody_from_being_told(tmp_path: pathlib.Path) -> None:
    """The server has no room for the metrics, then the controller none for the report."""
    (tmp_path / "full").touch()
    with ChatApi() as chat, PingApi() as pings:
        given = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "chatbot_stack": {"name": "lottery"},
            "health_python": sys.executable,
            "health_report_folder": str(tmp_path / "reports"),
            "health_textfile_directory": str(tmp_path / "full"),
            "health_state_file": str(tmp_path / "looks.json"),
            "health_endpoints": [{"name": "api", "url": "http://127.0.0.1:1/health"}],
            "health_fail_on": [],
            "health_notify": True,
            "heartbeat_targets": {"health": {"type": "healthchecks", "url": pings.url("healthchecks")}},
            "notify_state_folder": str(tmp_path / "state"),
            "notify_slack_webhook_url": chat.url + SLACK_PATH,
        }
        plays = [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}]
        server = play(tmp_path, {"all": {"hosts": {"bot": given}}}, plays)
        assert server.exit_status != 0
        assert "Failed to give the metrics to bot" in server.text
        (told,) = chat.texts("slack")
        assert "api.api.status" in told
        full = {"health_report_folder": str(tmp_path / "full"), "health_rehearsal_folder": str(tmp_path)}
        given = {**given, **full, "notify_reminder_critical": "1s"}
        controller = play(tmp_path, {"all": {"hosts": {"bot": given}}}, plays)
        assert controller.exit_status != 0
        assert "rescued=1" in controller.text
        assert "Failed to write the health report" in controller.text
        assert "Failed to give the metrics to bot" not in controller.text
        assert len(chat.texts("slack")) == 2
        assert pings.events() == ["fail", "fail"]


@needs_ssh
@pytest.mark.parametrize("delegate", ["localhost", "gone"])
def test_who_is_gone_in_the_middle_of_the_look_is_a_finding(tmp_path: pathlib.Path, delegate: str) -> None:
    """The server answers no more once the look has begun; or whoever is to ask the repository never did."""
    gone = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_private_key_file": "/dev/null"}
    dies = delegate == "localhost"
    here = {
        **gone,
        "ansible_connection": "{{ 'ssh' if __health_begun is defined else 'local' }}" if dies else "local",
        "ansible_python_interpreter": sys.executable,
        "chatbot_stack": {
            "name": "lottery",
            "sources": ["n8n"],
            "repositories": [{"type": "local", "path": str(tmp_path)}],
        },
        "health_python": sys.executable,
        "health_backups_from": delegate,
        "health_backups_python": sys.executable,
        "health_report_folder": str(tmp_path / "reports"),
        "health_state_file": str(tmp_path / "looks.json"),
        "health_fail_on": ["critical", "unknown"],
    }
    inventory = {"all": {"hosts": {"here": here, "gone": gone}}}
    done = play(tmp_path, inventory, [{"hosts": "here", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
    assert done.exit_status == 2, done.output
    states = _states(tmp_path / "reports/health-lottery.json")
    assert states["server.reachable"] == ("critical" if dies else "ok")
    assert ("disk./.inodes" in states) is not dies
    assert states[f"backup.n8n.{tmp_path}.age"] == ("critical" if dies else "unknown")


def test_that_backups_stopped_is_seen_from_anywhere_that_reaches_the_store(
    stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    """The server is gone, and with it whatever should have told that its backups stopped; the store is asked."""
    description = {
        "name": STACK,
        "sources": ["n8n"],
        "repositories": [{"type": "local", "path": str(stack.backups)}],
        "objectives": {"rpo": "24h"},
    }
    given = {
        "ansible_host": "127.0.0.1",
        "ansible_port": 1,
        "chatbot_stack": description,
        "health_reach_timeout": 2,
        "health_backups_from": "localhost",
        "health_backups_python": sys.executable,
        "health_report_folder": str(tmp_path / "reports"),
    }

    def age() -> dict[str, Any]:
        hosts = {"all": {"hosts": {"gone": given}}}
        done = play(tmp_path, hosts, [{"hosts": "all", "gather_facts": False, "roles": ["chatbot.ops.health"]}])
        assert done.exit_status != 0
        document = json.loads((tmp_path / f"reports/health-{STACK}.json").read_text(encoding="utf-8"))
        (found,) = [each for each in document["checks"] if each["id"] == f"backup.n8n.{stack.backups}.age"]
        return dict(found)

    run_module("n8n_volume_backup", stack.parameters()["n8n_volume_backup"])
    assert age()["status"] == "ok"
    (manifest,) = stack.manifests("n8n")
    # As it lay there, had it been the last one three days ago.
    stopped = now() - timedelta(days=3)
    made = read_manifest(manifest.read_bytes(), str(manifest))
    old = stopped.strftime("%Y%m%dT%H%M%SZ") + made.backup_id[16:]
    then = to_iso(stopped)
    moved = manifest.parent.rename(manifest.parent.with_name(old)) / "manifest.json"
    moved.write_bytes(write_manifest(replace(made, backup_id=old, started=then, taken=then, ended=then)))
    found = age()
    assert found["status"] == "critical"
    assert found["value"] == pytest.approx(3 * 86_400, abs=900)
    assert "backup_stack" in found["advice"]


def _states(path: pathlib.Path) -> dict[str, str]:
    return {each["id"]: each["status"] for each in json.loads(path.read_text(encoding="utf-8"))["checks"]}
