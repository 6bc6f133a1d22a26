# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders: durable writes, atomic exchange, free space, and who has what open."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
import time
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


def write_file(path: str, content: bytes, *, replace: bool, mode: int = 0o600) -> None:
    """Write ``content`` durably under the name ``path``: whole, or not at all.

    :raises FileExistsError: if the name is taken and ``replace`` is false.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.partial")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(descriptor, mode)
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


def sync_file_system(path: str) -> None:
    """Make all that was written to the file system of folder ``path`` durable."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if libc.syncfs(descriptor) != 0:
            raise OpsError(f"Failed to write {path} to the disk: {os.strerror(ctypes.get_errno())}.")
    finally:
        os.close(descriptor)


def remove_tree(path: str, *, patience: float = 5.0) -> None:
    """Remove folder ``path`` with all that is in it; it may be gone already.

    A process of a killed run may still write to it for a moment, so that it is tried again for ``patience`` seconds.

    :raises OpsError: if something stays.
    """
    deadline = time.monotonic() + patience
    while os.path.lexists(path):
        try:
            _open_up(path)
            shutil.rmtree(path)
        except OSError as error:
            if time.monotonic() > deadline:
                raise OpsError(f"Failed to remove {path}: {error.strerror}. Remove it by hand.") from error
            time.sleep(0.1)


def _open_up(path: str) -> None:
    """Let ourselves into every folder of ``path``: none but root may empty one that is not writable."""
    if os.geteuid() == 0:
        return
    os.chmod(path, stat.S_IRWXU)
    for folder, below, _files in os.walk(path):
        for name in below:
            each = os.path.join(folder, name)
            if not os.path.islink(each):
                os.chmod(each, stat.S_IRWXU)


def users_of(folder: str) -> Iterator[tuple[int, str]]:
    """Yield (pid, program name) of each other process that has a file of ``folder`` open, as far as we may look.

    A process in a container knows the folder by another name. It is found by the files that lie directly in ``folder``.
    """
    inside = os.path.realpath(folder) + os.sep
    with os.scandir(folder) as entries:
        files = {_identity(each.stat(follow_symlinks=False)) for each in entries if each.is_file(follow_symlinks=False)}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid() and _has_open(entry, inside, files):
            try:
                with open(f"/proc/{entry}/comm", encoding="utf-8", errors="replace") as stream:
                    yield int(entry), stream.read().strip()
            except OSError:
                continue  # it ended meanwhile


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _has_open(pid: str, inside: str, files: set[tuple[int, int]]) -> bool:
    try:
        descriptors = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        return False  # not ours to look at, or gone
    for descriptor in descriptors:
        link = f"/proc/{pid}/fd/{descriptor}"
        try:
            if os.readlink(link).startswith(inside) or _identity(os.stat(link)) in files:
                return True
        except OSError:
            continue
    return False
