# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The actions of a stack's update, as a role takes them one after the other, on a world in memory."""

from __future__ import annotations

import json
import pathlib
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._rollout import doors
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.doors import roll_out, rollout_options

from tests.unit.plugins.module_utils._rollout.world import World

STACK = "lottery-chatbot"


class Update:
    """The module's actions on the world, one after the other, as a role takes them."""

    def __init__(self, world: World, folder: pathlib.Path) -> None:
        self.world, self.folder = world, folder

    def act(self, action: str, *, check: bool = False, **more: Any) -> dict[str, Any]:
        """Do one action, and return the result."""
        params = {name: each.get("default") for name, each in doors.ROLLOUT_ARGUMENTS.items()}
        params |= {"stack": STACK, "project": STACK, "directory": "/opt/lottery-chatbot", "action": action}
        params |= {"state_dir": str(self.folder), "wait_limit": "0", "soak": "0", "drain": "0", **more}
        return roll_out(rollout_options(params), check_mode=check)

    def state(self) -> dict[str, Any]:
        """What is remembered."""
        document: dict[str, Any] = json.loads((self.folder / f"{STACK}.json").read_text("utf-8"))
        return document

    def good(self, service: str, image_id: str) -> None:
        """A whole good update of one service."""
        self.world.put(service, image_id)
        self.act("pull")
        self.act("up", soak="0.01")
        self.act("settle", backups={"n8n": f"before-{image_id}"}, migrated=False)
