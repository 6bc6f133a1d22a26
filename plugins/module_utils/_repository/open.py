# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the ``repository`` parameter to a repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_safe_name
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

#: What every module that touches a repository takes (documented in the fragment ``repository``).
REPOSITORY_ARGUMENTS: dict[str, Any] = {
    "stack": {"type": "str", "required": True},
    "repository": {
        "type": "dict",
        "required": True,
        "options": {
            "type": {"type": "str", "choices": ["local"], "default": "local"},
            "path": {"type": "path"},
        },
        "required_if": [("type", "local", ("path",))],
    },
}


def open_repository(params: Mapping[str, Any]) -> Repository:
    """Return the repository that the module parameter ``repository`` describes.

    :raises RefusedError: if it cannot be one.
    """
    return LocalRepository(params["path"])


def place_of(stack: str, source: str) -> Place:
    """Return the place of ``source`` of ``stack``.

    :raises RefusedError: if the stack's name cannot be one segment of a path.
    """
    if not is_safe_name(stack):
        raise RefusedError(
            f"Parameter stack: {stack!r} cannot name a stack. "
            "Use letters, digits, '.', '_' and '-', such as lottery-chatbot."
        )
    return Place(stack, source)
