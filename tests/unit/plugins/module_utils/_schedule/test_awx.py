# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stacks' tables of jobs become schedules of AWX; what has no job any more goes, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter import awx_schedules, awx_schedules_gone

from tests.tools.link import CHECKOUT

PLAYBOOKS = sorted(path.stem for path in (CHECKOUT / "playbooks").glob("*.yml"))
JOBS = yaml.safe_load((CHECKOUT / "roles/schedule/defaults/main.yml").read_text(encoding="utf-8"))["schedule_jobs"]
BACKUP = {"name": "backup", "playbook": "backup_stack", "calendar": "03:30"}
DAILY = "DTSTART;TZID=UTC:20260101T033000 RRULE:FREQ=DAILY;INTERVAL=1"


def host(stack: str = "lottery-chatbot", *jobs: Any, **variables: Any) -> dict[str, Any]:
    own = {"schedule_jobs": list(jobs)} if jobs else {}
    return {"schedule_backend": "awx", "chatbot_stack": {"name": stack}, **own, **variables}


def schedules(**hostvars: Any) -> list[dict[str, Any]]:
    made = awx_schedules.FilterModule().filters()["awx_schedules"]
    found: list[dict[str, Any]] = made(list(hostvars), hostvars, JOBS, PLAYBOOKS)
    return found


def gone(present: list[Any], wanted: list[Any], **others: Any) -> list[dict[str, str]]:
    made = awx_schedules_gone.FilterModule().filters()["awx_schedules_gone"]
    found: list[dict[str, str]] = made(present, wanted, list(others), others)
    return found


def in_awx(name: str, template: str = "backup_stack") -> dict[str, Any]:
    return {"name": name, "summary_fields": {"unified_job_template": {"name": template}}}


def test_a_job_is_a_schedule_with_its_variables() -> None:
    job = {**BACKUP, "variables": {"backup_max_age": "12h"}}
    assert schedules(vps=host("shop", job)) == [
        {
            "name": "shop: backup",
            "template": "backup_stack",
            "rrule": DAILY,
            "extra_data": {"target": "vps", "backup_max_age": "12h"},
        }
    ]


def test_the_default_table_is_taken_where_a_host_has_none() -> None:
    found = schedules(a=host("one"), b=host("two"))
    # AWX itself keeps what became of its jobs.
    wanted = [each["name"] for each in JOBS if each["playbook"] != "review_jobs"]
    assert [each["name"] for each in found] == [f"{stack}: {name}" for stack in ("one", "two") for name in wanted]


def test_other_backends_have_no_schedule() -> None:
    assert schedules(a=host(schedule_backend="cron"), b={"chatbot_stack": {"name": "x"}}, c={}) == []


def test_the_inventory_says_what_is_otherwise() -> None:
    variables = {
        "schedule_stack": "all-stacks",
        "schedule_target": "chatbot_stacks",
        "schedule_time_zone": "America/Mexico_City",
        "schedule_overrides": {"backup": {"calendar": "02:00"}, "other": {"enabled": False}},
    }
    jobs = [BACKUP, {**BACKUP, "name": "other"}, {**BACKUP, "name": "own", "target": "a", "rrule": DAILY}]
    backup, own = schedules(a=host("x", *jobs, **variables))
    assert (backup["name"], backup["extra_data"]) == ("all-stacks: backup", {"target": "chatbot_stacks"})
    assert backup["rrule"].startswith("DTSTART;TZID=America/Mexico_City:20260101T020000 ")
    assert (own["rrule"], own["extra_data"]) == (DAILY, {"target": "a"})


def test_one_table_that_several_hosts_have_is_taken_once() -> None:
    shared = host("x", BACKUP, schedule_stack="all", schedule_target="chatbot_stacks")
    assert [each["name"] for each in schedules(a=shared, b=dict(shared))] == ["all: backup"]


def test_our_own_playbook_by_its_full_name() -> None:
    jobs = [
        {**BACKUP, "playbook": "chatbot.ops.backup_stack"},
        {**BACKUP, "name": "b", "playbook": "chatbot.ops.review_jobs"},
    ]
    assert [each["template"] for each in schedules(a=host("x", *jobs))] == ["backup_stack"]


REFUSED = {
    "no host": ({}, "no host.*-i"),
    "args": ({"a": host("x", {**BACKUP, "args": ["--forks=2"]})}, "jobs of a .*backup has args"),
    "a playbook of somebody else": (
        {"a": host("x", {**BACKUP, "playbook": "acme.tools.clean"})},
        "own playbooks alone",
    ),
    "a file": ({"a": host("x", {**BACKUP, "playbook": "/srv/own.yml"})}, "alone.*schedule_overrides"),
    "a time that no rule names": ({"a": host("x", {**BACKUP, "calendar": "*:*:0/5"})}, "a .*job backup:.*`rrule`"),
    "no name": ({"a": host("")}, "jobs of a .*schedule_stack"),
    "two tables of one name": ({"a": host("x", BACKUP), "b": host("x", BACKUP)}, "b and another host.*schedule_stack"),
}


@pytest.mark.parametrize(("hosts", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(hosts: dict[str, Any], why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"(?s){why}"):
        schedules(**hosts)


def test_what_is_no_longer_wanted_goes() -> None:
    wanted = [{"name": "x: backup", "template": "backup_stack"}, {"template": "prune_backups"}]
    present = [
        in_awx("x: backup"),
        in_awx("x: backup", "verify_backups"),
        in_awx("x: old"),
        in_awx("prune_backups", "prune_backups"),
        in_awx("rotate_logs", "rotate_logs"),
    ]
    assert gone(present, wanted) == [
        {"name": "x: backup", "template": "verify_backups"},
        {"name": "x: old", "template": "backup_stack"},
        {"name": "rotate_logs", "template": "rotate_logs"},
    ]


def test_stacks_that_were_not_looked_at_keep_theirs() -> None:
    present = [in_awx("x: backup"), in_awx("y: backup"), in_awx("z: backup")]
    left = gone(present, [{"name": "x: backup", "template": "backup_stack"}], b=host("y"), c={})
    assert left == [{"name": "z: backup", "template": "backup_stack"}]
