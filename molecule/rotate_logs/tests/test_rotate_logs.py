# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Docker, systemd and the containers themselves tell the limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

LIMITED = {"Type": "json-file", "Config": {"max-size": "7m", "max-file": "3", "compress": "true"}}


def told(host: Host, service: str) -> dict[str, Any]:
    asked = f"docker inspect --format '{{{{json .}}}}' lottery-chatbot-{service}-1"
    found: dict[str, Any] = json.loads(host.run_expect([0], asked).stdout)
    return found


@pytest.mark.parametrize("service", ["api", "nginx"])
def test_the_logs_of_the_named_services_are_limited(host: Host, service: str) -> None:
    found = told(host, service)
    assert found["HostConfig"]["LogConfig"] == LIMITED
    assert found["State"]["Health"]["Status"] == "healthy"


@pytest.mark.parametrize("service", ["n8n", "postgres"])
def test_the_others_were_left_alone(host: Host, service: str) -> None:
    assert told(host, service)["HostConfig"]["LogConfig"] != LIMITED


def test_a_later_deploy_keeps_the_limits(host: Host) -> None:
    before = told(host, "api")["Id"]
    host.run_expect([0], "docker compose --project-directory=/opt/lottery-chatbot up --detach --no-deps api")
    assert told(host, "api")["Id"] == before


def test_new_containers_are_limited_too(host: Host) -> None:
    host.run_expect([0], "tar -c --files-from=/dev/null | docker import - bed-empty:1")
    name = host.run_expect([0], "docker create bed-empty:1 nothing").stdout.strip()
    said = host.run_expect([0], f"docker inspect --format '{{{{json .HostConfig.LogConfig}}}}' {name}").stdout
    host.run_expect([0], f"docker rm {name} && docker rmi bed-empty:1")
    assert json.loads(said) == LIMITED


def test_the_journal_is_limited(host: Host) -> None:
    said = host.run_expect([0], "systemd-analyze cat-config systemd/journald.conf").stdout
    assert "\nSystemMaxUse=150M" in said
