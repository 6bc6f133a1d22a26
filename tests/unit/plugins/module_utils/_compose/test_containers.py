# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from how Docker describes containers and volumes."""

from __future__ import annotations

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import (
    read_container,
    read_volume,
    stop_order,
)

from tests.unit.plugins.module_utils._compose.documents import bind_mount, container, volume, volume_mount

N8N = "/home/node/.n8n"


def test_what_a_container_of_compose_tells() -> None:
    found = read_container(
        container("n8n", needs="postgres:service_healthy:false,redis:service_started:true", env=["N8N_PORT=5678"])
    )
    assert (found.name, found.project, found.service) == ("lottery-chatbot-n8n-1", "lottery-chatbot", "n8n")
    assert found.needs == ("postgres", "redis")
    assert found.environment["N8N_PORT"] == "5678"
    assert found.config_files == ("/opt/lottery-chatbot/compose.yml",)
    assert found.working_dir == "/opt/lottery-chatbot"
    assert (found.runs, found.health, found.grace, found.pid) == (True, "healthy", 10, 4711)
    assert found.addresses == ("172.18.0.3",)
    assert found.title == "n8n"


def test_what_one_without_compose_and_health_check_tells() -> None:
    document = container("n8n")
    document["Config"]["Labels"] = None
    document["State"] = {"Status": "exited"}
    document["NetworkSettings"] = {}
    found = read_container(document)
    assert (found.project, found.service, found.needs, found.config_files) == ("", "", (), ())
    assert (found.runs, found.health, found.pid, found.addresses) == (False, None, 0, ())
    assert found.title == found.name


@pytest.mark.parametrize("status", ["running", "paused", "restarting"])
def test_one_runs_also_when_it_is_paused(status: str) -> None:
    assert read_container(container("n8n", state={"Status": status})).runs


def test_its_own_time_to_stop_counts() -> None:
    assert read_container(container("n8n", config={"StopTimeout": 40})).grace == 40


def test_what_it_mounts_where() -> None:
    found = read_container(
        container("n8n", mounts=[volume_mount("lottery-chatbot_n8n_data", N8N), bind_mount("/srv/files", "/files")])
    )
    mount = found.mount_of(f"{N8N}/")
    assert mount is not None
    assert mount.name == "lottery-chatbot_n8n_data"
    assert found.mount_of("/home") is None
    assert found.uses(volume="lottery-chatbot_n8n_data")
    assert not found.uses(volume="n8n_data")
    assert not found.uses()


@pytest.mark.parametrize("writable", [True, False])
def test_which_folders_it_uses(writable: bool) -> None:
    found = read_container(container("n8n", mounts=[bind_mount("/srv/files", "/files", writable=writable)]))
    assert found.uses(folder="/srv")
    assert found.uses(folder="/srv/files/")
    assert not found.uses(folder="/srv/filesystem")
    assert found.uses(folder="/srv/files/inner/") is writable


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("source", ["/", "/var/lib/docker/volumes"])
def test_what_looks_after_all_containers_uses_no_volume_of_them(source: str, writable: bool) -> None:
    found = read_container(container("keeper", mounts=[bind_mount(source, "/host", writable=writable)]))
    assert not found.uses(volume="n8n_data", folder="/var/lib/docker/volumes/n8n_data/_data")
    assert found.uses(folder="/srv/n8n") is False


def test_a_volume() -> None:
    found = read_volume(volume("n8n_data"))
    assert found.name == "lottery-chatbot_n8n_data"
    assert found.folder == "/var/lib/docker/volumes/lottery-chatbot_n8n_data/_data"


def test_each_is_stopped_before_what_it_needs() -> None:
    services = {
        "postgres": "",
        "api": "postgres:service_healthy:false",
        "n8n": "postgres:service_healthy:false",
        "nginx": "api:service_started:false,n8n:service_started:false",
    }
    order = [
        each.service
        for each in stop_order(read_container(container(name, needs=needs)) for name, needs in services.items())
    ]
    assert order[0] == "nginx"
    assert order[-1] == "postgres"
    assert sorted(order) == sorted(services)


def test_a_circle_ends() -> None:
    ring = [read_container(container("a", needs="b:x:y")), read_container(container("b", needs="a:x:y"))]
    assert len(stop_order(ring)) == 2
