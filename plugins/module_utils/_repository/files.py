# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories that keep files as files, so that what did not change since the last backup is stored once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository, Upload


class FilesUpload(Upload):
    """An upload that takes files."""

    @abstractmethod
    def put_files(self, name: str, folder: str, left_out: Sequence[str] = ()) -> list[str]:
        """Keep all that is in ``folder`` (a real path) but ``left_out`` (relative paths) as payload ``name``.

        :return: the paths of those that were gone when they were to be read.
        :raises ToolError: if something cannot be read.
        """

    @abstractmethod
    def payload(self, name: str) -> StoredObject:
        """Return what the manifest is to say of payload ``name``, which was kept as files."""

    @abstractmethod
    def nodes(self, name: str) -> Iterator[Node]:
        """Yield what payload ``name`` holds: what was in the folder in the instant in which each was read."""


class FilesRepository(Repository):
    """A repository of such uploads. It encodes what it keeps by itself: payloads come to it as they are."""

    @abstractmethod
    def nodes(self, place: Place, backup_id: str, name: str) -> Iterator[Node]:
        """Yield what payload ``name`` holds, a folder before what is in it."""

    @abstractmethod
    def check_files(self, place: Place, backup_id: str, name: str) -> None:
        """Read all of payload ``name``.

        :raises DamagedError: if anything is missing, or is not what was stored.
        """

    @abstractmethod
    def restore_files(self, place: Place, backup_id: str, name: str, folder: str) -> None:
        """Write what payload ``name`` holds into ``folder``, with modes, times and, as root, owners.

        :raises DamagedError: if anything is missing, or is not what was stored.
        """
