# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure_awx against what checks each call as AWX does: all is made, a second run changes nothing, a slip is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.awx_api import TOKEN, Awx, AwxServer
from tests.support.awx_checks import RefusedError, check_rrule, check_survey
from tests.support.awx_collection import awx_collection
from tests.support.role_play import RolePlay, play
from tests.tools.link import CHECKOUT, COLLECTIONS

TEMPLATES = [
    each["name"]
    for each in yaml.safe_load(
        (CHECKOUT / "roles/awx/vars/main.yml").read_text(encoding="utf-8").replace("!unsafe ", "")
    )["__awx_templates"]
]

JOBS = yaml.safe_load((CHECKOUT / "roles/schedule/defaults/main.yml").read_text(encoding="utf-8"))["schedule_jobs"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwxServer]:
    monkeypatch.setattr("tests.support.role_play.COLLECTIONS", f"{COLLECTIONS}{os.pathsep}{awx_collection()}")
    with AwxServer() as running:
        yield running


BACKUP = {"name": "backup", "playbook": "backup_stack", "calendar": "Sun 03:30"}
HEALTH = {"name": "health", "playbook": "health_check", "calendar": "*:0/5", "variables": {"health_logs": True}}


def stack(name: str, *jobs: dict[str, Any], **variables: Any) -> dict[str, Any]:
    """A host of the inventory, whose jobs AWX starts."""
    table = {"schedule_jobs": list(jobs)} if jobs else {}
    return {"schedule_backend": "awx", "chatbot_stack": {"name": name}, **table, **variables}


def configure(
    server: AwxServer, folder: Path, *arguments: str, hosts: dict[str, Any] | None = None, **variables: Any
) -> RolePlay:
    given = {
        "awx_url": server.url,
        "awx_token": TOKEN,
        "awx_project_url": "https://git.example.com/ops/chatbot-ops.git",
        "awx_execution_environment_image": "registry.example.com/ee:1",
        "awx_notification": {
            "type": "slack",
            "configuration": {"token": "slack-secret-of-the-tests", "channels": ["#ops"]},
        },
        **variables,
    }
    plays = [{"import_playbook": "chatbot.ops.configure_awx", "vars": given}]
    inventory = {"localhost": {"ansible_connection": "local"}, **({"vps-1": stack("shop")} if hosts is None else hosts)}
    return play(folder, {"all": {"hosts": inventory}}, plays, *arguments)


def scheduled(awx: Awx) -> dict[str, tuple[str, Any, str]]:
    """Return the template, the variables and the rule of each schedule, by its name."""
    return {
        each["name"]: (
            awx.objects["job_templates"][each["unified_job_template"]]["name"],
            each["extra_data"],
            each["rrule"],
        )
        for each in awx.objects["schedules"].values()
    }


def test_it_is_made(server: AwxServer, tmp_path: Path) -> None:
    first = configure(server, tmp_path)
    assert first.exit_status == 0, first.output
    awx = server.awx
    assert sorted(each["name"] for each in awx.objects["job_templates"].values()) == sorted(TEMPLATES)
    table = [each for each in JOBS if each["playbook"] != "review_jobs"]
    assert {name: (template, extra) for name, (template, extra, _rule) in scheduled(awx).items()} == {
        f"shop: {each['name']}": (each["playbook"], {"target": "vps-1", **each.get("variables", {})}) for each in table
    }
    asking = {each["name"] for each in awx.objects["job_templates"].values() if each["ask_variables_on_launch"]}
    assert asking == {each["playbook"] for each in table}
    _check_rebuild(awx)
    injected = awx.named("credential_types", "chatbot.ops age identity")["injectors"]["extra_vars"]
    assert injected["restore_identity"] == "{{ identity }}"
    restore = awx.named("job_templates", "restore_n8n")
    asked = [each["variable"] for each in awx.surveys[("job_templates", restore["id"])]["spec"]]
    assert asked == ["restore_confirm", "restore_before"]
    assert awx.links[("job_templates", restore["id"], "notification_templates_error")] != []
    assert TOKEN not in first.output
    assert "slack-secret-of-the-tests" not in first.output


@pytest.mark.thorough
def test_a_second_run_changes_nothing_and_a_third_one_what_is_new(server: AwxServer, tmp_path: Path) -> None:
    assert configure(server, tmp_path).exit_status == 0
    awx = server.awx
    awx.writes.clear()
    second = configure(server, tmp_path)
    assert second.exit_status == 0, second.output
    assert (second.changed("localhost"), awx.writes) == (0, [])
    changed = configure(server, tmp_path, awx_project_version="v2")
    assert (changed.changed("localhost"), len(awx.writes)) == (1, 1)


def _check_rebuild(awx: Awx) -> None:
    """Nothing is rebuilt before somebody has approved."""
    nodes = {name: awx.named("workflow_job_template_nodes", name) for name in ("approval", "rebuild", "backup")}
    follow = {
        name: awx.links.get(("workflow_job_template_nodes", node["id"], "success_nodes"))
        for name, node in nodes.items()
    }
    assert follow["approval"] == [nodes["rebuild"]["id"]]
    assert follow["rebuild"] == [nodes["backup"]["id"]]
    assert nodes["approval"]["unified_job_template"] in awx.objects["workflow_approval_templates"]
    assert nodes["rebuild"]["unified_job_template"] == awx.named("job_templates", "rebuild_server")["id"]


