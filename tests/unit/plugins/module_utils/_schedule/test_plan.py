# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A table of jobs becomes what is installed, or is refused with a word on what to change."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.schedule_plan import FilterModule

from tests.tools.link import CHECKOUT

PLAYBOOKS = sorted(path.stem for path in (CHECKOUT / "playbooks").glob("*.yml"))
ROLE = yaml.safe_load((CHECKOUT / "roles/schedule/defaults/main.yml").read_text(encoding="utf-8"))
BACKUP = {"name": "backup", "playbook": "backup_stack", "calendar": "*-*-* 03:30:00"}
# The guide's: "Diario", "Semanal", "Mensual".
FREQUENCIES = {"backup": 1, "prune": 1, "log_rotation": 7, "log_review": 7, "log_archive": 7, "rehearsal": 31}


def settings(**given: Any) -> dict[str, Any]:
    return {
        "stack": "lottery-chatbot",
        "backend": "systemd",
        "target": "vps-1",
        "program": "/venv/bin/ansible-playbook",
        "inventory": ["/srv/inventory", "/srv/more"],
        "folder": "/srv",
        "state": "/var/lib/x",
        "environment_file": "/etc/x/environment",
        "vault_password_file": "",
        "on_failure": ["/usr/bin/logger", "failed"],
        "notify": False,
        "where": "controller",
        "wait": "2h",
        "grace": "1h",
        "time_zone": "",
        "user": "ana",
        "playbooks": PLAYBOOKS,
        **given,
    }


