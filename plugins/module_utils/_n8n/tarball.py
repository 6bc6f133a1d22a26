# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GNU tar (1.30 to 1.35): the commands, and what it says on stderr."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

#: tar 1.35 of Debian 13 goes as soon as it sees an archive's end, and whoever still writes the padding finds the pipe
#: broken. With this it reads on. What it reads is known to be ours by its digest.
TO_THE_END = "--ignore-zeros"

CHANGED, VANISHED, XATTR, OTHER = "changed", "vanished", "xattr", "other"

_ENVIRONMENT = {"LC_ALL": "C"}  # the messages below are English
# Those that belong to the content. SELinux labels and the like belong to the host.
_ATTRIBUTES = ("--acls", "--xattrs", "--xattrs-include=user.*", "--xattrs-include=security.capability")

# The program's name comes first; in a name, tar writes ":" and all that is not ASCII with a backslash.
_LINE = re.compile(r"^[^:]+: ((?:[^:\\]|\\.)*): (.*)$")
_SUMMARY = re.compile(r"^[^:]+: Exiting with failure status due to previous errors$")
_SAYINGS = (
    (CHANGED, re.compile(r"^(?:file changed as we read it|File shrank by \d+ bytes; padding with zeros)$")),
    (VANISHED, re.compile(r"^(?:File removed before we read it|(?:Warning: )?Cannot \w+: (?:No such file|Not a) .*)$")),
)
_XATTR = re.compile(r"^[^:]+: \w+: Cannot set .* (?:attribute|ACL|acl)")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_CONTROLS = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True)
class Event:
    """One line of tar's stderr: its kind, and the path it is about (as the filing system spells it)."""

    kind: str
    path: str
    text: str


def parse_line(line: str) -> Event | None:
    """Return what a line of tar's stderr says; None for the one that only sums up."""
    if _SUMMARY.match(line):
        return None
    match = _LINE.match(line)
    if match is not None:
        path, saying = unescape(match.group(1)), match.group(2)
        for kind, pattern in _SAYINGS:
            if pattern.match(saying):
                return Event(kind, path, line)
    return Event(XATTR if _XATTR.match(line) else OTHER, "", line)


def unescape(name: str) -> str:
    """Return the path that tar wrote as ``name``."""
    raw = _ESCAPE.sub(lambda match: _unescaped(match.group(1)), name.encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(code: bytes) -> bytes:
    return bytes([int(code, 8)]) if len(code) == 3 else _CONTROLS.get(code, code)


@dataclass(frozen=True)
class Members:
    """What a tar archive is to hold: ``names`` (relative, beginning with "./") in ``folder``."""

    folder: str
    names: Sequence[str]


def create_archive(first: Sequence[Members], folder: str, list_file: str, index_file: str) -> Command:
    """Return the command that writes an archive to standard output.

    :param first: what comes at its beginning.
    :param folder: where the names in ``list_file`` (each ended by a NUL) lie, which follow.
    :param index_file: where tar notes the name of each member that it archived, one per line.
    """
    places = [part for each in first for part in (f"--directory={each.folder}", *each.names)]
    return Command(
        (
            find_program("tar"),
            "--create",
            "--file=-",
            # Records of 256 KiB: at the default of 10 KiB, the switches between processes cost a fifth of the time.
            "--blocking-factor=512",
            "--format=posix",
            "--pax-option=delete=atime,delete=ctime",
            "--numeric-owner",
            *_ATTRIBUTES,
            "--mode=u-s,g-s",  # see layout.ARCHIVED_MODE
            "--no-recursion",
            "--verbose",
            f"--index-file={index_file}",
            *places,
            f"--directory={folder}",
            "--null",
            f"--files-from={list_file}",
        ),
        name="tar",
        env=_ENVIRONMENT,
    )


def extract_archive(folder: str) -> Command:
    """Return the command that extracts the archive on standard input into ``folder``, with modes and attributes.

    Root restores owners, another user is the owner of everything.
    """
    return Command(
        (
            find_program("tar"),
            "--extract",
            "--file=-",
            TO_THE_END,
            # A clock that is behind that of the host that was backed up is no reason to refuse its files.
            "--warning=no-timestamp",
            f"--directory={folder}",
            "--numeric-owner",
            "--same-permissions",
            *_ATTRIBUTES,
        ),
        name="tar",
        env=_ENVIRONMENT,
    )


def list_archive() -> Command:
    """Return the command that reads the archive on standard input to its end and writes one line per member."""
    words = (find_program("tar"), "--list", "--file=-", TO_THE_END, "--quoting-style=escape")
    return Command(words, name="tar", env=_ENVIRONMENT)
