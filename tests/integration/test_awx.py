# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure_awx against what checks each call as AWX does: all is made, a second run changes nothing, a slip is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.awx_api import TOKEN, Awx, AwxServer, RefusedError, check_rrule, check_survey
from tests.support.awx_collection import awx_collection
from tests.support.role_play import RolePlay, play
from tests.tools.link import CHECKOUT, COLLECTIONS

TEMPLATES = [
    each["name"]
    for each in yaml.safe_load(
        (CHECKOUT / "roles/awx/vars/main.yml").read_text(encoding="utf-8").replace("!unsafe ", "")
    )["__awx_templates"]
]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwxServer]:
    monkeypatch.setattr("tests.support.role_play.COLLECTIONS", f"{COLLECTIONS}{os.pathsep}{awx_collection()}")
    with AwxServer() as running:
        yield running


def configure(server: AwxServer, folder: Path, *arguments: str, **variables: Any) -> RolePlay:
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
    return play(folder, {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}}, plays, *arguments)


def test_it_is_made(server: AwxServer, tmp_path: Path) -> None:
    first = configure(server, tmp_path)
    assert first.exit_status == 0, first.output
    awx = server.awx
    assert sorted(each["name"] for each in awx.objects["job_templates"].values()) == sorted(TEMPLATES)
    assert {each["rrule"].split()[1][:10] for each in awx.objects["schedules"].values()} == {"RRULE:FREQ"}
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


def test_each_template_runs_a_playbook_that_is_there() -> None:
    for name in TEMPLATES:
        assert (CHECKOUT / "playbooks" / f"{name}.yml").is_file(), name


@pytest.mark.parametrize("rule", ["RRULE:FREQ=DAILY;INTERVAL=1", "DTSTART:20260101T000000Z RRULE:FREQ=DAILY", ""])
def test_the_stand_in_refuses_what_awx_does(rule: str) -> None:
    with pytest.raises(RefusedError):
        check_rrule(rule)
    with pytest.raises(RefusedError):
        check_survey(
            {"name": "x", "description": "", "spec": [{"type": "text", "question_name": "x", "variable": "x"}]}
        )
