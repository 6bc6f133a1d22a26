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

_PROGRAMS = ("pg_dump", "pg_dumpall", "pg_restore", "psql")
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)(?:[.\w]*))")
_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin")


@dataclass(frozen=True)
class Clients:
    """The programs of one folder; ``version`` is theirs, such as ``17.10``."""

    folder: str
    version: str
    major: int

    def program(self, name: str) -> str:
        """Return the path of program ``name``."""
        return os.path.join(self.folder, name)


def parse_version(output: str) -> tuple[str, int]:
    """Return the version and the major version in what a program prints for ``--version``.

    :raises ToolError: if there is none, as before PostgreSQL 10.
    """
    match = _VERSION.search(output)
    if match is None:
        raise ToolError(f"{output.strip()!r} is no PostgreSQL version that chatbot.ops knows.")
    return match.group(1), int(match.group(2))


def find_clients(major: int, bin_dir: str | None, purpose: str) -> Clients:
    """Return the client programs of the lowest major version that is not below ``major``.

    A client that is older than its server refuses to work; one that is newer works, but what it writes may not suit
    an older server, so that the nearest is the best.

    :param bin_dir: the only folder to look in, if given.
    :param purpose: what they are for, for messages.
    :raises RefusedError: if there are none, or older ones only.
    """
    found = [each for each in map(_clients_in, _folders(bin_dir)) if each is not None]
    suitable = [each for each in found if each.major >= major]
    if suitable:
        return min(suitable, key=lambda each: each.major)
    what = f"Failed to find PostgreSQL's client programs of version {major} or newer, needed {purpose}"
    advice = f"Install postgresql-client-{major}, or name their folder as bin_dir."
    if found:
        listed = ", ".join(f"{each.version} in {each.folder}" for each in found)
        raise RefusedError(f"{what}: there is only {listed}. {advice}")
    where = bin_dir or "the usual folders or the PATH"
    raise RefusedError(f"{what}: {', '.join(_PROGRAMS)} are not in {where}. {advice}")


def _folders(bin_dir: str | None) -> Iterator[str]:
    if bin_dir is not None:
        yield bin_dir
        return
    for pattern in _FOLDERS:
        yield from sorted(glob.glob(pattern))
    yield from filter(None, os.environ.get("PATH", "").split(os.pathsep))
    yield os.path.dirname(sys.executable)


def _clients_in(folder: str) -> Clients | None:
    paths = [os.path.join(folder, each) for each in _PROGRAMS]
    if not all(os.access(path, os.X_OK) for path in paths):
        return None
    if any(os.path.basename(os.path.realpath(path)) == "pg_wrapper" for path in paths):
        return None  # Debian's script: it picks a version by rules of its own, and the real programs are found anyway
    try:
        version, major = parse_version(run_command(Command((paths[0], "--version"))))
    except OpsError:
        return None  # it does not even run here
    return Clients(folder, version, major)
