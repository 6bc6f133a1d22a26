# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the host by their content, owner and mode, and the tar archive that holds them. All of it fits in memory."""

from __future__ import annotations

import io
import os
import secrets
import stat
import tarfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError

#: What a stack's own files may come to. More than that is data, which has no place here.
LIMIT = 64 << 20

#: The bits of a mode that count. Nothing that comes out of an archive runs as its owner.
ARCHIVED_MODE = 0o1777

#: Linux follows no more links than that on the way to a file (path_resolution(7)).
_MOST_LINKS = 40


@dataclass(frozen=True)
class File:
    """A regular file (``target`` is None), or a symbolic link to ``target``; ``path`` is absolute."""

    path: str
    content: bytes = field(repr=False)
    mode: int
    uid: int
    gid: int
    mtime: int
    target: str | None = None

    def to_proof(self) -> dict[str, Any]:
        """Return what a copy of it must have beside its content.

        That is in the payload alone: some of these files are a password and nothing else, and a digest in the manifest, which
        is not encrypted, would let whoever reads the repository try guesses.
        """
        if self.target is not None:
            return {"link": self.target}
        return {"mode": f"{self.mode:04o}", "owner": f"{self.uid}:{self.gid}"}


def read_files(paths: Iterable[str], exclude: Iterable[str] = ()) -> list[File]:
    """Return the files at and below ``paths``, by their path, once each.

    What lies behind a link that is among them has the path that the link leads to: beside each other, both can be restored,
    wherever that may be.

    :param exclude: files and folders that are left out, with all that is below them.
    :raises RefusedError: if one is missing or cannot be read, or all of them are too large.
    """
    found: dict[str, File] = {}
    total = 0
    excluded = frozenset(os.path.normpath(each) for each in exclude)
    for path in _beside_links(dict.fromkeys(_walk(paths, excluded))):
        if _is_below(path, excluded):
            continue
        try:
            found[path] = _read(path)
        except OSError as error:
            raise RefusedError(f"Failed to read {path}: {error.strerror}. Run with become, or leave it out.") from error
        total += len(found[path].content)
        if total > LIMIT:
            raise RefusedError(
                f"The files of the stack come to more than {LIMIT >> 20} MiB at {path}. Data has sources of its own: name its "
                "folder as exclude, and as paths only what configures the stack."
            )
    return [found[path] for path in sorted(found)]


def pack(files: Iterable[File]) -> bytes:
    """Return the tar archive of ``files``, their names relative to the root folder.

    A comment that nobody can guess, which tar passes over, keeps its digest from telling what is in it.
    """
    buffer, salt = io.BytesIO(), {"comment": secrets.token_hex(32)}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers=salt) as archive:
        for each in files:
            member = tarfile.TarInfo(each.path.lstrip("/"))
            member.mode, member.uid, member.gid, member.mtime = each.mode, each.uid, each.gid, each.mtime
            if each.target is not None:
                member.type, member.linkname = tarfile.SYMTYPE, each.target
            else:
                member.size = len(each.content)
            archive.addfile(member, io.BytesIO(each.content))
    return buffer.getvalue()


def unpack(archive: bytes) -> list[File]:
    """Return the files in a tar archive.

    :raises DamagedError: if it holds anything but files and links with plain names, or one of them behind another: it is not
        ours then.
    """
    files = []
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            for member in opened:
                files.append(_unpack(opened, member))
    except tarfile.TarError as error:
        raise DamagedError(f"The archive of the stack's files cannot be read: {error}.") from error
    require_side_by_side({each.path for each in files})
    return files


def require_side_by_side(paths: Collection[str]) -> None:
    """Refuse a backup with a file behind another one: if that is a link, it would be written to wherever it leads.

    :raises DamagedError: that names both.
    """
    for path in sorted(paths):
        other = _first_before(path, paths)
        if other is not None:
            raise DamagedError(
                f"The backup of the stack's files holds {path!r} behind {other!r}, which is no folder: no backup of ours does. "
                "Nothing was restored. Find out who can write to the repository, and use another backup."
            )


def prove(files: Iterable[File]) -> dict[str, Any]:
    """Return the proof of ``files``, by their path."""
    return {each.path: each.to_proof() for each in files}


def _walk(paths: Iterable[str], exclude: frozenset[str]) -> Iterator[str]:
    for path in paths:
        if _is_below(path, exclude):
            continue
        if not os.path.isdir(path) or os.path.islink(path):
            yield path
            continue
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders[:] = sorted(each for each in folders if os.path.join(folder, each) not in exclude)
            links = [each for each in folders if os.path.islink(os.path.join(folder, each))]
            for each in sorted([*names, *links]):
                inner = os.path.join(folder, each)
                if inner not in exclude and _counts(inner):
                    yield inner


def _beside_links(paths: Collection[str]) -> Collection[str]:
    """Return ``paths`` with each that lies behind a link among them replaced by where that link leads to."""
    for _step in range(_MOST_LINKS):
        links = {each for each in paths if os.path.islink(each)}
        ways = {each: _first_before(each, links) for each in paths}
        if not any(ways.values()):
            break
        paths = dict.fromkeys(each if link is None else _followed(each, link) for each, link in ways.items())
    return paths


def _first_before(path: str, others: Collection[str]) -> str | None:
    """Return the first of ``others`` on the way to ``path``, if there is one."""
    at = path.find("/", 1)
    while at > 0:
        if path[:at] in others:
            return path[:at]
        at = path.find("/", at + 1)
    return None


def _followed(path: str, link: str) -> str:
    """Return where ``path`` is, which lies behind ``link``. Other links on the way, which are in no backup, stay in it."""
    plain = os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link), path[len(link) + 1 :]))
    # With a ".." behind another link, the plain path is another one.
    return plain if _real(plain) == _real(path) else _real(path)


def _real(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(os.path.realpath(folder), name)


def _is_below(path: str, folders: frozenset[str]) -> bool:
    plain = os.path.normpath(path)
    return any(plain == each or plain.startswith(each.rstrip("/") + "/") for each in folders)


def _counts(path: str) -> bool:
    mode = os.lstat(path).st_mode
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


def _refuse(error: OSError) -> None:
    raise RefusedError(
        f"Failed to read {error.filename}: {error.strerror}. Run with become, or leave it out."
    ) from error


def _read(path: str) -> File:
    status = os.lstat(path)
    common = (stat.S_IMODE(status.st_mode) & ARCHIVED_MODE, status.st_uid, status.st_gid, int(status.st_mtime))
    if stat.S_ISLNK(status.st_mode):
        return File(path, b"", *common, target=os.readlink(path))
    with open(path, "rb") as stream:
        return File(path, stream.read(LIMIT + 1), *common)


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo) -> File:
    path = "/" + member.name
    if os.path.normpath(path) != path or not (member.isreg() or member.issym()) or member.mode & ~ARCHIVED_MODE:
        raise DamagedError(f"The archive of the stack's files holds {member.name!r}, which is none of them.")
    content = archive.extractfile(member) if member.isreg() else None
    return File(
        path,
        content.read() if content is not None else b"",
        member.mode,
        member.uid,
        member.gid,
        int(member.mtime),
        member.linkname if member.issym() else None,
    )
