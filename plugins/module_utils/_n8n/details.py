# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a manifest of an n8n backup holds beside the proof, for whoever restores it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest


@dataclass(frozen=True)
class Details:
    """The details of one backup.

    ``database_file`` and ``journal_mode`` are None if n8n kept its data elsewhere. ``members`` counts what tar archived.
    ``marks`` are those of the inventory, ``folder`` is the data folder's owner and mode.
    ``volume`` tells of the Docker volume that it was, if it was one. ``links_out`` names the symbolic links that lead out
    of the folder: what lies there is not in the backup.
    """

    database_file: str | None
    table_prefix: str
    journal_mode: str | None
    key_in_backup: bool
    members: int
    marks: dict[str, str]
    folder: dict[str, Any]
    volume: dict[str, Any] | None = None
    links_out: list[str] = field(default_factory=list)

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return asdict(self)


def details_of(manifest: Manifest) -> Details:
    """Return the details in ``manifest``.

    :raises DamagedError: if it lacks one.
    """
    try:
        return Details(**manifest.details)
    except TypeError as error:
        raise DamagedError(f"The manifest of {manifest.backup_id} is none of an n8n backup: {error}.") from error