def plan(*jobs: Any, overrides: Any = None, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = FilterModule().filters()["schedule_plan"](list(jobs), settings(**given), overrides)
    return found


def test_a_job_is_run_as_somebody_would_by_hand() -> None:
    (job,) = plan({**BACKUP, "variables": {"backup_max_age": "12h"}, "args": ["--forks=2"]})
    assert job["command"][:4] == [
        "/venv/bin/ansible-playbook",
        "--inventory=/srv/inventory",
        "--inventory=/srv/more",
        "chatbot.ops.backup_stack",
    ]
    assert job["command"][4] == "--extra-vars"
    assert json.loads(job["command"][5]) == {"target": "vps-1", "backup_max_age": "12h"}
    assert job["command"][6:] == ["--forks=2"]
    assert (job["wait"], job["grace"], job["exclusive"]) == (7200, 3600, True)


def test_people_are_told_by_the_review_of_the_jobs() -> None:
    (job,) = plan(BACKUP, on_failure=[], notify=True, where="server")
    review = ["/venv/bin/ansible-playbook", "--inventory=/srv/inventory", "--inventory=/srv/more"]
    assert job["on_failure"][:4] == [*review, "chatbot.ops.review_jobs"]
    variables = {"target": "vps-1", "schedule_stack": "lottery-chatbot", "schedule_where": "server"}
    assert json.loads(job["on_failure"][5]) == {**variables, "schedule_notify": True}
    (daily,) = plan({**BACKUP, "playbook": "review_jobs"}, where="server")
    assert json.loads(daily["command"][5]) == {**variables, "schedule_notify": False}
    assert job["on_recovery"] == job["on_failure"]
    (own,) = plan(BACKUP, notify=True)
    assert own["on_failure"] == ["/usr/bin/logger", "failed"]
    (nobody,) = plan(BACKUP, on_failure=[])
    assert (nobody["on_failure"], nobody["on_recovery"]) == ([], [])


def test_it_has_its_time_in_the_words_of_both() -> None:
    (job,) = plan(BACKUP, time_zone="America/Mexico_City")
    assert (job["unit"], job["calendar"]) == (
        "chatbot-ops-lottery-chatbot@backup",
        "*-*-* 03:30:00 America/Mexico_City",
    )
    assert job["cron"] == "30 3 * * *"
    (job,) = plan(BACKUP, backend="cron")
    assert (job["unit"], job["calendar"], job["cron"]) == ("", "", "30 3 * * *")


def test_a_single_job_is_changed_or_left_out() -> None:
    jobs = [BACKUP, {**BACKUP, "name": "other"}]
    changed = plan(*jobs, overrides={"backup": {"calendar": "02:00"}, "other": {"enabled": False}})
    assert [(each["name"], each["cron"]) for each in changed] == [("backup", "0 2 * * *")]


def test_a_playbook_of_somebody_else_is_taken_as_it_is() -> None:
    jobs = plan({**BACKUP, "playbook": "/srv/own.yml"}, {**BACKUP, "name": "b", "playbook": "acme.tools.clean"})
    assert [each["command"][3] for each in jobs] == ["/srv/own.yml", "acme.tools.clean"]


def test_a_calendar_of_systemd_alone_tells_when_a_run_is_late() -> None:
    (job,) = plan({**BACKUP, "calendar": "*:*:0/5", "late_after": "1m"})
    assert (job["cron"], job["late_after"]) == ("", 60)


def test_the_default_table_is_installed_as_it_stands_with_either() -> None:
    for backend in ("systemd", "cron"):
        assert len(plan(*ROLE["schedule_jobs"], backend=backend)) == len(ROLE["schedule_jobs"])


def test_with_awx_the_jobs_are_checked_and_nothing_is_installed() -> None:
    own = {"name": "own", "playbook": "backup_stack", "rrule": "DTSTART:20260101T033000Z RRULE:FREQ=DAILY;INTERVAL=3"}
    assert plan(*ROLE["schedule_jobs"], own, backend="awx", time_zone="America/Mexico_City") == []


def test_the_rule_of_awx_leaves_the_others_alone() -> None:
    (job,) = plan({**BACKUP, "rrule": "DTSTART:20260101T033000Z RRULE:FREQ=DAILY;INTERVAL=3"})
    assert (job["calendar"], job["cron"]) == ("*-*-* 03:30:00", "30 3 * * *")


@pytest.mark.parametrize(("name", "days"), FREQUENCIES.items(), ids=FREQUENCIES)
def test_the_default_table_has_the_frequencies_of_the_guide(name: str, days: int) -> None:
    (job,) = [each for each in plan(*ROLE["schedule_jobs"]) if each["name"] == name]
    _minute, _hour, day, month, weekday = job["cron"].split()
    assert month == "*"
    assert (day != "*", weekday != "*") == (days > 7, days == 7)


REFUSED = {
    "a playbook that is not there": ([{**BACKUP, "playbook": "health_chek"}], {}, "does not have.*backup_stack"),
    "no playbook": ([{"name": "a", "calendar": "daily"}], {}, "no playbook"),
    "no time": ([{"name": "a", "playbook": "backup_stack"}], {}, "no time"),
    "a time that is not understood": ([{**BACKUP, "calendar": "*:*:0/5"}], {}, "backup.*late_after"),
    "a line of cron that is none": ([{**BACKUP, "cron": "61 * * * *"}], {}, "none.*61"),
    "two of one name": ([BACKUP, BACKUP], {}, "two jobs of one name"),
    "a name for no file": ([{**BACKUP, "name": "../x"}], {}, "cannot be called"),
    "no job": (["backup"], {}, "no list of jobs"),
    "an unknown field": ([{**BACKUP, "calender": "daily"}], {}, "calender, which no job has"),
    "a duration that is none": ([{**BACKUP, "late_after": "soon"}], {}, "late_after of the job backup"),
    "a change of no job": ([BACKUP], {"overrides": {"bakup": {}}}, "changes bakup.*It has backup"),
    "a stack's name with a space": ([BACKUP], {"stack": "a b"}, "schedule_stack"),
    "a time zone with cron": ([BACKUP], {"backend": "cron", "time_zone": "UTC"}, "no time zone"),
    "settings that are none": ([BACKUP], {"on_failure": None}, "no settings"),
    "a rule that AWX refuses": ([{**BACKUP, "rrule": "RRULE:FREQ=DAILY"}], {}, "backup has an rrule.*DTSTART"),
    "a time that no rule names": ([{**BACKUP, "calendar": "*:*:0/5"}], {"backend": "awx"}, "job backup:.*`rrule`"),
    "args with AWX": ([{**BACKUP, "args": ["--forks=2"]}], {"backend": "awx"}, "backup has args.*variables"),
    "a playbook of somebody else with AWX": (
        [{**BACKUP, "playbook": "chatbot.ops.no_such"}],
        {"backend": "awx"},
        "own playbooks alone",
    ),
    "a time zone that is none": ([BACKUP], {"backend": "awx", "time_zone": "Mexico City"}, "schedule_time_zone"),
    "cron alone for AWX": (
        [{"name": "a", "playbook": "backup_stack", "cron": "1 1 * * *"}],
        {"backend": "awx"},
        "no time",
    ),
    "a rule alone for cron": (
        [{"name": "a", "playbook": "backup_stack", "rrule": "DTSTART:20260101T033000Z RRULE:FREQ=DAILY;INTERVAL=3"}],
        {"backend": "cron"},
        "no time",
    ),
    "cron alone for systemd": ([{"name": "a", "playbook": "backup_stack", "cron": "1 1 * * *"}], {}, "no time"),
}


@pytest.mark.parametrize(("jobs", "given", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(jobs: list[Any], given: dict[str, Any], why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"(?s){why}"):
        plan(*jobs, **given)
