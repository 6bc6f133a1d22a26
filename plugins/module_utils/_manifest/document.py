# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JSON document that notices any change of its bytes.

It has one spelling only (sorted keys, two spaces, a final newline) and ends with the SHA-256 of that spelling without
the digest. A reader writes it anew and compares: a flipped bit anywhere, in white space too, does not pass.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError

_SEAL = "~sha256"  # "~" sorts behind every letter: the seal closes the document


def _spell(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def seal(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of ``document`` (JSON values only) with its seal."""
    return _spell({**document, _SEAL: hashlib.sha256(_spell(document)).hexdigest()})


def unseal(content: bytes, title: str) -> dict[str, Any]:
    """Return the document in ``content``, proven unchanged.

    :param title: what it is, for the message.
    :raises DamagedError: if a single byte differs from what :func:`seal` returned.
    """
    try:
        document = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise DamagedError(f"{title} is damaged: it is no JSON document.") from error
    if not isinstance(document, dict):
        raise DamagedError(f"{title} is damaged: it is no JSON object.")
    document.pop(_SEAL, None)
    if seal(document) != content:
        raise DamagedError(f"{title} is damaged: its content does not match its own digest.")
    return document
