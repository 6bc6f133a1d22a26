# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption with age (1.0 and newer): to public keys that the server has, readable with private ones that it lacks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

_SECRET_PREFIXES = ("AGE-SECRET-KEY-", "-----BEGIN")


def encrypt(recipients: Sequence[str]) -> Command:
    """Return the command that encrypts standard input to ``recipients``: any one of them can read it."""
    keys = [word for each in recipients for word in ("--recipient", each)]
    return Command((find_program("age"), "--encrypt", *keys), name="age")


def require_recipients(recipients: Sequence[str]) -> None:
    """Encrypt nothing to ``recipients``, to see that it works.

    :raises RefusedError: if one of them is no public key. A private one given by mistake is not repeated.
    :raises ToolError: if age is missing.
    """
    for number, each in enumerate(recipients, start=1):
        if each.strip().startswith(_SECRET_PREFIXES):
            raise RefusedError(
                f"Parameter recipients: number {number} is a private key, which must not come to this server. Give the "
                "public one that belongs to it (age-keygen -y), and replace the pair if it was in a file that others read."
            )
        try:
            run_pipeline([encrypt([each])], source=[], sink=lambda _chunk: None)
        except ToolError as error:
            raise RefusedError(
                f"Parameter recipients: age takes {each!r} for no recipient: {error.message}. Give a public key of age "
                "(age1...) or of SSH (ssh-ed25519 or ssh-rsa ...)."
            ) from error


@dataclass(frozen=True)
class Identities:
    """The private keys at hand.

    :param text: what an identity file holds (never in a message); it stays in memory.
    :param path: an identity file on this host.
    """

    text: str | None = field(default=None, repr=False)
    path: str | None = None

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return self.text is not None or self.path is not None

    def decrypt(self) -> Command:
        """Return the command that decrypts standard input.

        :raises RefusedError: if there is nothing to do it with.
        """
        return Command((find_program("age"), "--decrypt", "--identity", self._file()), name="age --decrypt")

    def _file(self) -> str:
        if self.text is not None:
            return _in_memory(self.text)
        if self.path is None:
            raise RefusedError("The backup is encrypted. Give the identity of one of its recipients.")
        if not os.access(self.path, os.R_OK):
            raise RefusedError(
                f"The identity file {self.path} is not on this host, or this user may not read it. "
                "Give its content as identity instead, or name another file."
            )
        return self.path


_descriptors: dict[str, int] = {}


def _in_memory(text: str) -> str:
    """Return a path under which our own processes, and nobody else's, read ``text``; it is never on a disk."""
    if text not in _descriptors:
        descriptor = _descriptors[text] = os.memfd_create("identity")
        os.write(descriptor, text.strip().encode("utf-8") + b"\n")
    return f"/proc/{os.getpid()}/fd/{_descriptors[text]}"
