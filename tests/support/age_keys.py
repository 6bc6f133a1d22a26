# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of keys for tests."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class Pair:
    """A recipient and its identity file."""

    recipient: str
    path: Path

    @property
    def text(self) -> str:
        """What the identity file holds."""
        return self.path.read_text(encoding="utf-8")


def age_pair(path: Path) -> Pair:
    """Make a pair of age keys; ``path`` becomes the identity file."""
    keygen = find_program("age-keygen")
    subprocess.run([keygen, "-o", path], check=True, capture_output=True)
    public = subprocess.run([keygen, "-y", path], check=True, capture_output=True, text=True)
    return Pair(public.stdout.strip(), path)


def ssh_pair(path: Path) -> Pair:
    """Make a pair of SSH keys; ``path`` becomes the private one."""
    # Not by ssh-keygen: a bare machine has none.
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return Pair(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(), path)
