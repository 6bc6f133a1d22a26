# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From module parameters to what is done to a stack's images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import open_engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.carry import Patience
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.rollout import Rollout, Stack
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.store import FOLDER, Store

ACTIONS = ("look", "pull", "cancel", "quarantine", "rehearse", "clear", "up", "halt", "back", "settle", "prune")
#: So long a run waits for another one that was cut off, beyond the time that a service may take.
_MORE_PATIENCE = 120.0
_READS_ONLY = ("look",)

ROLLOUT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "stack": {"type": "str", "required": True},
    "project": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "action": {"type": "str", "choices": list(ACTIONS), "required": True},
    "services": {"type": "list", "elements": "str", "default": []},
    "n8n_service": {"type": "str", "default": "n8n"},
    "keep": {"type": "list", "elements": "str", "default": []},
    "facts": {"type": "dict", "default": {}},
    "backups": {"type": "dict", "default": {}},
    "migrated": {"type": "bool", "default": False},
    "wait_limit": {"type": "str", "default": "5m"},
    "soak": {"type": "str", "default": "60s"},
    "drain": {"type": "str", "default": "5s"},
    "keep_days": {"type": "float", "default": 14.0},
    "state_dir": {"type": "path", "default": FOLDER},
}


@dataclass(frozen=True)
class RolloutOptions:
    """What the user asked for; see the documentation of ``stack_rollout``."""

    stack: Stack
    patience: Patience
    action: str
    keep: tuple[str, ...]
    facts: Mapping[str, Any]
    backups: Mapping[str, str]
    migrated: bool
    keep_days: float
    state_dir: str


def rollout_options(params: Mapping[str, Any]) -> RolloutOptions:
    """Return the options that the parameters amount to.

    :raises RefusedError: if one makes no sense.
    """
    return RolloutOptions(
        stack=Stack(
            params["stack"], params["project"], params["directory"], params["n8n_service"], tuple(params["services"])
        ),
        patience=Patience(*(duration_seconds(each, params[each]) for each in ("wait_limit", "soak", "drain"))),
        action=params["action"],
        keep=tuple(params["keep"]),
        facts=params["facts"],
        backups=params["backups"],
        migrated=params["migrated"],
        keep_days=params["keep_days"],
        state_dir=params["state_dir"],
    )


def roll_out(options: RolloutOptions, *, check_mode: bool) -> dict[str, Any]:
    """Do what the options say, and return the module's result.

    :raises OpsError: as the action does.
    """
    store = Store(options.stack.name, options.state_dir)
    rollout = Rollout(options.stack, open_engine(), store, options.patience, check_mode=check_mode)
    actions: dict[str, Callable[[], dict[str, Any]]] = {
        "look": rollout.look,
        "pull": rollout.pull,
        "cancel": rollout.cancel,
        "quarantine": lambda: rollout.quarantine(options.keep),
        "rehearse": rollout.rehearse,
        "clear": rollout.clear,
        "up": lambda: rollout.up(options.facts),
        "halt": lambda: rollout.halt(options.keep, options.facts),
        "back": lambda: rollout.back(options.facts),
        "settle": lambda: rollout.settle(backups=options.backups, migrated=options.migrated),
        "prune": lambda: rollout.prune(options.keep_days),
    }
    act = actions[options.action]
    if check_mode or options.action in _READS_ONLY:
        return act()
    # One that was cut off from its controller goes on until the service is healthy that it was at.
    with store.held(options.patience.wait + options.patience.soak + _MORE_PATIENCE):
        return act()
