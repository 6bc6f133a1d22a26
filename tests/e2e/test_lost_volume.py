# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's volume is gone, container and all: a restore makes it anew, and Docker Compose takes it for its own."""

from __future__ import annotations

import json

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import PROJECT
from tests.e2e.player import Player

_N8N = f"{PROJECT}-n8n-1"


def test_a_lost_volume_comes_back_as_docker_compose_would_have_made_it(bed: Bed, player: Player) -> None:
    player.must("backup_stack", backup_max_age="", backup_sources=["n8n"])
    before = _labels(bed)
    stack.compose(bed.production, "rm", "--stop", "--force", "n8n", timeout=120)
    bed.production.ssh("docker", "volume", "rm", stack.VOLUME)
    try:
        checked = player.must("restore_n8n", check=True, restore_confirm=PROJECT)
        assert checked.result("n8n_volume_restore")["changed"]
        assert stack.VOLUME not in bed.production.ssh("docker", "volume", "ls", "--quiet").split()
        restored = player.must("restore_n8n", restore_confirm=PROJECT)
        assert restored.result("n8n_volume_restore")["changed"]
        assert _labels(bed) == before
    finally:
        said = stack.compose(bed.production, "up", "--detach", "--wait", "n8n", timeout=240)
    assert "already exists but was not created by Docker Compose" not in said
    words = ("docker", "exec", _N8N, "n8n", "export:credentials", "--all", "--decrypted")
    assert bed.production.ssh(*words).count('"id"') == 3
    assert stack.obstacle(bed.production) is None


def _labels(bed: Bed) -> dict[str, str]:
    """What Docker Compose knows its volume by; its own version and a digest of the file are none of our business."""
    told = json.loads(bed.production.ssh("docker", "volume", "inspect", stack.VOLUME))[0]["Labels"]
    return {name: value for name, value in told.items() if name.rpartition(".")[2] in ("project", "volume")}
