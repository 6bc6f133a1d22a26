# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New images on a copy that reaches nobody, against an engine in memory."""

from __future__ import annotations

import json

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError

from tests.unit.plugins.module_utils._rollout.update import STACK, Update


def test_a_rehearsal_runs_the_new_images_in_a_copy_and_leaves_nothing(update: Update) -> None:
    world = update.world
    world.put("n8n", "id-n8n-new")
    world.versions |= {"id-n8n-old": "2.40.7", "id-n8n-new": "2.41.0"}
    update.act("pull")
    made = update.act("quarantine", keep=["postgres"])
    assert made["containers"] == {"postgres": "lottery-chatbot-rehearsal-postgres-1"}
    assert made["volumes"]["n8n_data"] == "lottery-chatbot-rehearsal_n8n_data"
    copy = json.loads((update.folder / f"{STACK}.rehearsal.json").read_text("utf-8"))
    assert {name: each["image"] for name, each in copy["services"].items()} == {
        "nginx": "nginx:1",
        "api": "api:1",
        "n8n": "n8n:1",
        "n8n-before": update.state()["attempt"]["pins"]["services"]["n8n"]["tag"],
        "postgres": "postgres:17",
    }
    assert world.names[copy["services"]["n8n-before"]["image"]] == "id-n8n-old"
    assert list(update.act("rehearse")["seconds"]) == ["postgres", "api", "n8n", "nginx"]
    told = [each for each in world.told if each.startswith("copy: run")]
    assert [each.partition("n8n-before ")[2] for each in told] == [
        "unpublish:workflow --all",
        "list:workflow --active=true --onlyId",
    ]
    assert world.running("n8n") == ["id-n8n-new", "id-n8n-old"]
    update.act("clear")
    assert world.running("n8n") == ["id-n8n-old"]
    assert not (update.folder / f"{STACK}.rehearsal.json").exists()
    assert update.act("up")["steps"][0]["service"] == "n8n"


def test_a_rehearsal_with_a_workflow_that_stays_active_starts_nothing(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    update.world.active = "a warning\nheartbeat0000001\n"
    update.act("pull")
    update.act("quarantine", keep=["postgres"])
    with pytest.raises(RefusedError, match="heartbeat0000001 stayed active"):
        update.act("rehearse")
    assert update.world.running("n8n") == ["id-n8n-old"]
    # One that was cut off there is removed with the update that it belongs to.
    update.act("cancel")
    assert update.world.told[-1] == "copy: down --volumes --remove-orphans --timeout=10"


def test_a_rehearsal_of_an_ill_image_fails_and_production_is_not_touched(update: Update) -> None:
    update.world.put("n8n", "id-n8n-bad")
    update.world.health["id-n8n-bad"] = "starting"
    update.act("pull")
    update.act("quarantine", keep=["postgres"])
    with pytest.raises(ToolError, match="n8n does not get healthy"):
        update.act("rehearse")
    update.act("clear")
    assert update.world.running("n8n") == ["id-n8n-old"]
    assert update.state()["attempt"]["phase"] == "pulled"


def test_a_rehearsal_needs_n8n_and_a_copy(update: Update) -> None:
    update.world.put("n8n", "id-n8n-new")
    update.act("pull")
    assert update.act("quarantine", check=True)["containers"] == {}
    assert update.act("rehearse", check=True)["changed"]
    assert update.act("clear", check=True)["changed"]
    with pytest.raises(RefusedError, match="has no service flows"):
        update.act("quarantine", n8n_service="flows")