def test_check_mode_makes_nothing(server: AwxServer, tmp_path: Path) -> None:
    done = configure(server, tmp_path, "--check")
    assert done.exit_status == 0, done.output
    assert done.changed("localhost") == 1
    assert server.awx.writes == []


def test_a_schedule_of_no_template_is_refused_before_anything_is_made(server: AwxServer, tmp_path: Path) -> None:
    done = configure(server, tmp_path, awx_schedules=[{"template": "bakcup", "rrule": ""}])
    assert done.exit_status != 0
    assert "bakcup, which is no template" in done.text
    assert server.awx.writes == []


@pytest.mark.thorough
def test_the_schedules_follow_the_tables(server: AwxServer, tmp_path: Path) -> None:
    awx = server.awx
    hosts = {"a": stack("one", HEALTH, BACKUP), "b": stack("two", BACKUP), "c": stack("three", schedule_backend="cron")}
    assert configure(server, tmp_path, hosts=hosts).exit_status == 0
    weekly = "DTSTART;TZID=UTC:20260104T033000 RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU"
    often = "DTSTART;TZID=UTC:20260101T000000 RRULE:FREQ=MINUTELY;INTERVAL=5"
    first = {
        "one: health": ("health_check", {"target": "a", "health_logs": True}, often),
        "one: backup": ("backup_stack", {"target": "a"}, weekly),
        "two: backup": ("backup_stack", {"target": "b"}, weekly),
    }
    assert scheduled(awx) == first
    foreign = {"name": "one: theirs", "unified_job_template": awx.named("job_templates", "rotate_logs")["id"]}
    assert (
        awx.reply("POST", "/api/v2/schedules/", f"Bearer {TOKEN}", json.dumps({**foreign, "rrule": weekly}).encode())[0]
        == 201
    )
    awx.writes.clear()
    # One job is no longer there, one runs another playbook, a stack is not looked at, and check mode tells of it.
    hosts = {"a": stack("one", {**BACKUP, "playbook": "verify_backups"}), "b": stack("two", HEALTH)}
    checked = configure(server, tmp_path, "--check", "-e", "target=a", hosts=hosts)
    assert (checked.exit_status, awx.writes) == (0, []), checked.output
    assert configure(server, tmp_path, "-e", "target=a", hosts=hosts).exit_status == 0
    theirs = {"one: theirs": ("rotate_logs", None, weekly)}
    second = {"one: backup": ("verify_backups", {"target": "a"}, weekly), "two: backup": first["two: backup"], **theirs}
    assert scheduled(awx) == second
    # Of all hosts, what is not ours stays.
    assert configure(server, tmp_path, hosts={}).exit_status == 0
    assert scheduled(awx) == theirs


@pytest.mark.thorough
def test_schedules_by_hand_win(server: AwxServer, tmp_path: Path) -> None:
    rule = "DTSTART;TZID=UTC:20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1"
    assert configure(server, tmp_path, awx_schedules=[{"template": "backup_stack", "rrule": rule}]).exit_status == 0
    assert scheduled(server.awx) == {"backup_stack": ("backup_stack", None, rule)}
    assert not server.awx.named("job_templates", "backup_stack")["ask_variables_on_launch"]


@pytest.mark.parametrize(
    ("job", "why"),
    [
        ({**BACKUP, "args": ["--forks=2"]}, "The jobs of vps-1 cannot be schedules of AWX. The job backup has args"),
        ({**BACKUP, "calendar": "*:*:0/5"}, "The job backup: The calendar '*:*:0/5' cannot be said as a rule"),
        ({**BACKUP, "playbook": "guard_whatsapp"}, "guard_whatsapp, which is no template"),
    ],
    ids=["args", "a calendar", "a playbook without a template"],
)
def test_a_job_that_awx_cannot_run_is_refused(server: AwxServer, tmp_path: Path, job: dict[str, Any], why: str) -> None:
    done = configure(server, tmp_path, hosts={"vps-1": stack("shop", job)})
    assert done.exit_status != 0
    assert why in done.text, done.output
    assert server.awx.writes == []


def test_without_an_inventory_nothing_is_taken_away(server: AwxServer, tmp_path: Path) -> None:
    done = configure(server, tmp_path, "-e", "target=nowhere")
    assert done.exit_status != 0
    assert "There is no host whose table of jobs AWX could have." in done.text, done.output
    assert server.awx.writes == []


def test_each_template_runs_a_playbook_that_is_there() -> None:
    for name in TEMPLATES:
        assert (CHECKOUT / "playbooks" / f"{name}.yml").is_file(), name


def test_each_job_of_the_default_table_has_a_template() -> None:
    assert {each["playbook"] for each in JOBS} <= set(TEMPLATES)


@pytest.mark.parametrize("rule", ["RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART:20260101T000000Z RRULE:FREQ=DAILY", ""])
def test_the_stand_in_refuses_what_awx_does(rule: str) -> None:
    with pytest.raises(RefusedError):
        check_rrule(rule)
    with pytest.raises(RefusedError):
        check_survey(
            {"name": "x", "description": "", "spec": [{"type": "text", "question_name": "x", "variable": "x"}]}
        )
