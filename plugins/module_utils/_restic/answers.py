# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restic says about snapshots and files, from its JSON (0.14 and later). Pure."""

from __future__ import annotations

import calendar
import json
import re
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node

#: The tag of all that this collection keeps in a repository, which may hold other snapshots as well.
OURS = "chatbot.ops"
#: The tag of a snapshot of files; the others hold the bytes of one payload.
FILES = "files"

_TIME = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$")
_FORMAT = "%Y-%m-%dT%H:%M:%S"
_KINDS = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "symlink": stat.S_IFLNK, "fifo": stat.S_IFIFO}
# restic writes modes as Go's os.FileMode, where these bits lie elsewhere.
_GO_BITS = ((1 << 23, stat.S_ISUID), (1 << 22, stat.S_ISGID), (1 << 20, stat.S_ISVTX))


@dataclass(frozen=True)
class Label:
    """What a snapshot of ours is: the object ``name`` of what lies under ``identifier`` at ``source`` of ``stack``."""

    stack: str
    source: str
    identifier: str
    name: str

    def to_tags(self, *, files: bool = False) -> str:
        """Return the tags of such a snapshot, as restic takes them."""
        words = [OURS, f"stack={self.stack}", f"source={self.source}", f"id={self.identifier}", f"name={self.name}"]
        return ",".join([*words, FILES] if files else words)


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of ours. ``tree`` is the SHA-256 of all that is in it; ``time`` is in nanoseconds since the epoch."""

    identifier: str
    tree: str
    time: int
    label: Label
    files: bool


def filter_tags(stack: str) -> str:
    """Return the tags that tell the snapshots of ``stack`` from all others."""
    return f"{OURS},stack={stack}"


def read_snapshots(text: str) -> list[Snapshot]:
    """Return the snapshots of ours in what ``restic snapshots --json`` printed, oldest first.

    :raises ToolError: if that is no such list.
    """
    try:
        found = [_snapshot(each) for each in json.loads(text) or []]
    except (ValueError, KeyError, TypeError) as error:
        raise ToolError(f"restic answered what is no list of snapshots: {error}.") from error
    return sorted((each for each in found if each is not None), key=lambda each: (each.time, each.identifier))


def _snapshot(document: Mapping[str, Any]) -> Snapshot | None:
    tags = document.get("tags") or []
    words = dict(tag.partition("=")[::2] for tag in tags if "=" in tag)
    if OURS not in tags or not {"stack", "source", "id", "name"} <= set(words):
        return None
    label = Label(words["stack"], words["source"], words["id"], words["name"])
    return Snapshot(document["id"], document["tree"], nanoseconds(document["time"]), label, FILES in tags)


def read_node(line: str) -> Node | None:
    """Return the file, folder or link that a line of ``restic ls --json`` tells of; None for one about something else.

    :raises ToolError: if the line is none of such.
    """
    try:
        document = json.loads(line)
        if document.get("struct_type", document.get("message_type")) != "node":
            return None
        mode = document["mode"]
        bits = sum(bit for go_bit, bit in _GO_BITS if mode & go_bit)
        return Node(
            path=document["path"].lstrip("/"),
            st_mode=_KINDS.get(document["type"], 0) | bits | mode & 0o777,
            st_size=document.get("size", 0),
            st_mtime_ns=nanoseconds(document["mtime"]),
            st_uid=document["uid"],
            st_gid=document["gid"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolError(f"restic listed what is no file: {error}.") from error


def nanoseconds(text: str) -> int:
    """Return a time as Go writes it in nanoseconds since the epoch; a datetime would lose some.

    :raises ValueError: if it is none.
    """
    match = _TIME.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no time")
    plain, fraction, zone = match.groups()
    seconds = calendar.timegm(time.strptime(plain, _FORMAT))
    if zone != "Z":
        offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
        seconds -= offset if zone[0] == "+" else -offset
    return seconds * 10**9 + int((fraction or "").ljust(9, "0"))


@dataclass
class Backed:
    """What a run of ``restic backup`` says. ``failed`` are the paths that it could not read, as it writes them."""

    snapshot: str = ""
    content_bytes: int = 0
    failed: list[str] = field(default_factory=list)

    def see(self, line: str) -> None:
        """Take a line of its output, standard or error, into account."""
        try:
            document = json.loads(line)
        except ValueError:
            return  # words for people
        kind = document.get("message_type") if isinstance(document, dict) else None
        if kind == "summary":
            self.snapshot, self.content_bytes = document["snapshot_id"], document["total_bytes_processed"]
        elif kind == "error" and document.get("during") != "scan":  # that one only counts beforehand
            self.failed.append(document.get("item", ""))


def lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Yield the lines in ``chunks``."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (each.decode("utf-8", "replace") for each in whole)
    if rest:
        yield rest.decode("utf-8", "replace")
