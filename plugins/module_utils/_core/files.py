# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders: durable writes, atomic exchange, free space, and who has what open."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def fsync_folder(path: str) -> None:
    """Make the names in folder ``path`` durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_file(path: str, content: bytes, *, replace: bool) -> None:
    """Write ``content`` durably under the name ``path`` (mode 0600): whole, or not at all.

    :raises FileExistsError: if the name is taken and ``replace`` is false.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.partial")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        if replace:
            os.replace(temporary, path)
        else:
            # A hard link, unlike a rename, fails where the name exists.
            os.link(temporary, path)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
    fsync_folder(folder)


def exchange(one: str, other: str) -> None:
    """Swap the names of two folders in one atomic step (``renameat2`` with RENAME_EXCHANGE, Linux 3.15).

    :raises OpsError: where the file system cannot do so; both keep their names.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0:
        fsync_folder(os.path.dirname(os.path.abspath(one)))
        return
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS):
        raise OpsError(f"Failed to swap {one} and {other}: their file system cannot exchange two folders in one step.")
    raise OpsError(f"Failed to swap {one} and {other}: {os.strerror(number)}.")


def require_space(folder: str, needed: int, purpose: str) -> None:
    """Refuse when fewer than ``needed`` bytes are free to us in ``folder``.

    :raises RefusedError: naming the folder, what is needed, what is there and ``purpose``.
    """
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if free < needed:
        raise RefusedError(
            f"Not enough space in {folder} for {purpose}: {needed} bytes are needed, {free} are free. "
            "Free some, or name another folder."
        )


def users_of(folder: str) -> Iterator[tuple[int, str]]:
    """Yield (pid, program name) of each other process that has a file of ``folder`` open, as far as we may look."""
    inside = os.path.realpath(folder) + os.sep
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid() and _has_open(entry, inside):
            try:
                with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as stream:
                    yield int(entry), stream.read().strip()
            except OSError:
                continue  # it ended meanwhile


def _has_open(pid: str, inside: str) -> bool:
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return False  # not ours to look at, or gone
    for descriptor in descriptors:
        try:
            if os.readlink(f"/proc/{pid}/fd/{descriptor}").startswith(inside):
                return True
        except OSError:
            continue
    return False
