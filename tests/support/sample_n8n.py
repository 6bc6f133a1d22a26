# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data folder of an n8n 1.x or 2.x, made without n8n, and a process that keeps using it.

python -m tests.support.sample_n8n make --folder FOLDER [--major 2]
python -m tests.support.sample_n8n write --folder FOLDER --state FILE [--shortest 0.1 --longest 1.0]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.support.n8n_content import Json, workflow
from tests.support.n8n_database import PACKAGE, PACKAGE_VERSION, Plan, SampleDatabase
from tests.support.n8n_store import CRASH_JOURNAL, DATABASE, EVENT_LOG, STORAGE, N8nStore, log_event
from tests.support.n8n_writer import N8nWriter, Pace, write

__all__ = ["N8nWriter", "Pace", "Plan", "Sample", "make"]

XATTR = "user.origen"


@dataclass(frozen=True)
class Sample:
    """A data folder that was made, and what a reader of it must find."""

    folder: Path
    encryption_key: str = field(repr=False)
    secrets: dict[str, Json] = field(repr=False)
    """The plain content of each credential by its id."""
    has_xattr: bool
    """Whether the file system took an extended attribute (`user.origen`, on the package.json of the package)."""


def make(folder: Path, plan: Plan | None = None) -> Sample:
    """Makes the data folder, with the same content for the same plan; the folder must not exist yet."""
    chosen = plan or Plan()
    folder.mkdir()
    (folder / STORAGE[chosen.major]).mkdir()
    chance = random.Random(chosen.seed)
    content = SampleDatabase(chosen, chance)
    _write_database(folder, content)
    _write_config(folder, content)
    has_xattr = _write_packages(folder / "nodes")
    (folder / "custom" / "nodes").mkdir(parents=True)
    for hours in range(48, 0, -1):
        at = content.until - timedelta(hours=hours)
        log_event(folder, "n8n.workflow.success", workflow(hours % 8), 1000 - hours, at, chance)
    shutil.copyfile(folder / EVENT_LOG, folder / "n8nEventLog-1.log")
    if chosen.running:
        (folder / CRASH_JOURNAL).touch()
    return Sample(folder, content.encryption_key, content.secrets, has_xattr)


def _write_config(folder: Path, content: SampleDatabase) -> None:
    mode = 0o600 if content.plan.major == 2 else 0o644
    config = folder / "config"
    config.touch()
    config.chmod(mode)
    config.write_text(json.dumps({"encryptionKey": content.encryption_key}, indent="\t"))


def _write_database(folder: Path, content: SampleDatabase) -> None:
    """Makes the database elsewhere and copies its files while it is open: closed, it would have no log left.

    With 2.x the later half is in the write-ahead log alone, as in a real folder, even one of a stopped n8n:
    who takes the database file without its log loses a credential, the keys and the latest executions.
    """
    with tempfile.TemporaryDirectory() as elsewhere:
        database = sqlite3.connect(Path(elsewhere) / DATABASE)
        if content.plan.major == 2:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA wal_autocheckpoint = 0")
        store = N8nStore(folder, database)
        with database:
            content.fill_earlier(store)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with database:
            content.fill_later(store)
        for part in Path(elsewhere).iterdir():
            shutil.copyfile(part, folder / part.name)
        database.close()


def _write_packages(nodes: Path) -> bool:
    """The community nodes: a package with a program of its own, to which npm makes a symlink.

    :return: whether the file system took the extended attribute.
    """
    package = nodes / "node_modules" / PACKAGE
    (package / "dist").mkdir(parents=True)
    manifest = {"name": "installed-nodes", "private": True, "dependencies": {PACKAGE: PACKAGE_VERSION}}
    (nodes / "package.json").write_text(json.dumps(manifest, indent=2))
    (package / "package.json").write_text(json.dumps({"name": PACKAGE, "version": PACKAGE_VERSION}, indent=2))
    (package / "dist" / "Loteria.node.js").write_text("module.exports = { Loteria: class {} };\n")
    program = package / "dist" / "cli.js"
    program.write_text("#!/usr/bin/env node\nconsole.log('Lotería');\n", encoding="utf-8")
    program.chmod(0o755)
    links = nodes / "node_modules" / ".bin"
    links.mkdir()
    (links / "loteria").symlink_to(f"../{PACKAGE}/dist/cli.js")
    try:
        os.setxattr(package / "package.json", XATTR, b"npm")
    except OSError:
        return False
    return True


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="sample_n8n")
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("--folder", type=Path, required=True)
    making.add_argument("--major", type=int, choices=sorted(STORAGE), default=2)
    writing = commands.add_parser("write")
    writing.add_argument("--folder", type=Path, required=True)
    writing.add_argument("--state", type=Path, required=True)
    usual = Pace()
    writing.add_argument("--shortest", type=float, default=usual.shortest)
    writing.add_argument("--longest", type=float, default=usual.longest)
    writing.add_argument("--keep", type=int, default=usual.keep)
    writing.add_argument("--buffer", type=float, default=usual.buffer)
    options = parser.parse_args()
    if options.command == "make":
        make(options.folder, Plan(major=options.major))
    else:
        pace = Pace(options.shortest, options.longest, options.keep, options.buffer)
        write(options.folder, options.state, pace)


if __name__ == "__main__":
    main()
