# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands before tar when an archive is read, and lets nothing pass that no backup of ours holds.

Whoever may write to a repository may put an archive there that tar would follow out of its folder. Each member is judged
by its headers before tar sees them.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterable

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Tap
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import leads_out

_BLOCK = tarfile.BLOCKSIZE
_ZEROS = bytes(_BLOCK)
_FILES, _FOLDER, _LINK, _HARD_LINK = (
    (tarfile.REGTYPE, tarfile.AREGTYPE),
    tarfile.DIRTYPE,
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
)
_EXTENDED = tarfile.XHDTYPE  # a PAX header: attributes of the member that follows
_LONGEST_HEADER = 1 << 20
_SPARSE = "GNU.sparse."


class Guard(Tap):
    """Judges an archive that goes by.

    :param title: whose archive it is, for messages.
    :param members: how many members it has at most.
    :param links_out: the symbolic links in it that may lead out of its folder, by their paths. Nothing is extracted
        through any link.
    """

    def __init__(self, title: str, members: int, links_out: Iterable[str] = ()) -> None:
        super().__init__()
        self._title, self._left, self._links_out = title, members, frozenset(links_out)
        self._held, self._wanted, self._skipped = bytearray(), _BLOCK, 0
        self._attributes: dict[str, str] = {}  # of the next member
        self._in_attributes = False
        self._links: set[str] = set()

    def see(self, chunk: bytes) -> None:
        """Take ``chunk`` into account.

        :raises DamagedError: before the first byte of what is refused passes.
        """
        self.size += len(chunk)
        at, end = 0, len(chunk)
        while at < end:
            if self._skipped:
                step = min(self._skipped, end - at)
                self._skipped -= step
            else:
                step = min(self._wanted - len(self._held), end - at)
                self._held += chunk[at : at + step]
                if len(self._held) == self._wanted:
                    block = bytes(self._held)
                    self._held.clear()
                    self._wanted = _BLOCK
                    self._take(block)
            at += step

    def _take(self, block: bytes) -> None:
        if self._in_attributes:
            self._in_attributes = False
            self._attributes = self._read_attributes(block)
        elif block != _ZEROS:  # zeros pad the end, and tar reads on behind them
            self._take_header(block)

    def _take_header(self, block: bytes) -> None:
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise self._refused("a header that is none") from error
        if member.type == _EXTENDED:
            if not 0 < member.size <= _LONGEST_HEADER:
                raise self._refused("a header of attributes without end")
            self._in_attributes, self._wanted = True, _padded(member.size)
            return
        attributes, self._attributes = self._attributes, {}
        path = attributes.get("path", member.name)
        size = attributes.get("size", str(member.size))
        self._judge(path, member, attributes.get("linkpath", member.linkname))
        self._left -= 1
        if self._left < 0:
            raise self._refused("more members than were written")
        self._skipped = _padded(int(size)) if member.type in _FILES else 0

    def _judge(self, path: str, member: tarfile.TarInfo, target: str) -> None:
        name = os.path.normpath(path)
        if "\0" in path or os.path.isabs(path) or name.split("/")[0] == "..":
            raise self._refused(f"{path!r}, which leads out of its folder")
        if member.type not in (*_FILES, _FOLDER, _LINK, _HARD_LINK):
            raise self._refused(f"{path!r}, which is neither file nor folder nor link")
        if member.type != _LINK and member.mode & (stat.S_ISUID | stat.S_ISGID):
            raise self._refused(f"{path!r}, which would run as its owner")
        if self._is_behind_a_link(name):
            raise self._refused(f"{path!r}, which lies behind a link")
        if member.type == _HARD_LINK:
            linked = os.path.normpath(target)
            if os.path.isabs(target) or linked.split("/")[0] == ".." or self._is_behind_a_link(linked):
                raise self._refused(f"{path!r}, a link to {target!r}, which lies outside its folder")
        if member.type == _LINK:
            if leads_out(name, target) and name not in self._links_out:
                raise self._refused(f"{path!r}, a link to {target!r}, which lies outside its folder")
            self._links.add(name)

    def _is_behind_a_link(self, name: str) -> bool:
        if not self._links:
            return False
        parts = name.split("/")
        return any("/".join(parts[:depth]) in self._links for depth in range(1, len(parts) + 1))

    def _read_attributes(self, block: bytes) -> dict[str, str]:
        """Return what a PAX header says: records of the form ``<length> <key>=<value>\\n``."""
        found, rest = {}, block.rstrip(b"\0")
        while rest:
            length, _space, _record = rest.partition(b" ")
            if not length.isdigit() or not len(length) + 1 < int(length) <= len(rest):
                raise self._refused("a header of attributes that is none")
            key, _equals, value = rest[len(length) + 1 : int(length) - 1].partition(b"=")
            found[key.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
            rest = rest[int(length) :]
        if any(key.startswith(_SPARSE) for key in found) or not found.get("size", "0").isdigit():
            raise self._refused("a file with holes, which none of ours has")
        return found

    def _refused(self, what: str) -> DamagedError:
        return DamagedError(
            f"{self._title} is none of ours, or somebody changed it: its archive holds {what}. Nothing was restored. "
            "Find out who can write to the repository, and use another backup."
        )


def _padded(size: int) -> int:
    return (size + _BLOCK - 1) // _BLOCK * _BLOCK
