# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this host keeps about a repository of restic: leases, what small snapshots hold, and whether it owes space.

To read a snapshot takes most of a second, and a list of backups needs one for each. What a snapshot holds never changes,
as its id is a digest: what was read once needs not be read again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place
from ansible_collections.chatbot.ops.plugins.module_utils._repository.file_lease import hold_file_lease
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Snapshot

_READERS = 4


class State:
    """The folder of one repository below the user's cache, which nobody else can write to."""

    def __init__(self, key: str) -> None:
        caches = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self._folder = os.path.join(caches, "chatbot-ops", "restic", key)

    @contextmanager
    def lease(self, place: Place, title: str) -> Iterator[None]:
        """Hold the lease of ``place`` on this host.

        :raises BusyError: if another process here holds it.
        """
        path = os.path.join(self._own(), f"{place.stack}.{place.source}.lease")
        with hold_file_lease(path, place, title):
            yield

    def owe_space(self) -> bool:
        """Note durably that the space of what is removed is to be given back; tell whether that was noted already."""
        if self.owes_space():
            return True
        write_file(self._debt(), b"", replace=True)
        return False

    def owes_space(self) -> bool:
        """Tell whether somebody here removed something, and has not given its space back yet."""
        return os.path.exists(self._debt())

    def settle_space(self) -> None:
        """Note that all space was given back."""
        os.unlink(self._debt())

    def _debt(self) -> str:
        return os.path.join(self._own(), "owes-space")

    def contents(
        self, snapshots: Collection[Snapshot], everything: Collection[Snapshot], read: Callable[[Snapshot], bytes]
    ) -> dict[str, bytes]:
        """Return what ``snapshots`` hold, by their ids.

        :param everything: all snapshots there are of their stack. What is kept of others of that stack goes.
        """
        if not snapshots:
            return {}
        folder = self._own("contents", next(iter(snapshots)).label.stack)

        def content(snapshot: Snapshot) -> bytes:
            path = os.path.join(folder, snapshot.identifier)
            with suppress(FileNotFoundError), open(path, "rb") as stream:
                return stream.read()
            found = read(snapshot)
            with suppress(OSError):  # a full disk only makes the next list slower
                write_file(path, found, replace=True)
            return found

        for name in set(os.listdir(folder)) - {each.identifier for each in everything}:
            with suppress(OSError):
                os.unlink(os.path.join(folder, name))
        with ThreadPoolExecutor(_READERS) as readers:
            return dict(zip([each.identifier for each in snapshots], readers.map(content, snapshots)))

    def _own(self, *below: str) -> str:
        """Return our folder, or one below it, made if it is not there.

        :raises RefusedError: if it cannot be made, or is not ours alone.
        """
        folder = os.path.join(self._folder, *below)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise RefusedError(
                f"The folder {folder} cannot be made: {error.strerror}. Set XDG_CACHE_HOME to a folder that this user "
                "can write to."
            ) from error
        status = os.stat(self._folder)
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            raise RefusedError(f"Others can write to {self._folder}. Remove it; it holds copies only.")
        return folder
