# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions write: whole reports or none, the same twice, nothing in check mode; and Ansible runs them."""

from __future__ import annotations

import json
import os
import pathlib
import stat
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.fleet import ARGUMENTS as FLEET_ARGUMENTS
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.fleet import FleetOptions, fleet
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.report import ARGUMENTS, ReportOptions, report
from ansible_collections.chatbot.ops.plugins.plugin_utils.render import render
from prometheus_client.parser import text_string_to_metric_families

from tests.support.sample_health import AT, sample_checks, write_report, write_sample
from tests.tools.link import CHECKOUT, COLLECTIONS
from tests.unit.plugins.module_utils._report.healths import HOSTILE, document
from tests.unit.plugins.module_utils._report.test_health import SCHEMA, Texts


def params(arguments: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {**{name: each.get("default") for name, each in arguments.items()}, **given}


def write(folder: pathlib.Path, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
    given = {"stack": "s", "folder": str(folder), "checks": [document(status="warning")], "at": AT.isoformat(), **more}
    return report(ReportOptions.from_params(params(ARGUMENTS, **given)), render, check_mode=check_mode)


def write_fleet(folder: pathlib.Path, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
    given = {"folder": str(folder), "at": AT.isoformat(), **more}
    return fleet(FleetOptions.from_params(params(FLEET_ARGUMENTS, **given)), render, check_mode=check_mode)


def test_a_report_in_all_its_formats(tmp_path: pathlib.Path) -> None:
    found = write_sample(tmp_path, looks=6)
    assert found["counts"] == {"critical": 1, "unknown": 1, "warning": 2, "ok": 26}
    assert (found["status"], found["recovered"], len(found["new"])) == ("critical", ["server.memory"], 4)
    told = json.loads(pathlib.Path(found["paths"]["json"]).read_text("utf-8"))
    jsonschema.validate(told, SCHEMA)
    assert told["new"] == found["new"]
    page = pathlib.Path(found["paths"]["html"]).read_text("utf-8")
    assert "/var/lib/docker is 93 % full." in page
    assert page.count("<svg viewBox") == 12
    written = pathlib.Path(found["paths"]["markdown"]).read_text("utf-8")
    assert "### critical: /var/lib/docker is 93 % full." in written
    metrics = pathlib.Path(found["paths"]["prometheus"])
    assert len(list(text_string_to_metric_families(metrics.read_text("utf-8")))) == 6
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {
        "health-lottery-chatbot.html": 0o600,
        "health-lottery-chatbot.json": 0o600,
        "health-lottery-chatbot.md": 0o600,
        "health-lottery-chatbot.prom": 0o644,
        "health-lottery-chatbot.sqlite": 0o600,
    }


def test_the_same_report_twice_changes_nothing(tmp_path: pathlib.Path) -> None:
    assert write(tmp_path)["changed"]
    before = {each.name: each.stat().st_ino for each in tmp_path.iterdir()}
    again = write(tmp_path)
    assert not again["changed"]
    assert again["new"] == ["api.bot.status"]
    assert {each.name: each.stat().st_ino for each in tmp_path.iterdir()} == before


def test_check_mode_tells_and_writes_nothing(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "reports"
    told = write(folder, check_mode=True)
    assert told["changed"]
    assert not folder.exists()
    assert {**write(folder), "changed": True} == told
    assert not write(folder, check_mode=True)["changed"]


def test_the_metrics_lie_where_node_exporter_looks(tmp_path: pathlib.Path) -> None:
    collector = tmp_path / "collector"
    with pytest.raises(RefusedError, match=r"there is no folder .*collector"):
        write(tmp_path / "reports", prometheus_folder=str(collector))
    assert not (tmp_path / "reports").exists()
    collector.mkdir()
    found = write(tmp_path / "reports", prometheus_folder=str(collector), formats=["prometheus"])
    assert found["paths"] == {"prometheus": f"{collector}/health-s.prom"}
    assert os.listdir(collector) == ["health-s.prom"]
    assert os.listdir(tmp_path / "reports") == ["health-s.sqlite"]


def test_a_damaged_history_stands_on_the_page(tmp_path: pathlib.Path) -> None:
    (tmp_path / "health-s.sqlite").write_bytes(b"no database" * 1000)
    found = write(tmp_path)
    assert "was damaged" in found["warnings"][0]
    assert "was damaged" in (tmp_path / "health-s.html").read_text("utf-8")
    assert json.loads((tmp_path / "health-s.json").read_text("utf-8"))["problems"] == found["warnings"]


def test_two_stacks_of_one_name_are_told(tmp_path: pathlib.Path) -> None:
    assert write(tmp_path, host="one", at="2026-11-24T01:00:00Z")["warnings"] == []
    (problem,) = write(tmp_path, host="other", at="2026-11-24T02:00:00Z")["warnings"]
    assert problem.startswith("The last look was at one, this one is at other.")
    assert "mixed up" in (tmp_path / "health-s.html").read_text("utf-8")
    assert write(tmp_path, host="other", at="2026-11-24T03:00:00Z")["warnings"] == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"stack": "../s"}, "no name of a stack"),
        ({"at": "today"}, "Parameter at"),
        ({"history_keep": "long"}, "Parameter history_keep"),
        ({"history_rows": 0}, "history_rows is 0"),
        ({"checks": [{}]}, "number 1 is no check result"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: pathlib.Path, given: dict[str, Any], message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        write(tmp_path, **given)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OpsError, match=r"Failed to write the health report .*file/reports/health-s.json"):
        write(tmp_path / "file" / "reports")


def test_the_page_of_all_stacks_has_the_worst_first(tmp_path: pathlib.Path) -> None:
    write_report(tmp_path, sample_checks("en", 2), stack="fine")
    write_report(tmp_path, sample_checks("en", 1), stack="warned")
    write_report(tmp_path, sample_checks("en", 0), stack="bad")
    write_report(tmp_path, sample_checks("en", 0), stack="left-out")
    (tmp_path / "health-broken.json").write_text("{")
    (tmp_path / "health-other.json").write_text('{"format": 9}')
    found = write_fleet(tmp_path, stacks=["fine", "warned", "bad", "missing", "broken", "other"])
    assert [(each["stack"], each["status"]) for each in found["stacks"]] == [
        ("bad", "critical"),
        ("broken", "unknown"),
        ("missing", "unknown"),
        ("other", "unknown"),
        ("warned", "warning"),
        ("fine", "ok"),
    ]
    assert (found["status"], found["counts"]) == ("critical", {"critical": 1, "unknown": 3, "warning": 1, "ok": 1})
    assert len(found["warnings"]) == 2
    html = (tmp_path / "fleet.html").read_text("utf-8")
    assert html.index("bad</a>") < html.index(">missing<") < html.index("warned</a>") < html.index("fine</a>")
    assert 'href="health-bad.html"' in html
    assert "There is no report of it." in html
    assert json.loads((tmp_path / "fleet.json").read_text("utf-8"))["stacks"] == found["stacks"]


def test_an_old_report_is_not_relied_on(tmp_path: pathlib.Path) -> None:
    write_report(tmp_path, sample_checks("en", 2), stack="fine")
    assert write_fleet(tmp_path, at="2026-11-25T05:15:42Z")["status"] == "ok"
    old = write_fleet(tmp_path, at="2026-11-25T05:15:43Z")
    assert (old["status"], old["stacks"][0]["counts"]["unknown"]) == ("unknown", 1)
    assert "Its last report is 1\u00a0d 2\u00a0h old." in (tmp_path / "fleet.html").read_text("utf-8")
    write_report(tmp_path, sample_checks("en", 0), stack="fine")
    assert write_fleet(tmp_path, max_age="1s", at="2026-12-25T05:15:43Z")["status"] == "critical"


def test_all_stacks_in_the_folder_if_none_are_named(tmp_path: pathlib.Path) -> None:
    assert write_fleet(tmp_path)["status"] == "unknown"
    for name in ("one", "other"):
        write_report(tmp_path, sample_checks("en", 0), stack=name)
    found = write_fleet(tmp_path)
    assert [each["stack"] for each in found["stacks"]] == ["one", "other"]
    assert not write_fleet(tmp_path)["changed"]
    html = (tmp_path / "fleet.html").read_text("utf-8")
    assert "The same in many places" in html
    assert "2 stacks" in html


def test_the_page_of_all_stacks_in_check_mode(tmp_path: pathlib.Path) -> None:
    write_report(tmp_path, sample_checks("en", 0))
    before = sorted(os.listdir(tmp_path))
    assert write_fleet(tmp_path, check_mode=True)["changed"]
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_stay_texts_on_the_page_of_all_stacks(tmp_path: pathlib.Path, text: str) -> None:
    elements = []
    for each in ("tame", text):
        made = document(status="warning", advice=each, evidence=[each])
        made.update(id=f"x {each}", summary=each, component=each)
        for stack in ("one", "other"):
            write(tmp_path, stack=stack, host=each, checks=[made])
        write_fleet(tmp_path, language="es")
        elements.append(Texts((tmp_path / "fleet.html").read_text("utf-8")).elements)
    assert elements[0] == elements[1]


def test_names_that_are_no_stacks_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RefusedError, match="no name of a stack"):
        write_fleet(tmp_path, stacks=["../x"])


def test_ansible_runs_both_on_the_controller(tmp_path: pathlib.Path) -> None:
    # A host that nobody can reach: nothing is asked of it.
    checks = [document(status="critical", summary=HOSTILE["markup"] + HOSTILE["templates"])]
    (tmp_path / "checks.json").write_text(json.dumps(checks))
    read = f"{{{{ lookup('ansible.builtin.file', '{tmp_path}/checks.json') | from_json }}}}"
    one = {"stack": "lottery", "host": "{{ inventory_hostname }}", "checks": read, "folder": f"{tmp_path}/reports"}
    tasks = [
        {"chatbot.ops.health_report": one, "register": "health"},
        {
            "chatbot.ops.health_fleet": {"folder": f"{tmp_path}/reports", "stacks": ["lottery", "none"]},
            "register": "all",
        },
        {"ansible.builtin.assert": {"that": ["health.new == ['api.bot.status']", "all.counts.unknown in [1, 2]"]}},
    ]
    play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
    }
    command = [sys.executable, "-m", "ansible", "playbook", "-i", "bot.invalid,", str(tmp_path / "play.json")]
    for arguments in (["--check"], []):
        ran = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert (tmp_path / "reports").exists() == (not arguments)
    html = (tmp_path / "reports" / "health-lottery.html").read_text("utf-8")
    assert "{{ 7 * 7 }}" in html
    assert "<script>" not in html
