# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the host keys that a server shows are the ones it is known to have."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError


def judge_host_keys(
    shown: Sequence[str], *, pinned: str = "", digest: str = "", known: Sequence[str] = (), accept_new: bool = False
) -> dict[str, Any]:
    """Tell which of the shown keys to remember, and why they are believed.

    What says most about a server goes first: the key that the user pinned, then the digest that the provider keeps,
    then what ``known_hosts`` has of its address, which may be that of an older server. They are not mixed.

    :param shown: lines of ``ssh-keyscan``: a name, a type and a key in base64; comments are left out.
    :param pinned: a public key, as ``ssh-ed25519 AAAA...``.
    :param digest: the SHA-224 in hexadecimal digits of such a key: what fits into a label of every provider.
    :param known: lines of ``ssh-keygen -F``.
    :param accept_new: whether a server of which nothing is known may show any key.
    :return: ``source`` (``pinned``, ``provider``, ``known`` or ``new``), ``remember``, the keys to write into
        ``known_hosts``, and ``fingerprints``, those that are believed.
    :raises RefusedError: if no key is believed.
    """
    keys = _keys(shown)
    if not keys:
        raise RefusedError(
            "The server showed no host key. See whether an SSH server answers there, and run this again."
        )
    wanted = _keys([f"- {pinned}"])
    if pinned:
        source, believed = "pinned", [key for key in keys if key in wanted]
    elif digest:
        source, believed = "provider", [key for key in keys if hashlib.sha224(key.encode()).hexdigest() == digest]
    elif known:
        source, believed = "known", [key for key in keys if key in _keys(known)]
    else:
        source, believed = "new", keys if accept_new else []
    if not believed:
        raise RefusedError(_refusal(source, keys))
    return {
        "source": source,
        "remember": [] if source == "known" else believed,
        "fingerprints": [fingerprint(key) for key in believed],
    }


def fingerprint(key: str) -> str:
    """Return a public key's fingerprint, as OpenSSH and the providers' consoles show it.

    :param key: ``ssh-ed25519 AAAA...``
    """
    raw = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return f"SHA256:{base64.b64encode(raw).decode().rstrip('=')}"


def _keys(lines: Sequence[str]) -> list[str]:
    """The keys of lines that name a host first; those of ``@cert-authority`` and ``@revoked`` are none of a host."""
    words = [line.split() for line in lines if not line.startswith(("#", "@"))]
    return [f"{each[1]} {each[2]}" for each in words if len(each) > 2]


def _refusal(source: str, keys: Sequence[str]) -> str:
    shows = "The server shows " + ", ".join(f"{key.split()[0]} {fingerprint(key)}" for key in keys)
    reasons = {
        "pinned": "and not the key in server_host_key. Another machine may answer at this address.",
        "provider": (
            "and not the key that it was made with, by the label or tag that the provider keeps. Another machine may "
            "answer at this address, or the server was installed anew: then set server_host_key."
        ),
        "known": (
            "and server_known_hosts has other keys of this address. Another machine may answer there. If it is a new "
            "server at an old address, set server_host_key to its key, which replaces the old one."
        ),
        "new": (
            "and nobody knows whether that is its key. Compare it with what the server's console tells (ssh-keygen "
            "-lf /etc/ssh/ssh_host_ed25519_key.pub) and set server_host_key; or set server_accept_new_host_key to true "
            "to believe it unseen."
        ),
    }
    return f"{shows}, {reasons[source]}"
