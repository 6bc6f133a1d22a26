# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client programs: which there are, which suits a server, and the commands that use them."""

from __future__ import annotations

import glob
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program

_PROGRAMS = ("pg_dump", "pg_dumpall", "pg_restore", "psql")
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)(?:[.\w]*))")
_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class Programs:
    """Where to look for client programs: in ``folders`` alone, if any are given, else in the usual ones.

    ``root`` is the root folder of a container as the host sees it (``/proc/<pid>/root``), or empty. Its programs run on
    the host, with that folder as their root: unlike what ``docker exec`` starts, they end with us, and their
    environment is all that tells them a secret. There the usual folders count even if others are given: its PATH may
    lead to a script of Debian's in their place.
    """

    folders: tuple[str, ...] = ()
    root: str = ""

    def inside(self, path: str) -> str:
        """Return the name by which the programs know the file ``path`` of the host (which lies below ``root``)."""
        return path[len(self.root) :]


@dataclass(frozen=True)
class Clients:
    """The programs of one folder; ``version`` is theirs, such as ``17.10``."""

    folder: str
    version: str
    major: int
    source: Programs = Programs()

    def argv(self, name: str) -> tuple[str, ...]:
        """Return the beginning of the command that runs program ``name``."""
        return _argv(self.source, os.path.join(self.folder, name))


def parse_version(output: str) -> tuple[str, int]:
    """Return the version and the major version in what a program prints for ``--version``.

    :raises ToolError: if there is none, as before PostgreSQL 10.
    """
    match = _VERSION.search(output)
    if match is None:
        raise ToolError(f"{output.strip()!r} is no PostgreSQL version that chatbot.ops knows.")
    return match.group(1), int(match.group(2))


def find_clients(major: int, programs: Programs, purpose: str) -> Clients:
    """Return the client programs of the lowest major version that is not below ``major``.

    A client that is older than its server refuses to work; one that is newer works, but what it writes may not suit
    an older server, so that the nearest is the best.

    :param purpose: what they are for, for messages.
    :raises RefusedError: if there are none, or older ones only.
    """
    found = [each for folder in _folders(programs) if (each := _clients_in(programs, folder)) is not None]
    suitable = [each for each in found if each.major >= major]
    if suitable:
        return min(suitable, key=lambda each: each.major)
    what = f"Failed to find PostgreSQL's client programs of version {major} or newer, needed {purpose}"
    advice = f"Install postgresql-client-{major}, or name their folder as bin_dir."
    if programs.root:
        advice = "Name a container that holds them."
    if found:
        listed = ", ".join(f"{each.version} in {each.folder}" for each in found)
        raise RefusedError(f"{what}: there is only {listed}. {advice}")
    where = " or ".join(programs.folders) or "the usual folders or the PATH"
    raise RefusedError(f"{what}: {', '.join(_PROGRAMS)} are not in {where}. {advice}")


def _argv(programs: Programs, path: str) -> tuple[str, ...]:
    return (find_program("chroot"), programs.root, path) if programs.root else (path,)


def _folders(programs: Programs) -> Iterator[str]:
    yield from programs.folders
    if programs.folders and not programs.root:
        return
    for pattern in _FOLDERS:
        yield from (programs.inside(each) for each in sorted(glob.glob(programs.root + pattern)))
    if programs.root:
        return
    yield from filter(None, os.environ.get("PATH", "").split(os.pathsep))
    yield os.path.dirname(sys.executable)


def _clients_in(programs: Programs, folder: str) -> Clients | None:
    paths = [os.path.join(programs.root + folder, each) for each in _PROGRAMS]
    if not all(os.access(path, os.X_OK) for path in paths):
        return None
    if any(os.path.basename(os.path.realpath(path)) == "pg_wrapper" for path in paths):
        return None  # Debian's script: it picks a version by rules of its own, and the real programs are found anyway
    try:
        said = run_command(Command((*_argv(programs, os.path.join(folder, _PROGRAMS[0])), "--version")))
        version, major = parse_version(said)
    except OpsError:
        return None  # it does not even run here
    return Clients(folder, version, major, programs)
