# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder as files, in a repository that keeps them as such: the counterpart of an archive."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher, Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import FILES, Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.archive import Packed, remember
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import Details, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import (
    ARCHIVED_MODE,
    execution_of,
    leads_out,
    left_out,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.looks import changed_since, note_look
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.scan import Found, Inventory, look_at
from ansible_collections.chatbot.ops.plugins.module_utils._repository.files import FilesUpload

#: The payload of the folder without its database, and that of the copy of the database, in its place in the folder.
FOLDER, DATABASE = "data", "database"
_KINDS = (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO)
_NOT_TEXT = "\ufffd"


class KeptFolder:
    """The files of one look at a live folder; the parameters are those of an archive.

    What was copied is what the repository lists afterwards, not what was found before: restic looks for itself.
    """

    def __init__(self, folder: str, copies: str, database_file: str | None, notes: str, inventory: Inventory) -> None:
        self._folder, self._copies, self._database_file = folder, copies, database_file
        self._looks = os.path.join(notes, "looks")
        self._inventory = inventory
        self._tolerated: list[str] = []
        self._disturbed: list[str] = []

    def scan(self) -> None:
        """Nothing is to be looked at beforehand."""

    def pack(self, packer: Packer) -> Packed:
        """Store the files, list them, and look at each again.

        :raises ToolError: if any cannot be read.
        """
        upload, names = packer.files, [FOLDER]
        if upload is None:
            raise ValueError("this repository keeps no files")
        if self._database_file is not None:
            names.insert(0, DATABASE)
            upload.put_files(DATABASE, self._copies)
        for path in upload.put_files(FOLDER, self._folder, left_out(self._database_file)):
            self._judge(path)
        payloads = [upload.payload(name) for name in names]
        members = self._take_stock(upload)
        for path in changed_since(self._folder, self._looks):
            self._judge(path)
        unpack = ("mkdir n8n", f"cp --archive {' '.join(f'{each.name}/.' for each in payloads)} n8n/")
        return Packed(tuple(payloads), unpack, members, tuple(self._tolerated), tuple(dict.fromkeys(self._disturbed)))

    def _take_stock(self, upload: FilesUpload) -> int:
        """Take into account what was stored, and return how many members it has."""
        members = 0
        root = look_at(self._folder, ".")
        if root is not None:
            self._inventory.add(root)  # its own mode and owner are in the manifest
        if self._database_file is not None:
            copy = look_at(os.path.join(self._copies, self._database_file), self._database_file)
            members += self._database_file.count("/") + 1
            if copy is not None:
                self._inventory.add(copy)
        with open(self._looks, "wb") as looks:
            for node in upload.nodes(FOLDER):
                members += 1
                if _NOT_TEXT in node.path:
                    raise RefusedError(
                        f"The name of {node.path} in n8n's data folder is no UTF-8, so that restic cannot list it. Rename it."
                    )
                if stat.S_IFMT(node.st_mode) in _KINDS[:3] and self._inventory.counts(node.path):
                    found = self._found(node)
                    self._inventory.add(found)
                    note_look(found, looks)
        return members

    def _found(self, node: Node) -> Found:
        """Return what ``node`` is. Of a link, restic lists neither where it leads nor its length."""
        if not stat.S_ISLNK(node.st_mode):
            return Found(node.path, node)
        there = look_at(os.path.join(self._folder, node.path), node.path)
        target = there.target if there is not None else ""  # that it is gone is found out later
        return Found(node.path, replace(node, st_size=len(os.fsencode(target))), target)

    def _judge(self, path: str) -> None:
        """Note a file that changed or vanished.

        n8n removes the data of old executions by itself, at any time: a backup without them is as good.
        """
        gone = not os.path.lexists(os.path.join(self._folder, path))
        harmless = not self._inventory.counts(path) or (gone and execution_of(path) is not None)
        remember(self._tolerated if harmless else self._disturbed, path)


def is_kept_as_files(manifest: Manifest) -> bool:
    """Tell whether the folder in a backup is no archive."""
    return any(each.compression == FILES for each in manifest.objects)


def check_structure(manifest: Manifest, fetcher: Fetcher) -> None:
    """List and read all files.

    :raises DamagedError: if any is missing, or none of ours.
    """
    for name in _payloads(manifest):
        fetcher.check(name)
    _nodes(manifest, fetcher)


def unpack(manifest: Manifest, fetcher: Fetcher, folder: str) -> None:
    """Write the files of a backup into the empty ``folder``.

    :raises DamagedError: if any is missing, or is what no backup of ours holds; before the first byte is written.
    """
    details = details_of(manifest)
    nodes = _nodes(manifest, fetcher)
    for name in _payloads(manifest):
        fetcher.restore_files(name, folder)
    _judge_links(manifest, folder, (path for path, node in nodes.items() if stat.S_ISLNK(node.st_mode)))
    for path, node in nodes.items():
        if node.st_mode & (stat.S_ISUID | stat.S_ISGID):
            os.chmod(os.path.join(folder, path), stat.S_IMODE(node.st_mode) & ARCHIVED_MODE)
    _own(folder, details)


def _payloads(manifest: Manifest) -> list[str]:
    """Return the names of the payloads, the database first: what the folder says of its own folder counts."""
    return sorted((each.name for each in manifest.objects), key=lambda name: name != DATABASE)


def _nodes(manifest: Manifest, fetcher: Fetcher) -> Mapping[str, Node]:
    """Return what is worth a second look: links, and what has more rights than a copy needs.

    :raises DamagedError: if a backup of ours could not hold that.
    """
    noted, members, size = {}, 0, 0
    for name in _payloads(manifest):
        for node in fetcher.nodes(name):
            members, size = members + 1, size + node.st_size
            if os.path.normpath(node.path).split("/")[0] in ("..", "") or os.path.isabs(node.path):
                raise _refused(manifest, f"{node.path!r}, which leads out of its folder")
            if stat.S_IFMT(node.st_mode) not in _KINDS:
                raise _refused(manifest, f"{node.path!r}, which is neither file nor folder nor link")
            if stat.S_ISLNK(node.st_mode) or node.st_mode & (stat.S_ISUID | stat.S_ISGID):
                noted[node.path] = node
    claimed = details_of(manifest).members
    if (members, size) != (claimed, manifest.content_bytes):
        raise DamagedError(
            f"Backup {manifest.backup_id} is damaged: it lists {members} files and {size} bytes, "
            f"{claimed} and {manifest.content_bytes} were stored."
        )
    return noted


def _judge_links(manifest: Manifest, folder: str, links: Iterable[str]) -> None:
    expected = details_of(manifest).links_out
    for path in links:
        target = os.readlink(os.path.join(folder, path))
        if leads_out(path, target) and path not in expected:
            raise _refused(manifest, f"{path!r}, a link to {target!r}, which lies outside its folder")


def _own(folder: str, details: Details) -> None:
    """Give the folder itself its mode and, as root, its owner."""
    if os.geteuid() == 0:
        os.chown(folder, details.folder["uid"], details.folder["gid"])
    os.chmod(folder, int(details.folder["mode"], 8) & ARCHIVED_MODE)


def _refused(manifest: Manifest, what: str) -> DamagedError:
    return DamagedError(
        f"Backup {manifest.backup_id} is none of ours, or somebody changed it: it holds {what}. Nothing was restored. "
        "Find out who can write to the repository, and use another backup."
    )
