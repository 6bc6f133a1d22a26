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
    ``error_kind`` among them tells the kinds below apart.
    """

    kind = "other"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = {"error_kind": self.kind, **details}


class RefusedError(OpsError):
    """The request cannot be honoured as it stands; nothing was touched."""

    kind = "refused"


class ToolError(OpsError):
    """An outside program or server is missing, failed or answered nonsense."""

    kind = "tool"


class RepositoryError(OpsError):
    """A repository cannot be read or written."""

    kind = "repository"


class BusyError(RepositoryError):
    """Somebody else holds the lease of this source."""

    kind = "busy"


class DamagedError(OpsError):
    """Stored bytes are not the bytes that were written."""

    kind = "damaged"


class ProofError(OpsError):
    """Content is sound as bytes, but it is not what the manifest claims."""

    kind = "proof"


class DisturbedError(OpsError):
    """Somebody else interfered while the work went on: nobody knows what it is worth."""

    kind = "disturbed"


class StoppedError(OpsError):
    """Somebody asked this process to end."""

    kind = "stopped"
