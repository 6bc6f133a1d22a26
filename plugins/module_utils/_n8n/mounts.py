# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems: which one a folder lies on, and what is mounted on or below it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TABLE = "/proc/self/mountinfo"
_ESCAPE = re.compile(r"\\([0-7]{3})")
# Their locks don't reach every process that may have the file open, or are none at all.
_UNRELIABLE = re.compile(r"^(?:nfs4?|cifs|smb3|9p|virtiofs|ceph|glusterfs|fuse(?:\..+)?|fuseblk|vboxsf|prl_fs)$")


@dataclass(frozen=True)
class Mount:
    """A mounted file system: where, and of which type."""

    point: str
    type: str


_UNKNOWN = Mount("/", "unknown")  # below a chroot, the root itself may not be in the table


def parse_mounts(lines: Iterable[str]) -> list[Mount]:
    """Return the mounts in the lines of ``/proc/<pid>/mountinfo`` (proc(5)), in the order in which they were made."""
    mounts = []
    for line in lines:
        before, _dash, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            point = _ESCAPE.sub(lambda match: chr(int(match.group(1), 8)), fields[4])
            mounts.append(Mount(point, after.split(" ")[0]))
    return mounts


def mounts() -> list[Mount]:
    """Return what this process sees mounted."""
    with open(_TABLE, encoding="utf-8", errors="surrogateescape") as stream:
        return parse_mounts(stream)


def holder_of(path: str, table: Sequence[Mount]) -> Mount:
    """Return the mount of ``table`` that ``path`` (real and absolute) lies on; the latest at a place hides the others."""
    holders = [each for each in table if path == each.point or path.startswith(each.point.rstrip("/") + "/")]
    return max(enumerate(holders), key=lambda pair: (len(pair[1].point), pair[0]), default=(0, _UNKNOWN))[1]


def mounted_within(path: str, table: Sequence[Mount]) -> list[str]:
    """Return the mount points of ``table`` at or below ``path`` (real and absolute)."""
    return sorted({each.point for each in table if os.path.commonpath([each.point, path]) == path})


def has_unreliable_locks(mount: Mount) -> bool:
    """Tell whether SQLite's locks cannot be relied on there (https://www.sqlite.org/faq.html, question 5)."""
    return _UNRELIABLE.match(mount.type) is not None
