# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a restored folder to the compose file of the copy; docker is one that prints what it is told to."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._quarantine.work import (
    Options,
    locate,
    make_quarantine,
)

from tests.unit.plugins.module_utils._compose.test_engine import Client

NAME = "lottery-chatbot-rehearsal-1"


class Images(Client):
    """A client that has every image."""

    def inspect_image(self, identifier: str) -> dict[str, Any]:
        return {"Id": f"id of {identifier}"}


class Host:
    """A folder with restored files, and a program docker."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root / "files"
        self.folder = self.root / "opt" / "lottery-chatbot"
        self.folder.mkdir(parents=True)
        self.dest = root / "compose.json"
        self._programs = root / "bin"
        self._programs.mkdir()
        monkeypatch.setenv("PATH", f"{self._programs}{os.pathsep}{os.environ['PATH']}")

    def docker_says(self, script: str) -> None:
        program = self._programs / "docker"
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def docker_has(self, config: dict[str, Any]) -> None:
        (self._programs / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self.docker_says(
            f'case "$2$3$4" in --project-directory=*config--format=json) ;; *) exit 9 ;; esac\n'
            f"cat {self._programs}/config.json"
        )

    def make(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "stack": "lottery",
            "project": "lottery-chatbot",
            "name": NAME,
            "root": str(self.root),
            "directory": "/opt/lottery-chatbot",
            "dest": str(self.dest),
            "images": {},
            "never_start": (),
            "blank": (),
            "memory": "",
        }
        options = Options(**{**given, **more})
        return make_quarantine(options, Engine(Images([], [])), check_mode=check_mode)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(tmp_path, monkeypatch)


def _config(host: Host) -> dict[str, Any]:
    inside = {"type": "bind", "source": f"{host.folder}/bot.conf", "target": "/etc/bot.conf"}
    return {
        "name": "lottery-chatbot",
        "services": {
            "nginx": {"image": "nginx:1", "ports": [{"target": 443, "published": "443"}], "volumes": [inside]},
            "n8n": {"image": "n8n:2", "container_name": "n8n", "restart": "always", "environment": {"TOKEN": "s3cret"}},
            "bridge": {"image": "bridge:1"},
        },
        "volumes": {"n8n_data": {"name": "n8n_data"}, "files": None},
    }


def test_the_file_is_written_once_for_its_owner_alone(host: Host) -> None:
    (host.folder / "bot.conf").touch()
    host.docker_has(_config(host))
    result = host.make(never_start=("bridge",), blank=("^TOKEN$",), images={"n8n": {"id": "sha256:1d"}})
    written = json.loads(host.dest.read_text(encoding="utf-8"))
    assert written["name"] == NAME
    assert written["services"]["n8n"]["image"] == "sha256:1d"
    assert written["services"]["nginx"]["volumes"][0]["source"] == f"{host.folder}/bot.conf"
    assert "s3cret" not in host.dest.read_text(encoding="utf-8")
    assert {stat.S_IMODE(path.stat().st_mode) for path in host.dest.parent.glob("compose.json*")} == {0o600}
    assert result == {
        "changed": True,
        "services": ["n8n", "nginx"],
        "containers": {
            "nginx": {"name": f"{NAME}-nginx-1", "was": "lottery-chatbot-nginx-1"},
            "n8n": {"name": f"{NAME}-n8n-1", "was": "n8n"},
        },
        "volumes": {
            "n8n_data": {"name": f"{NAME}_n8n_data", "was": "n8n_data"},
            "files": {"name": f"{NAME}_files", "was": "lottery-chatbot_files"},
        },
        "ports": [{"service": "nginx", "target": 443, "published": "443", "host_ip": "", "protocol": "tcp"}],
        "may_end": ["nginx"],
        "images": {"nginx": "nginx:1", "n8n": "n8n:2"},
        "told": ["The service bridge is never started.", "The service n8n has no value in TOKEN."],
    }
    assert (
        host.make(never_start=("bridge",), blank=("^TOKEN$",), images={"n8n": {"id": "sha256:1d"}})["changed"] is False
    )


def test_check_mode_writes_nothing(host: Host) -> None:
    host.docker_has(_config(host))
    assert host.make(check_mode=True)["changed"] is True
    assert not host.dest.exists()


def test_what_docker_compose_says_of_a_folder_that_lacks_something_is_told(host: Host) -> None:
    host.docker_says("echo 'env file /opt/lottery-chatbot/api.env not found' >&2; exit 14")
    with pytest.raises(ToolError, match=r"api\.env not found.*chatbot_stack\.config\.paths"):
        host.make()


@pytest.mark.parametrize(
    ("more", "kind", "words"),
    [
        pytest.param({"directory": "/opt/other"}, RefusedError, "holds no folder", id="another folder"),
        pytest.param({"blank": ("(",)}, RefusedError, "no regular expression", id="a pattern that is none"),
        pytest.param({"dest": "/nowhere/compose.json"}, OpsError, "Failed to write", id="a place that is none"),
    ],
)
def test_what_is_refused(host: Host, more: dict[str, Any], kind: type[OpsError], words: str) -> None:
    host.docker_has(_config(host))
    with pytest.raises(kind, match=words):
        host.make(**more)


def test_a_restored_link_to_the_stacks_own_folder_is_not_followed(host: Host, tmp_path: Path) -> None:
    host.docker_has(_config(host))
    (tmp_path / "own").mkdir()
    (host.root / "opt" / "current").symlink_to(tmp_path / "own")
    with pytest.raises(RefusedError, match=r"holds no folder .*/opt/current\. .*the folder that it leads to"):
        host.make(directory="/opt/current")


def test_an_answer_that_is_no_json_is_told(host: Host) -> None:
    host.docker_says("echo services:")
    with pytest.raises(ToolError, match="wrote no JSON"):
        host.make()


def test_only_what_was_restored_is_found_and_no_link_leads_out(tmp_path: Path) -> None:
    root = tmp_path / "files"
    (root / "opt" / "bot").mkdir(parents=True)
    (root / "opt" / "bot" / "data").symlink_to("/usr")
    (root / "opt" / "bot" / "conf").write_text("here", encoding="utf-8")
    (root / "opt" / "bot" / "link").symlink_to("conf")
    places = {
        f"{root}/opt/bot/conf": f"{root}/opt/bot/conf",
        "/opt/bot/conf": f"{root}/opt/bot/conf",
        "/opt/bot/link": f"{root}/opt/bot/conf",
        "/opt/bot/data": None,
        "/opt/bot/missing": None,
        "/opt/bot/../../../../usr": None,
        "/usr": None,
        "/": None,
        str(root): None,
    }
    assert {path: locate(str(root), path) for path in places} == places
