# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to n8n in a volume: which version and key it has, and what is halted."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Request, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._compose import windowed, windowed_target
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.window import Downtime
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.beside import Place as Beside
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.beside import held
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.doors import backup, restore
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import Mount
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.version import version_of

from tests.unit.plugins.module_utils._compose.documents import bind_mount, container, volume, volume_mount
from tests.unit.plugins.module_utils._compose.test_engine import Client
from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils.made import PLACE, no_warning

PACKAGE = "/usr/local/lib/node_modules/n8n/package.json"
FULL = "lottery-chatbot_n8n_data"


class Images(Client):
    """A client that knows where the images came from."""

    def inspect_image(self, _identifier: str) -> dict[str, Any]:
        return {"RepoDigests": ["registry.bed/n8n@sha256:77"]}


class Stack:
    """n8n in a volume, used by a container."""

    def __init__(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        self.n8n, self.halted = n8n, list[str]()
        self.healthy: bool | None = True
        mounts = [volume_mount(FULL, "/home/node/.n8n")]
        self.container = container("n8n", mounts=mounts, files={PACKAGE: b'{"version": "2.41.1"}'})
        self.client = Images([self.container], [volume("n8n_data", folder=str(n8n.folder))])
        for door in (backup, restore):
            for name in ("open_engine", "engine_if_any"):
                monkeypatch.setattr(door, name, lambda: Engine(self.client))
        for each in (windowed, windowed_target):
            monkeypatch.setattr(each, "window", self.window)

    @contextmanager
    def window(self, containers: Any, action: str, *, limit: float) -> Iterator[Downtime]:
        assert limit == 900
        self.halted += [f"{action} {each.service}" for each in containers]
        yield Downtime(1.5, self.healthy)

    def params(self, **more: Any) -> dict[str, Any]:
        return {
            **dict.fromkeys(("path", "encryption_key", "encryption_key_file", "n8n_version", "project")),
            "volume": "n8n_data",
            "consistency": "online",
            "window_limit": "15m",
            "database_file": "database.sqlite",
            "table_prefix": "",
            "unrecoverable": "refuse",
            "compression_level": 1,
            "work_dir": str(self.n8n.root / "work"),
            "replace": True,
            "keep_previous": True,
            "allow_older_n8n": False,
            "workflows": "as_backed_up",
            "keep_active": [],
            **more,
        }

    def back_up(self, **more: Any) -> dict[str, Any]:
        request = Request(PLACE, None, None, check_mode=False)
        return take_backup(self.n8n.repository, backup.backup_source(self.params(**more)), request, no_warning)

    def restore(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        target = restore.restore_target(self.params(**more), check_mode=check_mode)
        return restore_backup(self.n8n.repository, PLACE, Choice(), target, check_mode=check_mode)


@pytest.fixture
def stack(made: Callable[..., N8n], monkeypatch: pytest.MonkeyPatch) -> Stack:
    return Stack(made(), monkeypatch)


def test_a_volume_is_backed_up_with_what_is_known_of_its_image(stack: Stack) -> None:
    manifest = stack.back_up()["manifest"]
    assert manifest["versions"]["n8n"] == "2.41.1"
    assert manifest["versions"]["image"] == "bed/n8n:1"
    assert manifest["versions"]["image_digest"] == "registry.bed/n8n@sha256:77"
    assert manifest["consistency"]["mode"] == "online"
    assert stack.halted == []


@pytest.mark.parametrize("consistency", ["pause", "stop"])
def test_what_uses_it_is_halted_on_demand(stack: Stack, consistency: str) -> None:
    planned = backup.backup_source(stack.params(consistency=consistency)).preflight()
    assert (planned["consistency"], planned["halted"]) == (consistency, ["n8n"])
    result = stack.back_up(consistency=consistency)
    assert stack.halted == [f"{consistency} n8n"]
    assert result["downtime_seconds"] == 1.5
    assert result["manifest"]["consistency"] == {"mode": consistency, "downtime_seconds": 1.5, "reason": None}


def test_nothing_to_halt(stack: Stack) -> None:
    stack.container["Mounts"] = []
    with pytest.raises(RefusedError, match="halts the containers that use n8n_data, and there are none"):
        stack.back_up(consistency="stop")


def test_where_locks_cannot_be_relied_on_it_is_stopped_and_the_manifest_says_why(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "holder_of", lambda _path, _mounts: Mount("/var/lib/docker", "nfs4"))
    consistency = stack.back_up()["manifest"]["consistency"]
    assert consistency["mode"] == "stop"
    assert "nfs4" in consistency["reason"]


def test_the_key_in_the_containers_environment_is_the_one(stack: Stack) -> None:
    key = json.loads((stack.n8n.folder / "config").read_text())["encryptionKey"]
    (stack.n8n.folder / "config").unlink()
    with pytest.raises(RefusedError, match="no encryption key"):
        stack.back_up()
    stack.container["Config"]["Env"] = [f"N8N_ENCRYPTION_KEY={key}"]
    assert stack.back_up()["changed"] is True
    stack.container["Config"]["Env"] = ["N8N_ENCRYPTION_KEY_FILE=/run/secrets/key"]
    stack.container["files"]["/run/secrets/key"] = f"{key}\n".encode()
    assert stack.back_up()["changed"] is True
    assert stack.back_up(encryption_key=key)["changed"] is True


def test_a_restore_stops_what_uses_the_volume(stack: Stack) -> None:
    stack.back_up()
    (stack.n8n.folder / "nodes" / "later").write_text("x")
    assert stack.restore(check_mode=True)["changed"] is True
    assert stack.halted == []
    done = stack.restore()
    assert (done["proof"]["equal"], done["downtime_seconds"]) == (True, 1.5)
    assert stack.halted == ["stop n8n"]
    assert not (stack.n8n.folder / "nodes" / "later").exists()
    assert stack.restore()["changed"] is False


def test_what_does_not_become_healthy_is_told_with_the_way_back(stack: Stack) -> None:
    stack.back_up()
    (stack.n8n.folder / "nodes" / "later").write_text("x")
    stack.healthy = False
    with pytest.raises(OpsError, match="did not become healthy") as caught:
        stack.restore()
    assert pathlib.Path(caught.value.details["previous"]).is_dir()


def test_an_older_n8n_in_the_container(stack: Stack) -> None:
    stack.back_up()
    (stack.n8n.folder / "nodes" / "later").write_text("x")
    stack.container["files"][PACKAGE] = b'{"version": "1.123.81"}'
    with pytest.raises(RefusedError, match=r"made with n8n 2\.41\.1, the target runs 1\.123\.81"):
        stack.restore()
    assert stack.restore(allow_older_n8n=True)["changed"] is True


def test_a_volume_that_is_not_there_is_planned_and_not_made(stack: Stack) -> None:
    stack.back_up()
    stack.client = Images([], [])
    planned = stack.restore(check_mode=True, project="lottery-chatbot")
    assert planned["diff"]["before"] == {"volume": None, "content": None}
    assert stack.client.created == []


class Empty(Images):
    """An engine without volumes; the one that it creates lies in ``folder``."""

    def __init__(self, folder: pathlib.Path) -> None:
        super().__init__([], [])
        self.folder = folder

    def create_volume(self, name: str, labels: dict[str, str]) -> dict[str, Any]:
        self.folder.mkdir(parents=True, exist_ok=True)
        return {**super().create_volume(name, labels), "Mountpoint": str(self.folder)}


def test_a_volume_that_is_not_there_is_made_and_filled(stack: Stack, tmp_path: pathlib.Path) -> None:
    stack.back_up()
    stack.client = Empty(tmp_path / "volume" / "_data")
    assert stack.restore(project="lottery-chatbot")["proof"]["equal"] is True
    assert [each["Name"] for each in stack.client.created] == [FULL]
    assert (tmp_path / "volume" / "_data" / "config").is_file()


@pytest.mark.parametrize("why", ["the key", "the payload", "no backup"])
def test_no_empty_volume_stays_where_nothing_could_be_restored(stack: Stack, tmp_path: pathlib.Path, why: str) -> None:
    more: dict[str, Any] = {}
    backup_id = stack.back_up()["backup_id"] if why != "no backup" else ""
    if why == "the key":
        more["encryption_key"] = "another"
    if why == "the payload":
        payload = stack.n8n.root / "repository" / str(PLACE) / backup_id / "data.tar.zst"
        content = bytearray(payload.read_bytes())
        content[len(content) // 2] ^= 1
        payload.write_bytes(content)
    stack.client = Empty(tmp_path / "volume" / "_data")
    with pytest.raises(OpsError):
        stack.restore(project="lottery-chatbot", **more)
    assert stack.client.created == []


def test_a_volume_that_another_run_made_meanwhile_stays(stack: Stack, tmp_path: pathlib.Path) -> None:
    stack.back_up()
    client = stack.client = Empty(tmp_path / "volume" / "_data")
    target = restore.restore_target(stack.params(project="lottery-chatbot"), check_mode=False)
    theirs = client.create_volume(FULL, {})
    with held(Beside(str(client.folder))), pytest.raises(BusyError):
        restore_backup(stack.n8n.repository, PLACE, Choice(), target, check_mode=False)
    assert [each["Name"] for each in client.created] == [theirs["Name"]]


def test_a_path_needs_no_docker(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    for door in (backup, restore):
        monkeypatch.setattr(door, "open_engine", lambda: pytest.fail("it was asked"))
        monkeypatch.setattr(door, "engine_if_any", lambda: None)
    assert stack.back_up(path=str(stack.n8n.folder), volume=None)["changed"] is True
    (stack.n8n.folder / "nodes" / "later").write_text("x")
    assert stack.restore(path=str(stack.n8n.folder), volume=None)["changed"] is True
    assert stack.halted == []


def test_a_folder_that_a_container_uses_is_as_good_as_a_volume(stack: Stack) -> None:
    stack.container["Mounts"] = [bind_mount(str(stack.n8n.folder), "/home/node/.n8n", writable=True)]
    folder: dict[str, Any] = {"path": str(stack.n8n.folder), "volume": None}
    assert stack.back_up(**folder)["manifest"]["versions"]["n8n"] == "2.41.1"
    later = stack.n8n.folder / "nodes" / "later"
    later.write_text("x")
    stack.container["files"][PACKAGE] = b'{"version": "1.123.81"}'
    with pytest.raises(RefusedError, match=r"the target runs 1\.123\.81"):
        stack.restore(**folder)
    assert stack.restore(**folder, check_mode=True, allow_older_n8n=True)["changed"] is True
    assert stack.halted == []
    assert stack.restore(**folder, allow_older_n8n=True)["downtime_seconds"] == 1.5
    assert stack.halted == ["stop n8n"]
    assert not later.exists()


def test_a_folder_is_known_by_any_of_its_names(stack: Stack) -> None:
    link = stack.n8n.folder.parent.with_name("link")
    link.symlink_to(stack.n8n.folder.parent)
    stack.container["Mounts"] = [bind_mount(str(stack.n8n.folder), "/home/node/.n8n", writable=True)]
    stack.back_up(path=str(link / stack.n8n.folder.name), volume=None, consistency="stop")
    assert stack.halted == ["stop n8n"]


@pytest.mark.parametrize(
    ("package", "environment", "label", "expected"),
    [
        (b'{"version": "2.41.1"}', {"N8N_VERSION": "1.0.0"}, None, "2.41.1"),
        (b"no json", {"N8N_VERSION": "2.0.3"}, "9.9.9", "2.0.3"),
        (b"[]", {"N8N_VERSION": "stable"}, "1.2.3", "1.2.3"),
        (None, {}, "latest", None),
        (b'{"version": 3}', {}, None, None),
    ],
)
def test_which_version_a_container_runs(
    package: bytes | None, environment: dict[str, str], label: str | None, expected: str | None
) -> None:
    assert version_of(lambda path: package if path == PACKAGE else None, environment, label) == expected
