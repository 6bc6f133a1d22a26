# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file systems of the host: how full they are."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

#: Those that keep files on a disk of this host. One of the network may hang whoever asks it: it is looked at only by name.
_KINDS = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "vfat", "exfat"}
)
_MOUNTS = "/proc/self/mounts"
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True)
class Mount:
    """What is mounted at ``point``: ``device``, of the ``kind`` that the kernel calls it."""

    device: str
    point: str
    kind: str
    read_only: bool


def read_mounts(text: str) -> list[Mount]:
    """Return what ``/proc/self/mounts`` tells; see proc_pid_mounts(5). Pure."""
    found = []
    for line in text.splitlines():
        device, point, kind, options = line.split(" ")[:4]
        found.append(Mount(_plain(device), _plain(point), kind, "ro" in options.split(",")))
    return found


def real_ones(mounts: Iterable[Mount]) -> list[Mount]:
    """Return the mounts that are disks, each device once, at the shortest of its paths. Pure.

    The root counts whatever it is: in a container it is an overlay.
    """
    chosen: dict[str, Mount] = {}
    for each in sorted(mounts, key=lambda mount: (len(mount.point), mount.point)):
        if each.point != "/" and (each.kind not in _KINDS or each.read_only):
            continue
        chosen.setdefault(each.device, each)
    return sorted(chosen.values(), key=lambda mount: mount.point)


def look_at_disks(points: Sequence[str]) -> dict[str, Any]:
    """Return how full each is, at the mount points ``points`` or, without any, all real ones."""
    with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as stream:
        mounts = read_mounts(stream.read())
    if points:
        by_point = {each.point: each for each in mounts}
        chosen = [by_point.get(each.rstrip("/") or "/", Mount("", each, "", False)) for each in points]
    else:
        # The engine mounts single files into containers, and so into a server that is one.
        chosen = real_ones(each for each in mounts if _is_folder(each.point))
    return {"disks": [_look(each) for each in chosen]}


def _look(mount: Mount) -> dict[str, Any]:
    found: dict[str, Any] = {"mount": mount.point, "device": mount.device, "type": mount.kind, "problem": None}
    nothing = dict.fromkeys(
        ("size_bytes", "used_bytes", "available_bytes", "bytes_percent", "inodes", "inodes_percent")
    )
    if not mount.kind:
        return {**found, **nothing, "problem": "Nothing is mounted there."}
    try:
        status = os.statvfs(mount.point)
    except OSError as error:
        return {**found, **nothing, "problem": str(error.strerror)}
    used = (status.f_blocks - status.f_bfree) * status.f_frsize
    available = status.f_bavail * status.f_frsize
    inodes = status.f_files or None  # btrfs has none
    return {
        **found,
        "size_bytes": status.f_blocks * status.f_frsize,
        "used_bytes": used,
        "available_bytes": available,
        # As df counts: what is kept back for root is neither used nor there for others.
        "bytes_percent": round(100 * used / (used + available), 2) if used + available else 0.0,
        "inodes": inodes,
        "inodes_percent": round(100 * (inodes - status.f_favail) / inodes, 2) if inodes else None,
    }


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _plain(word: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), word)
