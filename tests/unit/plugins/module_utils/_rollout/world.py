# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine and a compose file in memory: what Docker does to containers and images when it is told to."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container, read_container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command

from tests.unit.plugins.module_utils._compose.documents import container

PROJECT = "lottery-chatbot"
SERVICES: dict[str, dict[str, Any]] = {
    "nginx": {"image": "nginx:1", "depends_on": {"api": {}, "n8n": {}}, "ports": [{"target": 443, "published": "443"}]},
    "api": {"image": "api:1", "depends_on": {"postgres": {}}, "deploy": {"replicas": 2}},
    "n8n": {"image": "n8n:1"},
    "postgres": {"image": "postgres:17"},
}


class World(Engine):
    """The engine, and behind ``run`` the command line of Docker Compose."""

    def __init__(self) -> None:
        super().__init__(None)
        self.services = json.loads(json.dumps(SERVICES))
        #: What the names stand for here, and in the registry.
        self.names = {each["image"]: f"id-{name}-old" for name, each in SERVICES.items()}
        self.registry = dict(self.names)
        #: What came from the registry is held by its digest there as well, whatever becomes of its names.
        self.digests = {f"of@{each}": each for each in self.names.values()}
        #: The health that containers of an image get; and after how many looks another one.
        self.health: dict[str, str] = {}
        self.later: dict[str, tuple[int, str]] = {}
        self.restarts: dict[str, int] = {}
        self.versions: dict[str, str] = {}
        #: What n8n's command line in the copy says of active workflows.
        self.active = ""
        self.fails: dict[str, str] = {}
        self.there: dict[str, dict[str, Any]] = {}
        self.told: list[str] = []
        self.looks = 0
        self.least_healthy: dict[str, int] = {}
        #: What the last command line of Docker Compose meant.
        self.project = PROJECT
        self._number = 0
        for name in SERVICES:
            self._fill(name, self._replicas(name))

    def put(self, service: str, image_id: str) -> None:
        """Let the service's name stand for another image in the registry."""
        self.registry[self.services[service]["image"]] = image_id

    def running(self, service: str) -> list[str]:
        """The ids of the images of the service's containers that run."""
        found = [each for each in self._of(service) if each["State"]["Status"] == "running"]
        return sorted(each["Image"] for each in found)

    def containers(self, labels: Any = None) -> list[Container]:
        self.looks += 1
        for each in self.there.values():
            each["RestartCount"] = self.restarts.get(each["Image"], 0)
            looks, health = self.later.get(each["Image"], (0, ""))
            if health and self.looks - each["born"] > looks:
                each["State"]["Health"]["Status"] = health
        wanted = (labels or {}).items()
        return [read_container(each) for each in self.there.values() if each["Config"]["Labels"].items() >= wanted]

    def image(self, name: str) -> dict[str, Any] | None:
        here = {*self.names.values(), *self.digests.values()}
        found = name if name in here else self.names.get(name)
        if found is None:
            return None
        labels = {"org.opencontainers.image.version": self.versions[found]} if found in self.versions else {}
        return {
            "Id": found,
            "Size": 1000,
            "RepoTags": [each for each, image_id in self.names.items() if image_id == found],
            "RepoDigests": [each for each, image_id in self.digests.items() if image_id == found],
            "Config": {"Labels": labels, "Env": ["A=b"]},
        }

    def image_digests(self, image_id: str) -> tuple[str, ...]:
        return (f"of@{image_id}",)

    def tag_image(self, image_id: str, name: str) -> None:
        self.names[name] = image_id

    def remove_image(self, name: str) -> bool:
        return any(each.pop(name, None) is not None for each in (self.names, self.digests))

    def stop(self, container: Container, _grace: int) -> None:
        self.told.append(f"stop {container.service}")
        self.there[container.id]["State"].update(Status="exited", ExitCode=143, Health={"Status": "unhealthy"})
        self._count(container.service)

    def remove(self, container: Container) -> None:
        del self.there[container.id]
        self._count(container.service)

    def log_tail(self, _container: Container, _lines: int) -> str:
        return "cannot start: password=hunter2"

    def data_folder(self) -> str:
        return "/"

    def run(self, command: Command, **_more: Any) -> str:
        """Do what a command line of Docker's tells, and return what it says."""
        options = ("--project-directory=", "--file=", "--project-name=", "--profile=")
        words = [each for each in command.argv[1:] if not each.startswith(options)]
        given = dict(
            each.split("=", 1) for each in command.argv if each.startswith(("--project-name", "--project-dir"))
        )
        self.project = given.get("--project-name", given.get("--project-directory", PROJECT).rpartition("/")[2])
        if self.project == f"{PROJECT}-rehearsal":
            return self.copy(words[1:], next(each for each in command.argv if each.startswith("--file=")))
        if words[0] == "run":
            return f"{self.versions.get(words[5] + '!', '')}\n"
        files = [each.removeprefix("--file=") for each in command.argv if each.startswith("--file=")]
        verb, names = words[1], [each for each in words[2:] if not each.startswith("-")]
        self.told.append(" ".join([verb, *words[2:]]))
        if verb in self.fails:
            raise ToolError(self.fails[verb])
        if verb == "config":
            return json.dumps(
                {"name": self.project, "services": self.services, "volumes": {"n8n_data": {"name": "n8n_data"}}}
            )
        if verb == "pull":
            for each in names:
                image = self.services[each]["image"]
                self.names[image] = self.registry[image]
                self.digests[f"of@{self.names[image]}"] = self.names[image]
        if verb == "build":
            for each in names:
                self.names[f"lottery-chatbot-{each}"] = f"id-{each}-built"
        if verb == "restart":
            self._count(names[0])
        if verb == "up":
            replicas = int(next(each for each in words if each.startswith("--scale=")).rpartition("=")[2])
            self._up(
                names[0],
                replicas,
                keep="--no-recreate" in words,
                over=[each for each in files if each.endswith(".override.json")],
            )
        return ""

    def copy(self, words: list[str], file: str) -> str:
        """The same for the project of the copy."""
        self.told.append("copy: " + " ".join(words))
        with open(file.removeprefix("--file="), encoding="utf-8") as stream:
            document = json.load(stream)
        if words[0] == "config":
            return json.dumps(document)
        if words[0] == "up":
            image_id = self.names[document["services"][words[-1]]["image"]]
            health = self.health.get(image_id, "healthy")
            made = container(words[-1], project=document["name"], state={"Health": {"Status": health}}, Image=image_id)
            self.there[f"copy-{words[-1]}"] = {**made, "Id": f"copy-{words[-1]}", "born": self.looks}
        if words[0] == "down":
            self.there = {name: each for name, each in self.there.items() if not name.startswith("copy-")}
        return self.active if "list:workflow" in words else ""

    def _up(self, service: str, replicas: int, *, keep: bool, over: list[str]) -> None:
        name = self.services[service].get("image", f"lottery-chatbot-{service}")
        for path in over:
            with open(path, encoding="utf-8") as stream:
                name = json.load(stream)["services"].get(service, {}).get("image", name)
        if not keep:
            for each in self._of(service):
                if each["Image"] != self.names[name] or each["State"]["Status"] != "running":
                    del self.there[each["Id"]]
            self._count(service)
        for each in self._of(service)[replicas:]:
            del self.there[each["Id"]]
        self._fill(service, replicas, name)
        self._count(service)

    def _fill(self, service: str, replicas: int, name: str = "") -> None:
        name = name or self.services[service]["image"]
        while len(self._of(service)) < replicas:
            self._number += 1
            image_id = self.names[name]
            health = self.health.get(image_id, "healthy")
            made = container(service, project=self.project, state={"Health": {"Status": health}})
            made.update(Id=f"{self._number:064}", Name=f"/lottery-chatbot-{service}-{self._number}", Image=image_id)
            made["Config"]["Image"] = name
            self.there[made["Id"]] = {**made, "born": self.looks}

    def _of(self, service: str) -> list[dict[str, Any]]:
        label = "com.docker.compose.service"
        return [each for each in self.there.values() if each["Config"]["Labels"][label] == service]

    def _count(self, service: str) -> None:
        good = [each for each in self._of(service) if each["State"]["Health"]["Status"] == "healthy"]
        self.least_healthy[service] = min(self.least_healthy.get(service, 99), len(good))

    def _replicas(self, service: str) -> int:
        return int((self.services[service].get("deploy") or {}).get("replicas", 1))
