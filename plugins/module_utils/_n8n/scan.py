# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at every file of a data folder, in bounded memory whatever their number."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import (
    ARCHIVED_MODE,
    CONFIG,
    execution_of,
    is_left_out,
    is_log,
    leads_out,
)

_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
_MODULUS = 1 << 256
_MOST_LINKS_OUT = 100


@dataclass(frozen=True)
class Found:
    """A file, folder or symbolic link, by its path relative to the data folder; ``target`` is a link's."""

    path: str
    status: os.stat_result | Node
    target: str = ""

    @property
    def kind(self) -> str:
        """``file``, ``folder`` or ``link``."""
        return _KINDS[stat.S_IFMT(self.status.st_mode)]


def look_at(path: str, name: str) -> Found | None:
    """Return what lies at ``path`` under the name ``name``; None if it is gone, or is nothing that holds data.

    A socket, a pipe or a device holds none.
    """
    try:
        status = os.lstat(path)
        target = os.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Found(name, status, target) if stat.S_IFMT(status.st_mode) in _KINDS else None


def walk(folder: str, database_file: str | None) -> Iterator[Found]:
    """Yield all that belongs into an archive of ``folder`` (a real path), but the folder itself and its database.

    A folder comes before what is in it. What vanishes meanwhile is left out, as if it had vanished before.

    :raises ToolError: if a folder cannot be read.
    """
    iterators, skipped = [_entries(folder, folder)], len(folder.rstrip(os.sep)) + 1
    while iterators:
        path = next(iterators[-1], None)
        if path is None:
            iterators.pop()
            continue
        name = path[skipped:]
        found = None if name == database_file or is_left_out(name, database_file) else look_at(path, name)
        if found is None:
            continue
        yield found
        if found.kind == "folder":
            iterators.append(_entries(path, folder))


def _entries(path: str, folder: str) -> Iterator[str]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                yield entry.path
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ToolError(
            f"Failed to read {path} in n8n's data folder {folder}: {error.strerror}. Run as its owner, or with become."
        ) from error


class Inventory:
    """The sum of what lies in a data folder and does not come and go: no logs, no data of unfinished executions.

    :param is_settled: tells whether an execution, by its id, is finished and meant to stay.
    """

    def __init__(self, is_settled: Callable[[str], bool]) -> None:
        self._is_settled = is_settled
        self._counts = {"file": 0, "folder": 0, "link": 0}
        self._bytes = 0
        self._names, self._looks, self._owners = 0, 0, 0
        self.links_out: list[str] = []

    def counts(self, path: str) -> bool:
        """Tell whether what lies at ``path`` stays, so that it counts."""
        execution = execution_of(path)
        return not is_log(path) and (execution is None or self._is_settled(execution))

    def add(self, found: Found) -> None:
        """Take ``found``, which counts, into account."""
        status = found.status
        size = status.st_size if found.kind == "file" else 0
        # A folder's time is that of whatever came or went in it. The mode of config is set by a restore, and by n8n 2.x.
        # To the nanosecond: two files of one size may be written within one second.
        time = status.st_mtime_ns if found.kind == "file" else 0
        mode = 0 if found.path == CONFIG or found.kind == "link" else stat.S_IMODE(status.st_mode) & ARCHIVED_MODE
        self._counts[found.kind] += 1
        if found.kind == "link" and leads_out(found.path, found.target):
            self._note_link_out(found.path)
        self._bytes += size
        self._names = _plus(self._names, found.path, found.kind, size, found.target)
        self._looks = _plus(self._looks, found.path, found.kind, size, found.target, mode, time)
        self._owners = _plus(self._owners, found.path, status.st_uid, status.st_gid)

    def _note_link_out(self, path: str) -> None:
        if len(self.links_out) >= _MOST_LINKS_OUT:
            raise ToolError(
                f"More than {_MOST_LINKS_OUT} symbolic links lead out of n8n's data folder, such as {path}. What lies there "
                "would not be in the backup: put it into the folder, or remove the links."
            )
        self.links_out.append(os.fsencode(path).decode("utf-8", "backslashreplace"))

    def to_proof(self) -> dict[str, Any]:
        """Return what a copy of the folder must have, too, wherever it lies and whoever owns it."""
        return {
            "count": self._counts["file"],
            "bytes": self._bytes,
            "folders": self._counts["folder"],
            "links": self._counts["link"],
            "names_sha256": _hex(self._names),
        }

    def to_marks(self) -> dict[str, str]:
        """Return what tells, without reading a file, that nobody changed anything since: modes, times and owners."""
        return {"looks": _hex(self._looks), "owners": _hex(self._owners)}


def _plus(total: int, *fields: object) -> int:
    """Return ``total`` with one more record. A sum of digests needs no order, and so no list in memory."""
    record = "\0".join(str(field) for field in fields).encode("utf-8", "surrogateescape")
    return (total + int.from_bytes(hashlib.sha256(record).digest(), "big")) % _MODULUS


def _hex(total: int) -> str:
    return f"{total:064x}"
