# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive: a database copied beforehand, then the rest of the live folder, by tar in one stream."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO

from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import CHUNK
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import StoredObject
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import plain_command
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import CONFIG
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.looks import changed_since, note_look
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.scan import Found, Inventory, look_at, walk
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import (
    CHANGED,
    VANISHED,
    Members,
    create_archive,
    parse_line,
)

PAYLOAD = "data.tar"
_TAR_ERRORS = 2
_REMEMBERED = 1000
_UNPACK = "tar --extract --ignore-zeros --directory=n8n --numeric-owner --same-permissions --acls --xattrs"


@dataclass(frozen=True)
class Packed:
    """A folder that was stored.

    ``tolerated`` names files that changed harmlessly while they were read. ``disturbed`` names those that must not: if
    there are any, it is no copy. ``unpack`` are the shell commands that make the folder ``n8n`` of its payloads.
    """

    payloads: tuple[StoredObject, ...]
    unpack: tuple[str, ...]
    members: int
    tolerated: tuple[str, ...]
    disturbed: tuple[str, ...]


class Archive:
    """The archive of one look at a live folder.

    :param folder: the data folder, a real path.
    :param copies: the folder that holds the copy of the database, under the name that it has in the data folder.
    :param database_file: that name, or None if n8n keeps its data elsewhere.
    :param notes: a folder for lists of files.
    :param inventory: takes into account what the archive holds.
    """

    def __init__(self, folder: str, copies: str, database_file: str | None, notes: str, inventory: Inventory) -> None:
        self._folder, self._copies, self._database_file = folder, copies, database_file
        self._names, self._looks, self._index = (os.path.join(notes, name) for name in ("names", "looks", "index"))
        self._inventory = inventory
        self._first = [Members(folder, ["./"])]

    def scan(self) -> None:
        """Look at the folder, and note what is to be archived and how it looked."""
        with open(self._names, "wb") as names, open(self._looks, "wb") as looks:
            for found in self._beginning():
                self._note(found, looks)
            for found in walk(self._folder, self._database_file):
                if found.path == CONFIG:
                    continue
                names.write(b"./" + os.fsencode(found.path) + b"\0")
                if self._inventory.counts(found.path):
                    self._note(found, looks)

    def _beginning(self) -> Iterator[Found]:
        """Yield what comes first: what a reader in need looks for is found without unpacking the rest."""
        places = [(self._folder, "."), (self._folder, CONFIG), (self._copies, self._database_file)]
        for folder, name in places:
            found = look_at(os.path.join(folder, name), name) if name is not None else None
            if found is not None:
                yield found
                if name != ".":
                    self._first.append(Members(folder, [f"./{name}"]))

    def _note(self, found: Found, looks: IO[bytes]) -> None:
        self._inventory.add(found)
        if found.path != self._database_file:
            note_look(found, looks)

    def pack(self, packer: Packer) -> Packed:
        """Store the archive, and look at every file again.

        :raises ToolError: if tar could not do its work.
        """
        watch = _Watch(self._folder, self._inventory.counts)
        tar = replace(
            create_archive(self._first, self._folder, self._names, self._index), watch=watch.see, judge=watch.judge
        )
        payload = packer.store(PAYLOAD, tar)
        disturbed = [*watch.disturbed, *changed_since(self._folder, self._looks)]
        unpack = ("mkdir n8n", f"{plain_command(payload)} | {_UNPACK}")
        return Packed((payload,), unpack, _lines(self._index), tuple(watch.tolerated), tuple(dict.fromkeys(disturbed)))


class _Watch:
    """Judges what tar says: harmless, or a file that has to be read again, or a failure.

    :param counts: tells whether a path must not change.
    """

    def __init__(self, folder: str, counts: Callable[[str], bool]) -> None:
        self._folder, self._counts = folder, counts
        self.tolerated: list[str] = []
        self.disturbed: list[str] = []
        self._failures: list[str] = []
        self._vanished = False

    def see(self, line: str) -> None:
        """Take one line of tar's stderr into account."""
        event = parse_line(line)
        if event is None:
            return
        path = os.path.normpath(event.path)
        if event.kind not in (CHANGED, VANISHED):
            self._failures.append(event.text)
        elif not (event.kind == CHANGED and os.path.isdir(os.path.join(self._folder, path))):
            # A folder changes when anything comes or goes in it: what is archived is what was found.
            remember(self.disturbed if self._counts(path) else self.tolerated, path)
        self._vanished = self._vanished or event.kind == VANISHED

    def judge(self, returncode: int, _tail: str) -> str | None:
        """Return what is wrong with tar's run, or None."""
        explained = returncode < _TAR_ERRORS or (returncode == _TAR_ERRORS and self._vanished)
        return None if explained and not self._failures else f"exit status {returncode}"


def remember(names: list[str], path: str) -> None:
    """Note ``path`` in ``names``, unless there are very many already."""
    if len(names) < _REMEMBERED:
        names.append(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _lines(path: str) -> int:
    with open(path, "rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(CHUNK), b""))
