# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes and containers are found by what they are, and a mistyped name never passes for data."""

from __future__ import annotations

import io
import pathlib
import sys
import tarfile
from typing import Any

import pytest
import requests
from ansible_collections.chatbot.ops.plugins.module_utils._compose import engine as engine_module
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine, engine_if_any, open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._compose.place import (
    describe_volume,
    existing_volume,
    new_volume,
    planned_volume,
    volume_to_fill,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from docker import errors

from tests.unit.plugins.module_utils._compose.documents import container, volume, volume_mount


class Client:
    """Answers as the library's low-level client does; the bed's tests ask a real engine."""

    def __init__(self, containers: list[dict[str, Any]], volumes: list[dict[str, Any]]) -> None:
        self._containers, self._volumes = containers, volumes
        self.created: list[dict[str, Any]] = []

    def containers(self, *, all: bool, filters: dict[str, list[str]] | None) -> list[dict[str, str]]:
        assert all
        wanted = [each.split("=", 1) for each in (filters or {}).get("label", ())]
        return [
            {"Id": each["Id"]} for each in self._containers if each["Config"]["Labels"].items() >= dict(wanted).items()
        ]

    def inspect_container(self, identifier: str) -> dict[str, Any]:
        document = next(each for each in self._containers if each["Id"] == identifier)
        if document.get("gone"):
            raise errors.NotFound("it went")
        return document

    def volumes(self) -> dict[str, Any]:
        return {"Volumes": self._volumes or None}

    def create_volume(self, name: str, labels: dict[str, str]) -> dict[str, Any]:
        for each in self.created:
            if each["Name"] == name:
                return each
        made = {**volume(name), "Name": name, "Labels": labels}
        self.created.append(made)
        return made

    def remove_volume(self, name: str) -> None:
        self.created = [each for each in self.created if each["Name"] != name]

    def inspect_image(self, identifier: str) -> dict[str, Any]:
        raise errors.ImageNotFound("gone") if identifier == "gone" else errors.APIError("no engine")

    def get_archive(self, identifier: str, path: str) -> tuple[list[bytes], dict[str, Any]]:
        content = next(each for each in self._containers if each["Id"] == identifier)["files"].get(path)
        if content is None:
            raise errors.NotFound("no such file")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            member = tarfile.TarInfo(pathlib.Path(path).name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return [buffer.getvalue()], {"size": len(content)}


def engine(*containers: dict[str, Any], volumes: list[dict[str, Any]] | None = None) -> Engine:
    return Engine(Client(list(containers), volumes or []))


class TestContainer:
    def test_by_its_name_its_id_or_its_service(self) -> None:
        found = engine(container("n8n"), container("postgres"))
        assert found.container("lottery-chatbot-postgres-1").service == "postgres"
        assert found.container("postgres").service == "postgres"
        assert found.container(container("n8n")["Id"][:12]).service == "n8n"

    def test_of_two_projects(self) -> None:
        found = engine(container("n8n"), container("n8n", project="second", Id="f" * 64))
        with pytest.raises(RefusedError, match="More than one container"):
            found.container("n8n")
        assert found.container("n8n", "second").project == "second"

    def test_none(self) -> None:
        with pytest.raises(RefusedError, match="Those that exist: lottery-chatbot-n8n-1"):
            engine(container("n8n")).container("n8m")

    def test_one_that_goes_meanwhile(self) -> None:
        assert engine(container("n8n", gone=True)).containers() == []

    def test_an_engine_that_fails(self) -> None:
        with pytest.raises(
            ToolError, match=r"Failed to look at image x through the Docker Engine: no engine\. Is it running"
        ):
            engine().image_digests("x")

    def test_an_image_that_is_gone_has_no_digests(self) -> None:
        assert engine().image_digests("gone") == ()


class TestImage:
    def test_one_that_is_gone(self) -> None:
        assert engine().image("gone") is None

    @pytest.mark.parametrize(
        ("name", "repository", "tag"),
        [
            ("api:1", "api", "1"),
            ("registry.bed:5000/lottery/api:1", "registry.bed:5000/lottery/api", "1"),
            ("registry.bed:5000/lottery/api", "registry.bed:5000/lottery/api", "latest"),
            ("api", "api", "latest"),
        ],
    )
    def test_gets_a_name(self, name: str, repository: str, tag: str) -> None:
        client = ImageClient()
        Engine(client).tag_image("sha256:1", name)
        assert client.told == [("tag", "sha256:1", repository, tag)]

    @pytest.mark.parametrize(
        ("name", "removed"), [("api:1", True), ("gone", False), ("used", False)], ids=["there", "gone", "in use"]
    )
    def test_loses_a_name(self, name: str, *, removed: bool) -> None:
        assert Engine(ImageClient()).remove_image(name) is removed

    def test_that_cannot_be_removed_is_told(self) -> None:
        with pytest.raises(ToolError, match="Failed to remove image broken"):
            Engine(ImageClient()).remove_image("broken")

    def test_its_containers_are_stopped_heard_and_removed(self) -> None:
        client = ImageClient()
        found, one = Engine(client), read_container(container("api"))
        found.stop(one, 40)
        assert found.log_tail(one, 5) == "its last words"
        found.remove(one)
        assert client.told == [("stop", one.id, 40), ("logs", one.id, 5), ("remove", one.id)]
        assert found.data_folder() == "/var/lib/docker"


class ImageClient:
    """Answers as the library's low-level client does about images."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def tag(self, image: str, repository: str, tag: str) -> None:
        self.told.append(("tag", image, repository, tag))

    def remove_image(self, name: str) -> None:
        if name == "gone":
            raise errors.ImageNotFound("gone")
        if name != "api:1":
            raise errors.APIError("no", response=_answer(409 if name == "used" else 500))

    def stop(self, identifier: str, timeout: int) -> None:
        self.told.append(("stop", identifier, timeout))

    def remove_container(self, identifier: str) -> None:
        self.told.append(("remove", identifier))

    def logs(self, identifier: str, tail: int) -> bytes:
        self.told.append(("logs", identifier, tail))
        return b"its last words\n"

    def info(self) -> dict[str, str]:
        return {"DockerRootDir": "/var/lib/docker"}


def _answer(status: int) -> requests.Response:
    answer = requests.Response()
    answer.status_code, answer.url, answer.reason = status, "http://engine", "reason"
    return answer


class TestFile:
    def test_is_read(self) -> None:
        found = engine(container("n8n", files={"/a": b"content"}))
        one = found.container("n8n")
        assert found.read_file(one, "/a") == b"content"
        assert found.read_file(one, "/a", limit=3) is None
        assert found.read_file(one, "/b") is None


class TestVolume:
    def test_by_either_name(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "config").write_text("{}")
        found = engine(
            container("n8n", mounts=[volume_mount("lottery-chatbot_n8n_data", "/home/node/.n8n")]),
            container("postgres"),
            volumes=[volume("n8n_data", folder=str(tmp_path)), volume("pgdata")],
        )
        for name in ("n8n_data", "lottery-chatbot_n8n_data"):
            place = existing_volume(found, name, None)
            assert place.volume == "lottery-chatbot_n8n_data"
            assert [each.service for each in place.users()] == ["n8n"]

    def test_of_two_projects(self) -> None:
        found = engine(volumes=[volume("n8n_data"), volume("n8n_data", "second")])
        with pytest.raises(RefusedError, match="More than one project has a volume"):
            existing_volume(found, "n8n_data", None)
        with pytest.raises(RefusedError, match=r"second_n8n_data has no folder"):
            existing_volume(found, "n8n_data", "second")

    def test_mistyped(self) -> None:
        found = engine(volumes=[volume("n8n_data")])
        with pytest.raises(RefusedError, match=r"no Docker volume 'n8n_dat'.*Did you mean lottery-chatbot_n8n_data\?"):
            existing_volume(found, "n8n_dat", None)

    def test_none_at_all(self) -> None:
        with pytest.raises(RefusedError, match="Those that exist: none"):
            existing_volume(engine(), "n8n_data", "lottery-chatbot")

    def test_empty(self, tmp_path: pathlib.Path) -> None:
        found = engine(volumes=[volume("n8n_data", folder=str(tmp_path)), volume("n8n_data_old")])
        with pytest.raises(RefusedError, match=r"is empty.*Did you mean lottery-chatbot_n8n_data_old\?"):
            existing_volume(found, "n8n_data", None)

    def test_of_another_driver(self) -> None:
        document = {**volume("n8n_data"), "Driver": "nfs"}
        with pytest.raises(RefusedError, match="belongs to the driver 'nfs'"):
            existing_volume(engine(volumes=[document]), "n8n_data", None)

    def test_one_to_restore_to_is_created_as_compose_would(self) -> None:
        client = Client([], [])
        assert volume_to_fill(Engine(client), "n8n_data", "lottery-chatbot") is None
        assert client.created == []
        planned = planned_volume("n8n_data", "lottery-chatbot", None)
        place, is_ours = new_volume(Engine(client), *planned)
        assert (place.volume, is_ours) == ("lottery-chatbot_n8n_data", True)
        assert client.created[0]["Labels"] == {
            "com.docker.compose.project": "lottery-chatbot",
            "com.docker.compose.volume": "n8n_data",
            "chatbot.ops.restore": place.labels["chatbot.ops.restore"],
        }
        found, is_ours = new_volume(Engine(client), *planned)
        assert (found.labels, is_ours) == (place.labels, False)


class TestAVolumeThatIsMadeAgain:
    """Compose files may give a volume any name: only the backup tells which one it was."""

    def test_a_backup_tells_how_it_was_called(self, tmp_path: pathlib.Path) -> None:
        (tmp_path / "config").touch()
        labels = {"com.docker.compose.project": "lottery-chatbot", "com.docker.compose.volume": "n8n_data"}
        document = {**volume("n8n_data", folder=str(tmp_path)), "Name": "shared", "Labels": labels}
        place = existing_volume(engine(volumes=[document]), "n8n_data", "lottery-chatbot")
        assert describe_volume(place) == {"name": "shared", "project": "lottery-chatbot", "key": "n8n_data"}

    def test_it_gets_that_name_again(self) -> None:
        described = {"name": "shared", "project": "lottery-chatbot", "key": "n8n_data"}
        labels = {"com.docker.compose.project": "lottery-chatbot", "com.docker.compose.volume": "n8n_data"}
        assert planned_volume("n8n_data", "lottery-chatbot", described) == ("shared", labels)
        assert planned_volume("shared", None, described) == ("shared", labels)

    def test_one_of_another_project_does_not(self) -> None:
        described = {"name": "shared", "project": "lottery-chatbot", "key": "n8n_data"}
        assert planned_volume("n8n_data", "copy", described)[0] == "copy_n8n_data"
        assert planned_volume("n8n_copy", None, described) == ("n8n_copy", {})

    def test_one_that_docker_compose_did_not_make(self) -> None:
        described = {"name": "n8n_data", "project": None, "key": None}
        assert planned_volume("n8n_data", None, described) == ("n8n_data", {})


def test_a_copy_in_quarantine_is_only_meant_by_its_own_name() -> None:
    copied, label = "lottery-chatbot-rehearsal-1", {"chatbot.ops.quarantine": "lottery-chatbot"}
    data = volume("n8n_data", copied)
    data["Labels"].update(label)
    other = container("postgres", project=copied, labels=label, Id="e" * 64)
    found = engine(container("postgres"), other, volumes=[volume("n8n_data"), data])
    assert found.container("postgres").project == "lottery-chatbot"
    assert found.container("postgres", copied).project == copied
    assert found.container(f"{copied}-postgres-1").project == copied
    assert [each.name for each in (found.volume("n8n_data"), found.volume("n8n_data", copied)) if each] == [
        "lottery-chatbot_n8n_data",
        f"{copied}_n8n_data",
    ]


def test_whether_an_image_is_there() -> None:
    found = engine()
    assert found.image_id("gone") is None
    with pytest.raises(ToolError, match="Failed to look at image broken"):
        found.image_id("broken")


def test_without_the_library_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(
        ToolError, match=r"The Python library docker is missing .* Apply the role chatbot\.ops\.toolchain"
    ):
        open_engine()


def test_where_there_is_no_engine_none_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine_module, "_SOCKET", str(tmp_path / "none"))
    assert engine_if_any() is None
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
    assert engine_if_any() is None
    with pytest.raises(ToolError, match="Failed to connect through the Docker Engine"):
        open_engine()
