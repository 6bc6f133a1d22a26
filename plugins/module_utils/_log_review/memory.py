# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen at the last look: the signatures, and how often each container had been restarted. A small file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file

#: So many signatures are remembered; those that were not seen for longest are forgotten first.
MOST = 5000
_FORMAT = 1


@dataclass(frozen=True)
class Memory:
    """When the last look was (None: never), when each signature was last seen, and each container's restarts by its id."""

    looked: str | None = None
    signatures: Mapping[str, str] = field(default_factory=dict)
    restarts: Mapping[str, int] = field(default_factory=dict)

    def after(self, looked: str, seen: Iterable[str], restarts: Mapping[str, int]) -> Memory:
        """Return the memory after another look, at the time ``looked``, that saw the signatures ``seen``."""
        signatures = {**self.signatures, **dict.fromkeys(seen, looked)}
        newest = sorted(signatures.items(), key=lambda each: each[1], reverse=True)[:MOST]
        return Memory(looked, dict(newest), dict(restarts))


def recall(path: str) -> Memory:
    """Return what ``path`` holds; an empty memory if there is no such file, or it is damaged: then everything is new.

    :raises RefusedError: if it cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as stream:
            document = json.load(stream)
        if document["format"] != _FORMAT:
            return Memory()
        return Memory(str(document["looked"]), dict(document["signatures"]), dict(document["restarts"]))
    except FileNotFoundError:
        return Memory()
    except OSError as error:
        raise RefusedError(
            f"Failed to read {path}: {error.strerror}. Use become, or name another state_file."
        ) from error
    except (ValueError, KeyError, TypeError):
        return Memory()


def remember(path: str, memory: Memory) -> None:
    """Write ``memory`` to ``path``, whole or not at all.

    :raises RefusedError: if it cannot be written.
    """
    document = {
        "format": _FORMAT,
        "looked": memory.looked,
        "signatures": dict(memory.signatures),
        "restarts": dict(memory.restarts),
    }
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        write_file(path, json.dumps(document).encode(), replace=True)
    except OSError as error:
        raise RefusedError(f"Failed to write {path}: {error.strerror}. Name another state_file.") from error
