# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders get names, containers no right that they do not need, and what cannot be asked is told as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._npm.fix import has_test, make_patch, request_from
from ansible_collections.chatbot.ops.plugins.module_utils._npm.look import look_at_packages, look_from, named_folders
from ansible_collections.chatbot.ops.plugins.module_utils._npm.run import (
    Place,
    choose_place,
    container_command,
    run_npm,
)

GIVEN: dict[str, Any] = {
    "folders": ["/srv/api"],
    "omit": [],
    "severity_warning": "moderate",
    "severity_critical": "never",
    "outdated_warning": 1,
    "outdated_critical": -1,
    "language": "en",
    "where": "auto",
    "image": None,
    "network": None,
    "registry": None,
    "ca_bundle": None,
    "time_limit": "2m",
}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for programs of our own, before all others; there is no npm but one that a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("ansible_collections.chatbot.ops.plugins.module_utils._npm.run._path", lambda: str(folder))
    return folder


def put(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


NAMES = {
    "by their last part": (["/srv/api", "/srv/n8n/"], ["api", "n8n"]),
    "two of one name": (["/srv/api", "/opt/api", "/opt/api"], ["api", "opt-api"]),
    "the root": (["/"], ["root"]),
}


@pytest.mark.parametrize(("paths", "names"), NAMES.values(), ids=NAMES)
def test_folders_have_names(paths: list[str], names: list[str]) -> None:
    assert [name for name, _path in named_folders(paths)] == names


REFUSED = {
    "no folder": {"folders": []},
    "limits that contradict each other": {"outdated_warning": 5, "outdated_critical": 1},
    "no duration": {"time_limit": "soon"},
    "no such file": {"ca_bundle": "/nonexistent/ca.pem"},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        look_from({**GIVEN, **change})


def test_without_npm_and_image_nobody_knows(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    assert not list(programs.iterdir())
    found = look_at_packages(look_from({**GIVEN, "folders": [str(tmp_path)]}))
    assert found["npm"] is None
    assert [each["status"] for each in found["checks"]] == ["unknown", "unknown"]
    assert "Set image" in found["folders"][0]["outdated_problem"]
    with pytest.raises(RefusedError, match="no npm on this host"):
        look_at_packages(look_from({**GIVEN, "where": "host"}))


def test_an_npm_on_the_host_comes_first(programs: Path) -> None:
    put(programs / "npm", "exit 0")
    assert choose_place("auto", Place("api:1")).image == ""
    assert choose_place("container", Place("api:1")).image == "api:1"


def test_a_container_gets_nothing_that_it_does_not_need(programs: Path, tmp_path: Path) -> None:
    put(programs / "docker", "exit 0")
    place = Place("api:1", 90, "http://r.example.org", "/etc/ca.pem", "stack")
    command = container_command(place, str(tmp_path), ("audit", "--json"), "name", writable=False)
    words = command.argv
    assert f"--volume={tmp_path}:/project:ro" in words
    assert "--volume=/etc/ca.pem:/run/ca-bundle.pem:ro" in words
    assert {"--read-only", "--cap-drop=ALL", "--network=stack", "--pull=never", "--rm"} <= set(words)
    assert "--env=npm_config_registry" in words
    assert not [each for each in words if "r.example.org" in each], "by its name alone"
    assert command.env["npm_config_registry"] == "http://r.example.org"
    assert words[words.index("api:1") :] == ("api:1", "-k", "5", "90", "npm", "audit", "--json")
    assert f"--volume={tmp_path}:/project" in container_command(place, str(tmp_path), (), "name", writable=True).argv


DOCKERS = {
    "no such image": ("echo 'Unable to find image' >&2; exit 125", "Unable to find image"),
    "an image without npm": ("exit 127", "it has no npm"),
    "too long": ("exit 124", "took more than 120 seconds"),
}


@pytest.mark.parametrize(("script", "said"), DOCKERS.values(), ids=DOCKERS)
def test_a_container_that_cannot_run_it(programs: Path, tmp_path: Path, script: str, said: str) -> None:
    put(programs / "docker", f'[ "$1" = rm ] && {{ echo "$@" >> {tmp_path}/removed; exit 0; }}\n{script}')
    with pytest.raises(ToolError, match=said):
        run_npm(Place("api:1"), str(tmp_path), "audit")
    assert (tmp_path / "removed").read_text("utf-8").startswith("rm --force --volumes chatbot-ops-npm-")


def test_a_report_comes_through_a_container(programs: Path, tmp_path: Path) -> None:
    put(
        programs / "docker",
        'case "$*" in *outdated*) echo "{}"; exit 1;; *) echo "{"error": {"code": "E"}}"; exit 1;; esac',
    )
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    found = look_at_packages(look_from({**GIVEN, "folders": [str(tmp_path)], "image": "api:1"}))
    assert found["npm"] == "a container of api:1"
    assert [each["status"] for each in found["checks"]] == ["ok", "unknown"]


TESTS = {
    "a test": ('{"scripts": {"test": "node test.js"}}', True),
    "what npm init writes": ('{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}', False),
    "none": ("{}", False),
}


@pytest.mark.parametrize(("manifest", "expected"), TESTS.values(), ids=TESTS)
def test_which_test_tests_something(manifest: str, expected: bool) -> None:
    assert has_test(manifest) is expected


def test_a_patch_of_files_without_a_last_line_end() -> None:
    patch = make_patch({"a": ("1\n2", "1\n3"), "b": ("same\n", "same\n")})
    assert patch.splitlines() == [
        *("--- a/a", "+++ b/a", "@@ -1,2 +1,2 @@", " 1", "-2"),
        *("\\ No newline at end of file", "+3", "\\ No newline at end of file"),
    ]


def test_a_fix_wants_a_lock_file_and_a_place(tmp_path: Path) -> None:
    given = {**GIVEN, "folder": str(tmp_path), "patch": "/nonexistent/a.patch"}
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OpsError, match=r"no package-lock\.json"):
        request_from(given, check_mode=False)
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OpsError, match="there is no folder /nonexistent"):
        request_from(given, check_mode=False)
