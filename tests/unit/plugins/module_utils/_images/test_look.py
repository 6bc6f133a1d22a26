# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service runs is compared with what is here, what its registry has, and what it was built on."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._images import look
from ansible_collections.chatbot.ops.plugins.module_utils._images.look import (
    build_sections,
    look_at_images,
    look_from,
    read_build,
)
from ansible_collections.chatbot.ops.plugins.module_utils._images.texts import TEXTS
from docker import errors

from tests.unit.plugins.module_utils._images.registry_double import Double, registry_double

PROJECT = "com.docker.compose.project"
OURS, BELOW = ["sha256:a", "sha256:b"], ["sha256:a"]


class Client:
    """Answers as the library's low-level client does; the bed's tests ask a real engine."""

    def __init__(self) -> None:
        self.running: list[dict[str, Any]] = []
        self.images: dict[str, dict[str, Any]] = {}

    def containers(self, *, all: bool, filters: dict[str, list[str]] | None) -> list[dict[str, str]]:
        assert all
        wanted = dict(each.split("=", 1) for each in (filters or {}).get("label", ()))
        return [{"Id": each["Id"]} for each in self.running if each["Config"]["Labels"].items() >= wanted.items()]

    def inspect_container(self, identifier: str) -> dict[str, Any]:
        return next(each for each in self.running if each["Id"] == identifier)

    def inspect_image(self, name: str) -> dict[str, Any]:
        if name not in self.images:
            raise errors.ImageNotFound("no such image")
        return self.images[name]


class Stack:
    """One service, ``api``, up to date in all."""

    def __init__(self, double: Double, folder: Path) -> None:
        double.auth = "none"
        self.double, self.folder, self.client = double, folder, Client()
        self.host = double.address.removeprefix("http://")
        self.name = f"{self.host}/lottery/api:1"
        digest = double.put_image("lottery/api", "1", OURS)
        self.image: dict[str, Any] = {
            "Id": "sha256:1",
            "Created": datetime.now(UTC).isoformat(),
            "RepoDigests": [f"{self.host}/lottery/api@{digest}"],
            "Os": "linux",
            "Architecture": "amd64",
            "RootFS": {"Layers": OURS},
            "Config": {"Labels": {}},
        }
        self.client.images = {"sha256:1": self.image, self.name: self.image}
        self.base = f"{self.host}/lottery/node:22"
        self.base_digest = double.put_image("lottery/node", "22", BELOW)
        self.run("api")

    def run(self, service: str, image: str | None = None, image_id: str = "sha256:1") -> None:
        labels = {PROJECT: "lottery", "com.docker.compose.service": service}
        labels["com.docker.compose.project.working_dir"] = str(self.folder)
        document = {
            "Id": f"{len(self.client.running):064d}",
            "Name": f"/lottery-{service}-{len(self.client.running) + 1}",
            "Image": image_id,
            "Config": {"Labels": labels, "Image": image or self.name},
            "State": {"Status": "running"},
        }
        self.client.running.append(document)

    def label(self, digest: str = "") -> None:
        self.image["Config"]["Labels"] = {"org.opencontainers.image.base.name": self.base}
        if digest:
            self.image["Config"]["Labels"]["org.opencontainers.image.base.digest"] = digest

    def look(self, **more: Any) -> dict[str, Any]:
        given: dict[str, Any] = {
            "project": "lottery",
            "services": [],
            "ca_bundle": None,
            "timeout": "10s",
            "language": "en",
        }
        given |= {"insecure_registries": [self.host], "age_warning": 90, "age_critical": -1}
        return look_at_images(Engine(self.client), look_from({**given, **more}))

    def states(self, **more: Any) -> dict[str, str]:
        return {each["id"].split(".", 2)[2]: each["status"] for each in self.look(**more)["checks"]}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    with registry_double() as double:
        yield Stack(double, tmp_path)


