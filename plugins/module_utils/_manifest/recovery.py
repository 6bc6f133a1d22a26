# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a payload is opened by hand, with age and zstd alone. Pure."""

from __future__ import annotations

import shlex

from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import ZSTD, StoredObject

#: The file that the commands take for the private key.
IDENTITY = "identity.txt"


def plain_command(stored: StoredObject) -> str:
    """Return the shell command that writes what ``stored`` holds to standard output."""
    name, compressed = shlex.quote(stored.name), stored.compression == ZSTD
    if stored.recipients:
        return f"age --decrypt --identity {IDENTITY} {name}" + (" | zstd -d -c" if compressed else "")
    return f"zstd -d -c {name}" if compressed else f"cat {name}"
