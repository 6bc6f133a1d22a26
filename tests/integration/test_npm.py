# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real npm, asked by the modules; the registry is ours."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.modules import result_of, start_module
from tests.support.n8n_install import Node, ensure
from tests.support.npm_registry import npm_registry


@pytest.fixture(scope="module")
def node() -> Node:
    return ensure().node


@pytest.fixture(scope="module")
def registry() -> Iterator[str]:
    with npm_registry() as address:
        yield address


_TEST = "node -e \"process.exit(require('greeter') ? 0 : 1)\""


class Project:
    """A project with a vulnerable package of its own, and one that another brings."""

    def __init__(self, folder: Path, node: Node, registry: str, test: str = "") -> None:
        self.folder, self._node, self.registry = folder, node, registry
        folder.mkdir()
        manifest: dict[str, Any] = {"name": "api", "version": "1.0.0"}
        manifest["dependencies"] = {"greeter": "^1.0.0"}
        manifest["devDependencies"] = {"courier": "^1.0.0"}
        if test:
            manifest["scripts"] = {"test": test}
        (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        self.npm("install", "greeter@1.0.0", "courier@1.0.0", "--save-exact=false")
        # As it was written, before there was anything newer.
        (folder / "package.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        self.npm("install", "--package-lock-only")

    def npm(self, *words: str) -> None:
        script = self._node.npm / "bin" / "npm-cli.js"
        command = [str(self._node.program), str(script), *words, f"--registry={self.registry}"]
        command += [f"--cache={self.folder.parent / 'cache'}", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=self.folder, env=self._node.environment, check=True, stdout=subprocess.DEVNULL)

    def _program(self) -> Path:
        """Make npm a program; in the package that brings Node.js it is none."""
        folder = self.folder.parent / "bin"
        folder.mkdir(exist_ok=True)
        program = folder / "npm"
        script = self._node.npm / "bin" / "npm-cli.js"
        program.write_text(f'#!/bin/sh\nexec "{self._node.program}" "{script}" "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        return folder

    def module(self, name: str, *, fails: bool = False, check: bool = False, **params: Any) -> dict[str, Any]:
        environment = {"PATH": f"{self._program()}{os.pathsep}{self._node.environment['PATH']}"}
        environment["HOME"] = str(self.folder.parent)
        params = {"registry": self.registry, "where": "host", **params}
        result = result_of(start_module(name, params, check=check, environment=environment))
        assert bool(result.get("failed")) is fails, result
        return result


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, node: Node, registry: str) -> Project:
    """A project that is looked at, and changed by no test."""
    return Project(tmp_path_factory.mktemp("stack") / "api", node, registry, _TEST)


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {each["id"]: each["status"] for each in result["checks"]}


def test_what_is_outdated_and_what_is_vulnerable(project: Project) -> None:
    found = project.module("npm_dependency_info", folders=[str(project.folder)])
    (folder,) = found["folders"]
    assert folder["outdated_problem"] is None
    told = {each["name"]: (each["current"], each["latest"], each["major"]) for each in folder["outdated"]}
    assert told == {"greeter": ("1.0.0", "2.0.0", True), "courier": ("1.0.0", "1.1.0", False)}
    assert [(each["name"], each["direct"]) for each in folder["vulnerable"]] == [
        ("courier", True),
        ("parcel", False),
        ("greeter", True),
    ]
    assert statuses(found) == {"dependencies.api.outdated": "warning", "dependencies.api.vulnerable": "critical"}


def test_without_those_for_development(project: Project) -> None:
    (folder,) = project.module("npm_dependency_info", folders=[str(project.folder)], omit=["dev"])["folders"]
    assert [each["name"] for each in folder["outdated"]] == ["greeter"]
    assert [each["name"] for each in folder["vulnerable"]] == ["greeter"]


def test_nothing_that_could_not_be_asked_is_clean(project: Project, tmp_path: Path) -> None:
    for name in ("database", "scripts"):
        (tmp_path / name).mkdir()
    (tmp_path / "scripts" / "package.json").write_text('{"name": "scripts", "dependencies": {}}', encoding="utf-8")
    folders = [str(tmp_path / each) for each in ("database", "scripts", "gone")]
    found = project.module("npm_dependency_info", folders=folders)
    told = statuses(found)
    assert {name for name, status in told.items() if status == "ok"} == {"dependencies.scripts.outdated"}
    assert "ENOLOCK" in found["folders"][1]["vulnerable_problem"]
    with npm_registry(audits=False) as address:
        told = statuses(project.module("npm_dependency_info", folders=[str(project.folder)], registry=address))
    assert told["dependencies.api.vulnerable"] == "unknown"
    told = statuses(project.module("npm_dependency_info", folders=[str(project.folder)], registry="http://127.0.0.1:9"))
    assert set(told.values()) == {"unknown"}


def test_a_fix_is_proposed_and_not_applied(tmp_path: Path, node: Node, registry: str) -> None:
    project = Project(tmp_path / "api", node, registry, _TEST)
    patch = tmp_path / "fix.patch"
    before = {path.name: path.read_bytes() for path in project.folder.glob("package*.json")}
    given: dict[str, Any] = {"folder": str(project.folder), "patch": str(patch), "work_dir": str(tmp_path)}
    foreseen = project.module("npm_fix_patch", check=True, **given)
    assert foreseen["changed"]
    assert not patch.exists()
    made = project.module("npm_fix_patch", **given)
    assert made["changed"]
    assert (made["fixed"], made["remaining"]) == (["courier", "greeter", "parcel"], [])
    assert made["tested"] == "passed"
    assert foreseen["diff"] == made["diff"]
    assert {path.name: path.read_bytes() for path in project.folder.glob("package*.json")} == before
    assert not project.module("npm_fix_patch", **given)["changed"]
    subprocess.run(["git", "apply", str(patch)], cwd=project.folder, check=True)
    project.npm("ci")
    assert json.loads((project.folder / "node_modules/greeter/package.json").read_bytes())["version"] == "1.0.1"
    assert project.module("npm_fix_patch", **given)["patch"] is None
    assert not [name for name in os.listdir(tmp_path) if name.startswith("chatbot-ops-")]


def test_a_fix_that_the_projects_test_does_not_pass_is_none(tmp_path: Path, node: Node, registry: str) -> None:
    project = Project(
        tmp_path / "api", node, registry, "node -e \"process.exit(require('greeter') === '1.0.0' ? 0 : 1)\""
    )
    patch = tmp_path / "fix.patch"
    given: dict[str, Any] = {"folder": str(project.folder), "patch": str(patch), "work_dir": str(tmp_path)}
    refused = project.module("npm_fix_patch", fails=True, **given)
    assert "fails with the fix" in refused["msg"]
    assert not patch.exists()


def test_a_run_that_takes_too_long_is_ended(project: Project) -> None:
    found = project.module("npm_dependency_info", folders=[str(project.folder)], time_limit="0.05")
    assert set(statuses(found).values()) == {"unknown"}
    assert "time_limit" in found["folders"][0]["outdated_problem"]
