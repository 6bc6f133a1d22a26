# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fix is made in a copy, tested there, and written as a patch; npm is a small program of ours, the real one is asked
elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._npm import fix
from ansible_collections.chatbot.ops.plugins.module_utils._npm.look import look_at_packages, look_from

from tests.unit.plugins.module_utils._npm.test_look import GIVEN, put

_REPORT = '{"auditReportVersion": 2, "vulnerabilities": {%s}, "metadata": {"dependencies": {"total": 1}}}'
_BAD = '"a": {"name": "a", "severity": "high", "isDirect": true, "via": ["b"], "range": "*", "fixAvailable": true}'
# The project's lock file says "old" until it is fixed.
_NPM = f"""
pwd >> "$LOG"; echo "$@" >> "$LOG"
case "$*" in
  "audit fix"*) [ -e "$HOME/stuck" ] || sed -i s/old/new/ package-lock.json; exit 1;;
  audit*) if grep -q old package-lock.json; then echo '{_REPORT % _BAD}'; exit 1; else echo '{_REPORT % ""}'; fi;;
  ci*) [ ! -e "$HOME/ci-fails" ] || {{ echo "cannot install" >&2; exit 1; }};;
  test*) [ ! -e "$HOME/test-fails" ] || {{ echo "1 test failed"; exit 1; }};;
  outdated*) echo '{{"a": {{"wanted": "1.0.0", "latest": "2.0.0", "type": "devDependencies"}}}}';;
esac
"""


class Project:
    def __init__(self, folder: Path) -> None:
        self.home, self.folder = folder, folder / "api"
        (self.folder / "node_modules").mkdir(parents=True)
        (self.folder / ".env").write_text("SECRET=geheim\n", encoding="utf-8")
        self.manifest(test="node test.js")
        lock = {"packages": {"node_modules/a": {"version": "1.0.0", "is": "old"}}}
        (self.folder / "package-lock.json").write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
        (folder / "work").mkdir()

    def manifest(self, **scripts: str) -> None:
        (self.folder / "package.json").write_text(json.dumps({"scripts": scripts}) + "\n", encoding="utf-8")

    def propose(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        given = {**GIVEN, "folder": str(self.folder), "patch": str(self.home / "fix.patch"), "major": False}
        given |= {"test": True, "scripts": False, "work_dir": str(self.home / "work"), "where": "host", **more}
        return fix.propose_fix(fix.request_from(given, check_mode=check))

    @property
    def log(self) -> str:
        return (self.home / "log").read_text("utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    put(tmp_path / "npm", _NPM)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    return Project(tmp_path)


def test_a_patch_that_was_tested(project: Project) -> None:
    before = (project.folder / "package-lock.json").read_text("utf-8")
    assert project.propose(check=True)["changed"]
    assert not (project.home / "fix.patch").exists()
    made = project.propose()
    assert (made["changed"], made["fixed"], made["remaining"], made["tested"]) == (True, ["a"], [], "passed")
    patch = (project.home / "fix.patch").read_text("utf-8")
    assert made["diff"]["after"] == patch
    assert '+      "is": "new"' in patch
    assert (project.folder / "package-lock.json").read_text("utf-8") == before
    assert not project.propose()["changed"], "it is there"
    assert str(project.folder) + "\n" not in project.log, "npm runs in the copy alone"
    assert os.listdir(project.home / "work") == []


def test_nothing_secret_and_nothing_useless_is_copied(project: Project) -> None:
    put(project.home / "npm", 'ls -A >> "$LOG"\n' + _NPM)
    project.propose()
    assert not {".env", "node_modules"} & set(project.log.split())
    assert "package.json" in project.log.split()


def test_nothing_to_fix(project: Project) -> None:
    (project.home / "stuck").touch()
    found = project.propose()
    assert (found["changed"], found["patch"], found["remaining"], found["tested"]) == (False, None, ["a"], "skipped")


def test_a_project_without_a_test(project: Project) -> None:
    project.manifest()
    assert project.propose()["tested"] == "none"
    assert project.propose(test=False)["tested"] == "skipped"


def test_packages_run_no_scripts_unasked(project: Project) -> None:
    project.propose()
    assert "ci --no-audit --no-fund --ignore-scripts" in project.log
    project.propose(scripts=True, major=True)
    assert "ci --no-audit --no-fund\n" in project.log
    assert "audit fix --package-lock-only --ignore-scripts --json --force" in project.log


FAILURES = {"ci-fails": "Failed to install .*cannot install", "test-fails": "fails with the fix: 1 test failed"}


@pytest.mark.parametrize(("name", "said"), FAILURES.items(), ids=FAILURES)
def test_a_fix_that_does_not_work_is_none(project: Project, name: str, said: str) -> None:
    (project.home / name).touch()
    with pytest.raises(OpsError, match=said):
        project.propose()
    assert not (project.home / "fix.patch").exists()
    assert os.listdir(project.home / "work") == []


def test_a_folder_that_is_no_project(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fix, "_MOST_BYTES", 10)
    with pytest.raises(OpsError, match="name the folder of one project"):
        project.propose()


def test_packages_that_do_not_count(project: Project) -> None:
    given = {**GIVEN, "folders": [str(project.folder), str(project.home / "gone")], "where": "host", "omit": ["dev"]}
    found = look_at_packages(look_from(given))
    api, gone = found["folders"]
    assert (api["outdated"], api["dependencies"]) == ([], 1)
    assert [each["name"] for each in api["vulnerable"]] == ["a"]
    assert "There is no folder" in gone["outdated_problem"]
    assert found["npm"] == "the host"
    assert "audit --json --package-lock-only --omit=dev" in project.log
