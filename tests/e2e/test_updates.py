# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stale images, as a real engine and a real registry tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bed.bed import Bed
from tests.bed.server import Server
from tests.e2e.player import Player

pytestmark = pytest.mark.thorough

_FOLDER = "/srv/bed-images"
_PROBE, _BUILT = "registry.bed:5000/bed/probe:1", "bed-built:1"
_COMPOSE = f"""name: bed-images
services:
  pulled:
    image: {_PROBE}
    command: [sleep, infinity]
    init: true
  built:
    image: {_BUILT}
    build: {{context: ., args: {{TAG: "1"}}}}
    command: [sleep, infinity]
    init: true
"""
_DOCKERFILE = "ARG TAG=0\nFROM registry.bed:5000/bed/probe:$TAG AS app\nRUN touch /built\nFROM app\n"
_LOOK = """---
- hosts: production
  gather_facts: false
  vars:
    ansible_python_interpreter: /opt/chatbot-ops/venv/bin/python
  tasks:
    - chatbot.ops.image_update_info:
        project: bed-images
"""
_UP = "docker compose up --detach"


@pytest.fixture
def server(bed: Bed) -> Iterator[Server]:
    """A server with a project of two services, one of an image from the registry, one built on it."""
    bed.production.ssh("mkdir", "-p", _FOLDER)
    bed.production.ssh("tee", f"{_FOLDER}/compose.yml", stdin=_COMPOSE.encode())
    bed.production.ssh("tee", f"{_FOLDER}/Dockerfile", stdin=_DOCKERFILE.encode())
    _publish(bed.production, "one")
    bed.production.shell(f"cd {_FOLDER} && {_UP} --build", timeout=120)
    yield bed.production
    script = f"cd {_FOLDER} && docker compose down --timeout 1; docker rmi --force {_BUILT} {_PROBE}; rm -r {_FOLDER}"
    bed.production.shell(script, timeout=120)


def _publish(server: Server, word: str) -> None:
    recipe = f"FROM registry.bed:5000/lottery/nginx:1\\nRUN echo {word} > /word\\nENTRYPOINT []\\n"
    script = f"printf '{recipe}' | docker build --quiet --tag {_PROBE} - && docker push --quiet {_PROBE}"
    server.shell(script, timeout=120)


def _look(player: Player, folder: Path) -> dict[str, str]:
    playbook = folder / "look.yml"
    playbook.write_text(_LOOK, encoding="utf-8")
    found: dict[str, Any] = player.must(playbook).result("image_update_info")
    return {
        each["id"].removeprefix("image."): each["status"] for each in found["checks"] if not each["id"].endswith(".age")
    }


def test_stale_images(server: Server, player: Player, tmp_path: Path) -> None:
    fresh = {"built.running": "ok", "built.base": "ok", "pulled.running": "ok", "pulled.registry": "ok"}
    assert _look(player, tmp_path) == fresh
    _publish(server, "two")
    # By its name, there is a newer one here and in the registry, and what was built on it is old.
    stale = {"built.base": "warning", "pulled.running": "warning", "pulled.registry": "warning"}
    assert _look(player, tmp_path) == {**fresh, **stale}
    server.shell(f"cd {_FOLDER} && {_UP}", timeout=120)
    assert _look(player, tmp_path) == {**fresh, "built.base": "warning"}
    server.shell(f"cd {_FOLDER} && {_UP} --build", timeout=120)
    assert _look(player, tmp_path) == fresh


@pytest.mark.usefixtures("server")
def test_a_registry_that_does_not_answer(player: Player, tmp_path: Path, bed: Bed) -> None:
    bed.engine.docker("pause", "registry")
    try:
        found = _look(player, tmp_path)
    finally:
        bed.engine.docker("unpause", "registry")
    assert found["pulled.registry"] == found["built.base"] == "unknown"
    assert found["pulled.running"] == "ok"
