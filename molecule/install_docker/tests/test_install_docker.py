# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine and Docker Compose answer, start at each boot, and logs cannot fill the disk."""

from __future__ import annotations

import json

from testinfra.host import Host


def test_the_engine_runs_now_and_after_a_boot(host: Host) -> None:
    service = host.service("docker")
    assert service.is_running
    assert service.is_enabled


def test_docker_compose_is_the_second_one(host: Host) -> None:
    assert host.run_expect([0], "docker compose version --short").stdout.startswith("2.")


def test_the_engine_has_all_settings(host: Host) -> None:
    told = json.loads(host.run_expect([0], "docker info --format '{{json .}}'").stdout)
    assert told["LiveRestoreEnabled"] is True
    assert told["DefaultAddressPools"] == [{"Base": "198.19.0.0/16", "Size": 24}]


def test_the_log_of_a_container_is_limited(host: Host) -> None:
    """Asked of a container: the engine tells nobody else which limits it gives them."""
    host.run_expect([0], "tar -c --files-from=/dev/null | docker import - bed-empty:1")
    name = host.run_expect([0], "docker create bed-empty:1 nothing").stdout.strip()
    told = host.run_expect([0], f"docker inspect --format '{{{{json .HostConfig.LogConfig}}}}' {name}").stdout
    host.run_expect([0], f"docker rm {name} && docker rmi bed-empty:1")
    assert json.loads(told) == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "5"}}