def test_all_is_the_newest(stack: Stack) -> None:
    assert stack.states() == {"running": "ok", "registry": "ok", "age": "ok"}
    (service,) = stack.look()["services"]
    assert service["age_days"] == 0
    assert service["base"] is None


def test_without_the_program_docker_all_but_how_it_is_built_is_known(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(name: str) -> str:
        raise ToolError(f"The program {name} is not on this host.")

    monkeypatch.setattr(look, "find_program", none)
    assert stack.states() == {"running": "ok", "registry": "ok", "age": "ok"}


def test_a_newer_one_in_the_registry(stack: Stack) -> None:
    newer = stack.double.put_image("lottery/api", "1", ["sha256:newer"])
    assert stack.states()["registry"] == "warning"
    (check,) = [each for each in stack.look()["checks"] if each["id"] == "image.api.registry"]
    assert check["evidence"] == [newer]


def test_a_newer_one_here(stack: Stack) -> None:
    stack.client.images[stack.name] = {**stack.image, "Id": "sha256:2"}
    assert stack.states() == {"running": "warning", "registry": "ok", "age": "ok"}


def test_one_container_of_several_runs_an_old_one(stack: Stack) -> None:
    stack.client.images["sha256:0"] = {**stack.image, "Id": "sha256:0", "Created": "2026-01-01T00:00:00.123456789Z"}
    stack.run("api", image_id="sha256:0")
    found = stack.look()
    assert found["services"][0]["image_id"] == "sha256:0"
    assert len(found["services"][0]["containers"]) == 2
    assert stack.states()["running"] == "warning"


def test_a_name_that_nothing_here_has_any_more(stack: Stack) -> None:
    del stack.client.images[stack.name]
    assert stack.states()["running"] == "unknown"


def test_an_image_that_is_gone(stack: Stack) -> None:
    stack.client.images.clear()
    assert set(stack.states().values()) == {"unknown"}


NAMES = {
    "an id": ("sha256:" + "1" * 64, "unknown", "unknown"),
    "a digest alone": ("{host}/lottery/api@sha256:" + "a" * 64, "unknown", "unknown"),
}


@pytest.mark.parametrize(("name", "running", "registry"), NAMES.values(), ids=NAMES)
def test_names_that_tell_nothing(stack: Stack, name: str, running: str, registry: str) -> None:
    stack.client.running.clear()
    stack.run("api", image=name.format(host=stack.host))
    found = stack.states()
    assert (found["running"], found["registry"]) == (running, registry)


def test_a_registry_that_does_not_tell_is_not_well(stack: Stack) -> None:
    stack.double.status = 429
    assert stack.states() == {"running": "ok", "registry": "unknown", "age": "ok"}


def test_an_image_that_came_in_another_way(stack: Stack) -> None:
    stack.image["RepoDigests"] = []
    assert stack.states()["registry"] == "unknown"
    stack.image["RepoDigests"] = [f"elsewhere.example.org/other@{stack.base_digest}"]
    assert stack.states()["registry"] == "unknown"


def test_an_old_image(stack: Stack) -> None:
    stack.image["Created"] = (datetime.now(UTC) - timedelta(days=100)).isoformat()
    assert stack.states()["age"] == "warning"
    assert stack.states(age_critical=95)["age"] == "critical"
    stack.image["Created"] = "1970-01-01T00:00:00Z"
    assert stack.states()["age"] == "unknown", "it was made to be reproducible"


def test_the_base_that_a_label_names(stack: Stack) -> None:
    stack.label(stack.base_digest)
    assert stack.states()["base"] == "ok"
    stack.double.put_image("lottery/node", "22", ["sha256:newer"])
    assert stack.states()["base"] == "warning"


def test_the_base_by_its_layers(stack: Stack) -> None:
    stack.label()
    assert stack.states()["base"] == "ok"
    stack.double.put_image("lottery/node", "22", ["sha256:newer"])
    assert stack.states()["base"] == "warning"


@pytest.fixture
def compose(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """The stack, whose image is built here."""
    docker = stack.folder / "docker"
    section = {"context": str(stack.folder), "dockerfile": "Dockerfile.api", "args": {"TAG": "22", "NONE": None}}
    told = json.dumps({"services": {"api": {"build": section}, "db": {"image": "postgres"}}})
    docker.write_text(f"#!/bin/sh\ncat <<'E'\n{told}\nE\n", encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stack.folder}:/usr/bin:/bin")
    stack.image["RepoDigests"] = []
    return stack


def dockerfile(stack: Stack, text: str) -> None:
    (stack.folder / "Dockerfile.api").write_text(text, encoding="utf-8")


def test_what_is_built_here(compose: Stack) -> None:
    dockerfile(compose, f"ARG TAG=20\nFROM {compose.host}/lottery/node:$TAG\nRUN x\n")
    assert compose.states() == {"running": "ok", "base": "ok", "age": "ok"}
    compose.double.put_image("lottery/node", "22", ["sha256:newer"])
    assert compose.states()["base"] == "warning"
    dockerfile(compose, f"FROM {compose.host}/lottery/node:24")
    assert compose.states()["base"] == "unknown", "there is none such"


def test_a_label_of_another_base_does_not_count(compose: Stack) -> None:
    compose.label("sha256:" + "0" * 64)
    dockerfile(compose, f"FROM {compose.base}")
    assert compose.states()["base"] == "warning"
    compose.image["Config"]["Labels"]["org.opencontainers.image.base.name"] = "node:20"
    assert compose.states()["base"] == "ok"


def test_a_pinned_base(compose: Stack) -> None:
    dockerfile(compose, f"FROM {compose.base}@{compose.base_digest}")
    assert compose.states()["base"] == "ok"
    dockerfile(compose, f"FROM {compose.base}@sha256:{'0' * 64}")
    assert compose.states()["base"] == "warning"
    dockerfile(compose, f"FROM {compose.host}/lottery/node@{compose.base_digest}")
    assert compose.states()["base"] == "unknown"


def test_no_base(compose: Stack) -> None:
    assert compose.states()["base"] == "unknown", "there is no Dockerfile"
    dockerfile(compose, "FROM scratch")
    assert compose.states()["base"] == "ok"


def test_compose_files_that_nobody_can_read(compose: Stack) -> None:
    (compose.folder / "docker").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    assert compose.states()["registry"] == "unknown"


def test_only_some_services(stack: Stack) -> None:
    stack.run("n8n")
    assert [each["service"] for each in stack.look(services=["n8n"])["services"]] == ["n8n"]
    with pytest.raises(RefusedError, match="no container of redis"):
        stack.look(services=["redis"])
    with pytest.raises(RefusedError, match="Projects that have some: lottery"):
        stack.look(project="lotery")


REFUSED = {
    "no project": {"project": ""},
    "no such file": {"ca_bundle": "/nonexistent"},
    "limits that contradict each other": {"age_warning": 9, "age_critical": 3},
    "no duration": {"timeout": "soon"},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(stack: Stack, change: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        stack.look(**change)


def test_how_things_are_built(tmp_path: Path) -> None:
    inline = read_build({"dockerfile_inline": "FROM a", "target": "b"}, str(tmp_path))
    assert (inline.dockerfile, inline.target) == ("FROM a", "b")
    remote = read_build({"context": "https://git.example.org/a.git"}, str(tmp_path))
    assert remote.dockerfile is None
    assert "cannot be read" in remote.problem
    with pytest.raises(RefusedError):
        build_sections("[]")


def test_both_languages_say_the_same(stack: Stack) -> None:
    def places(text: str) -> set[str | None]:
        return {field for _text, field, _spec, _conversion in string.Formatter().parse(text)} - {None}

    assert set(TEXTS["en"]) == set(TEXTS["es"])
    for key, text in TEXTS["en"].items():
        assert places(text) == places(TEXTS["es"][key]), key
    assert "usa" in stack.look(language="es")["checks"][0]["summary"]
