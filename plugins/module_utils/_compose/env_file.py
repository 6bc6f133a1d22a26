# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file .env of a Docker Compose project. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "$": "\\$", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def env_file(variables: Mapping[str, Any]) -> str:
    """Return the content of a file that gives ``variables`` to Docker Compose just as they are.

    Within single quotes nothing has a meaning (Docker's manual, "Set environment variables", syntax of .env files); a
    value that cannot stand there stands in double quotes, escaped.

    :raises RefusedError: if a name is none of a variable, or a value is no plain one.
    """
    return "".join(f"{_name(name)}={_value(name, value)}\n" for name, value in variables.items())


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise RefusedError(f"{name!r} is no name of an environment variable: letters, digits and _ make one.")
    return name


def _value(name: str, value: Any) -> str:
    if value is None:
        value = ""
    if isinstance(value, bool):
        value = str(value).lower()
    if not isinstance(value, (str, int, float)):
        raise RefusedError(f"The value of {name} is a {type(value).__name__}; a text or a number can stand in .env.")
    text = str(value)
    if not set(text) & set("'\\\n\r\t"):
        return f"'{text}'"
    return f'"{text.translate(_ESCAPES)}"'
