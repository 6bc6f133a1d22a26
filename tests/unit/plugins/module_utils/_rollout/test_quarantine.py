# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compose file of a copy: nothing in it leads out, is met from outside, or is production's."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.quarantine import (
    copies_by_any_name,
    locate,
    rehearsal_copy,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.rehearse import inactive_words

DOCUMENT: dict[str, Any] = {
    "name": "shop",
    "services": {
        "n8n": {
            "image": "n8n:1",
            "container_name": "n8n",
            "ports": [{"target": 5678, "published": "5678"}],
            "labels": {"traefik.enable": "true"},
            "networks": {"default": None, "web": None},
            "network_mode": "host",
            "restart": "always",
            "environment": {"N8N_ENCRYPTION_KEY": "key"},
            "healthcheck": {"test": ["CMD", "true"]},
            "depends_on": {"postgres": {"condition": "service_healthy"}, "proxy": {}},
            "volumes": [
                {"type": "volume", "source": "n8n_data", "target": "/home/node/.n8n"},
                {"type": "bind", "source": "/srv/files", "target": "/files"},
            ],
        },
        "postgres": {"image": "postgres:17", "deploy": {"replicas": 1}},
        "proxy": {"image": "proxy:1"},
    },
    "volumes": {"n8n_data": {"name": "n8n_data", "external": True}, "postgres_data": None},
    "networks": {"web": {"external": True}},
    "secrets": {"token": {"file": "/srv/token"}},
}
IMAGES = {"n8n": "new", "postgres": "same"}


def copied(**more: Any) -> dict[str, Any]:
    return rehearsal_copy({**DOCUMENT, **more}, IMAGES, "n8n", "old", where=lambda path: path)


def test_its_networks_lead_nowhere_and_its_volumes_are_its_own() -> None:
    copy = copied()
    assert copy["name"] == "shop-rehearsal"
    assert copy["networks"].keys() == {"default", "web"}
    assert all(each["internal"] and "external" not in each for each in copy["networks"].values())
    # Without a name of their own, Docker Compose puts the project's before them.
    assert copy["volumes"].keys() == {"n8n_data", "postgres_data"}
    assert all(each.keys() == {"labels"} for each in copy["volumes"].values())
    assert copy["secrets"] == DOCUMENT["secrets"]


def test_a_service_keeps_what_it_needs_and_loses_what_would_be_met() -> None:
    copy = copied()
    assert set(copy["services"]) == {"n8n", "n8n-before", "postgres"}
    n8n = copy["services"]["n8n"]
    assert not n8n.keys() & {"ports", "container_name", "network_mode", "deploy"}
    assert list(n8n["labels"]) == ["chatbot.ops.quarantine"]
    assert (n8n["image"], n8n["restart"], n8n["environment"]) == ("new", "no", {"N8N_ENCRYPTION_KEY": "key"})
    assert list(n8n["depends_on"]) == ["postgres"]
    assert n8n["volumes"][0]["source"] == "n8n_data"
    assert n8n["volumes"][1]["read_only"]
    before = copy["services"]["n8n-before"]
    assert (before["image"], before["profiles"]) == ("old", ["before"])
    assert not before.keys() & {"healthcheck", "depends_on"}


def test_the_engine_is_out_of_its_reach() -> None:
    # Whoever may open the engine's socket, read-only or not, commands production.
    mounts = [{"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock", "read_only": True}]
    services = {**DOCUMENT["services"], "postgres": {"image": "postgres:17", "volumes": mounts}}
    assert "volumes" not in copied(services=services)["services"]["postgres"]


def test_what_is_mounted_of_the_host(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "engine"))
        assert locate(str(tmp_path / "engine")) is None
    assert locate(str(tmp_path / "missing")) is None
    assert locate(str(tmp_path / "file")) == str(tmp_path / "file")
    assert locate(str(tmp_path)) == str(tmp_path)


def test_the_copy_of_a_volume_by_whatever_name() -> None:
    assert copies_by_any_name(DOCUMENT) == {
        "n8n_data": "shop-rehearsal_n8n_data",
        "postgres_data": "shop-rehearsal_postgres_data",
        "shop_postgres_data": "shop-rehearsal_postgres_data",
    }


@pytest.mark.parametrize(
    ("version", "command"),
    [("1.123.81", "update:workflow"), ("2.40.7", "unpublish:workflow"), ("", "unpublish:workflow")],
)
def test_which_command_makes_workflows_inactive(version: str, command: str) -> None:
    assert inactive_words(version)[0] == command
