# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's encryption key: where it comes from, and which one counts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import fingerprint
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import CONFIG

#: What every module that opens n8n's credentials takes (documented in the fragment ``n8n_key``).
KEY_ARGUMENTS: dict[str, Any] = {
    "encryption_key": {"type": "str", "no_log": True},
    "encryption_key_file": {"type": "path", "no_log": False},
}
KEY_EXCLUSIVE = ("encryption_key", "encryption_key_file")


@dataclass(frozen=True)
class Key:
    """The key in use; ``kept`` tells whether the data folder itself holds it. None: there is none."""

    value: str | None = field(repr=False)
    kept: bool

    @property
    def fingerprint(self) -> str | None:
        """Its fingerprint, or None where there is no key."""
        return None if self.value is None else fingerprint(self.value)


def given_key(params: Mapping[str, Any]) -> str | None:
    """Return the key that the module parameters give, or None.

    :raises RefusedError: if the file that should hold it cannot be read, or is empty.
    """
    path = params["encryption_key_file"]
    if path is None:
        return params["encryption_key"] or None
    try:
        with open(path, encoding="utf-8") as stream:
            key = stream.read().strip()  # as n8n does with N8N_ENCRYPTION_KEY_FILE
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise RefusedError(f"Failed to read n8n's encryption key from {path}: {reason}.") from error
    if not key:
        raise RefusedError(f"Failed to read n8n's encryption key from {path}: the file is empty.")
    return key


def key_of_folder(folder: str, given: str | None) -> Key:
    """Return the key that n8n would use with data folder ``folder`` and ``given`` in its environment.

    :raises RefusedError: if ``config`` cannot be read, or holds another key than ``given``: n8n would not start so.
    """
    kept = _kept_key(os.path.join(folder, CONFIG))
    if kept is not None and given is not None and kept != given:
        raise RefusedError(
            f"The encryption key given is not the one in {os.path.join(folder, CONFIG)}; n8n refuses to start with two. "
            "Leave encryption_key out if the file is right, or remove the file if the environment is."
        )
    return Key(given if kept is None else kept, kept is not None)


def _kept_key(path: str) -> str | None:
    """Return the key in the ``config`` file ``path``; its content is a secret, and stays out of all messages."""
    try:
        with open(path, encoding="utf-8") as stream:
            key = json.load(stream).get("encryptionKey")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedError(
            f"Failed to read n8n's encryption key from {path}: {error.strerror}. Run as its owner, or with become."
        ) from error
    except (ValueError, AttributeError):
        raise RefusedError(f"Failed to read n8n's encryption key from {path}: it is no JSON object.") from None
    return key if isinstance(key, str) and key else None
