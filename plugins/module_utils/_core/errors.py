# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's one error tree.

The library raises these, a module's ``main()`` reports them. A message says what was being done, to what, why it
failed and what to do next, and never holds a secret.
"""

from __future__ import annotations

from typing import Any


class OpsError(Exception):
    """Base of all errors that a user is meant to read.

    ``details`` (JSON values only) joins the result of the failed module, so that a playbook can act on it.
    """

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class RefusedError(OpsError):
    """The request cannot be honoured as it stands; nothing was touched."""


class ToolError(OpsError):
    """An outside program or server is missing, failed or answered nonsense."""


class RepositoryError(OpsError):
    """A repository cannot be read or written."""


class BusyError(RepositoryError):
    """Somebody else holds the lease of this source."""


class DamagedError(OpsError):
    """Stored bytes are not the bytes that were written."""


class ProofError(OpsError):
    """Content is sound as bytes, but it is not what the manifest claims."""


class DisturbedError(OpsError):
    """Somebody else interfered while the work went on: nobody knows what it is worth."""


class StoppedError(OpsError):
    """Somebody asked this process to end."""
