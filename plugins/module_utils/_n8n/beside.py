# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New content built beside a folder, and put in its place in one atomic step.

The scheme, for a target ``/srv/n8n``. All names lie in ``/srv``, on which a lock is held throughout:

- ``.n8n.making-…``: a folder that is to become the next.
- ``.n8n.restore-<backup id>-<inode>``: the new content while it is built; the name holds the inode of that very folder.
- The swap exchanges this name and ``n8n``. From then on the name leads to the old content, whose inode is another one:
  that alone tells, after a kill at any instant, whether the swap took place. No marker file has to be kept in step.
- ``n8n.previous-<UTC time>``: the old content's final name, as a safety copy. Or ``.n8n.discard-…``, to be removed.

The kernel drops the lock when its holder dies, so that whatever carries such a name at the next start is a leftover:
a safety copy that lacks its final name gets it, everything else is removed.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import (
    exchange,
    fsync_folder,
    remove_tree,
    sync_file_system,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now

_BUILT = re.compile(r"\.restore-[^/]+-(\d+)$")


@dataclass(frozen=True)
class Place:
    """A folder to be replaced, by its real path."""

    target: str

    @property
    def parent(self) -> str:
        """The folder in which it lies."""
        return os.path.dirname(self.target)

    @property
    def is_occupied(self) -> bool:
        """Whether there is anything in it."""
        return os.path.isdir(self.target) and bool(os.listdir(self.target))

    def beside(self, name: str) -> str:
        """Return the path of a hidden folder beside it."""
        return os.path.join(self.parent, f".{os.path.basename(self.target)}.{name}")

    def previous(self) -> str:
        """Return a free path for a safety copy."""
        wanted = f"{self.target}.previous-{now():%Y%m%dT%H%M%SZ}"
        names = [wanted, *(f"{wanted}-{number}" for number in range(2, 100))]
        return next(name for name in names if not os.path.lexists(name))


@contextmanager
def held(place: Place) -> Iterator[None]:
    """Hold the right to replace ``place``, and finish or remove what killed runs left beside it.

    :raises BusyError: if another process holds it.
    """
    descriptor = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"Another restore is at work in {place.parent}. Try again when it has ended.") from error
        except OSError as error:
            raise RefusedError(
                f"The file system of {place.parent} cannot lock a folder ({error.strerror}). Restore to a local one."
            ) from error
        _tidy_up(place)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def new_content(place: Place, backup_id: str) -> Iterator[str]:
    """Give an empty folder (mode 0700) beside ``place``, to be filled and swapped in; unless it was, it is removed.

    The right to ``place`` is held (see :func:`held`).

    :raises OpsError: if the file system could not exchange it with ``place`` later on.
    """
    made, folder = _make(place), ""
    try:
        _require_exchange(place, made)
        folder = place.beside(f"restore-{backup_id}-{os.stat(made).st_ino}")
        os.rename(made, folder)
        yield folder
    finally:
        remove_tree(made)
        if _is_new(folder):
            remove_tree(folder)


def swap_in(place: Place, folder: str, *, keep_previous: bool) -> str | None:
    """Put ``folder``, made by :func:`new_content`, in the place of the target, and return where the old content is now.

    Killed at any instant, the target has its old content or its new one.

    :returns: None if there was no old content, or it was not to be kept.
    """
    sync_file_system(folder)
    if not place.is_occupied:
        # Takes the place of an empty folder, too, in one step.
        os.rename(folder, place.target)
        fsync_folder(place.parent)
        return None
    exchange(folder, place.target)
    return _put_away(place, folder, place.previous() if keep_previous else None)


def _put_away(place: Place, old: str, previous: str | None) -> str | None:
    """Give the old content its final name, or remove it."""
    if previous is not None:
        os.rename(old, previous)
        fsync_folder(place.parent)
        return previous
    # Half removed it is no safety copy any more: its name has to tell so before the first file goes.
    discarded = place.beside(f"discard-{os.stat(old).st_ino}")
    os.rename(old, discarded)
    remove_tree(discarded)
    return None


def _tidy_up(place: Place) -> None:
    for name in os.listdir(place.parent):
        path = os.path.join(place.parent, name)
        if path.startswith((place.beside("making-"), place.beside("discard-"))):
            remove_tree(path)
        elif path.startswith(place.beside("restore-")) and _BUILT.search(path):
            if _is_new(path):
                remove_tree(path)
            else:
                _put_away(place, path, place.previous())


def _is_new(path: str) -> bool:
    """Tell whether the folder at ``path`` is the very one that was made for new content: not gone, not swapped."""
    match = _BUILT.search(path)
    return match is not None and os.path.lexists(path) and os.lstat(path).st_ino == int(match.group(1))


def _make(place: Place) -> str:
    try:
        return tempfile.mkdtemp(prefix=os.path.basename(place.beside("making-")), dir=place.parent)
    except OSError as error:
        raise OpsError(
            f"Failed to make a folder in {place.parent}: {error.strerror}. A restore builds beside its target; "
            "let this user write there, or run with become."
        ) from error


def _require_exchange(place: Place, made: str) -> None:
    """Try the exchange on two empty folders: to learn only after hours of decoding that it cannot be done is too late."""
    if place.is_occupied:
        other = _make(place)
        try:
            exchange(made, other)
        finally:
            os.rmdir(other)
