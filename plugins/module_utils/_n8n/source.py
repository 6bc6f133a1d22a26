# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n as something that can be backed up: its data folder, while it runs."""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import Copied, Source
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import remove_tree, require_space, users_of
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.archive import Archive
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import require_cryptography
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.database import (
    Database,
    copy_database,
    open_private,
    require_soundness,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import Details
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.kept_files import KeptFolder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import Key, key_of_folder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import CONFIG, RUNNING
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import has_unreliable_locks, holder_of, mounts
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.proof import (
    DatabaseProof,
    Tables,
    assemble,
    none_settled,
    prove_database,
    settled_executions,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.scan import Inventory

_PAUSES = (0.0, 2.0, 10.0)  # seconds before each attempt
_ROOM_FOR_LISTS = 64 << 20
_SHOWN_FILES = 5


@dataclass(frozen=True)
class BackupOptions:
    """What the user asked for; see the documentation of ``n8n_volume_backup``.

    ``online``: n8n may run meanwhile. ``image``: versions that the manifest is to hold beside n8n's own. ``volume``: what
    it is to tell of the Docker volume, if it is one.
    """

    path: str
    database_file: str
    table_prefix: str
    encryption_key: str | None = field(repr=False)
    allow_unrecoverable: bool
    work_dir: str
    n8n_version: str | None
    online: bool = True
    image: Mapping[str, str] = field(default_factory=dict)
    volume: dict[str, Any] | None = None


class N8nSource(Source):
    """The data folder of one n8n on SQLite, or of one that keeps its data in PostgreSQL (the key is here even then)."""

    def __init__(self, options: BackupOptions) -> None:
        self._options = options
        self._folder = os.path.realpath(options.path)

    def preflight(self) -> dict[str, Any]:
        database = self._database()
        key_of_folder(self._folder, self._options.encryption_key)
        for program in ("tar", "zstd"):
            find_program(program)
        if database is not None:
            require_cryptography()
            database.require_access()
            if self._options.online:
                self._require_reliable_locks()
        require_space(self._options.work_dir, _room_for(database), "the copy of n8n's database")
        return {"path": self._folder, "database": database.name if database else None, "consistency": "online"}

    def copy(self, packer: Packer) -> Copied:
        self.preflight()
        disturbed: tuple[str, ...] = ()
        with work_folder(self._options.work_dir) as work:
            for pause in _PAUSES:
                time.sleep(pause)
                copied, disturbed = self._attempt(packer, work)
                if not disturbed:
                    return copied
        raise ToolError(
            f"Failed to copy n8n's data folder {self._folder}: some files changed each time while they were read: "
            f"{', '.join(disturbed[:_SHOWN_FILES])}. Try again when nobody installs community nodes or edits files there."
        )

    def lost_everything(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
        if after["database"] is None or before["database"] is None:
            return "database" if before["database"] is not None else None
        lost = all(after["database"][each]["total"] == 0 for each in ("workflows", "credentials"))
        had = any(before["database"][each]["total"] > 0 for each in ("workflows", "credentials"))
        return "workflow and no credential" if lost and had else None

    def _database(self) -> Database | None:
        """Return the database in the folder, or None if n8n keeps its data elsewhere.

        :raises RefusedError: if the folder is none of n8n, or its database may have another name.
        """
        if not os.path.isdir(self._folder):
            raise RefusedError(f"There is no folder {self._folder} on this host. Name n8n's data folder as path.")
        database = Database(self._folder, _relative(self._options.database_file))
        if os.path.lexists(database.path):
            return database
        others = sorted(name for name in os.listdir(self._folder) if name.endswith((".sqlite", ".sqlite3", ".db")))
        if others:
            raise RefusedError(
                f"There is no {database.name} in {self._folder}, but {', '.join(others)}. Name n8n's as database_file."
            )
        if not os.path.exists(os.path.join(self._folder, CONFIG)):
            raise RefusedError(
                f"{self._folder} holds neither {CONFIG} nor {database.name}: it is no data folder of n8n. "
                "The folder is the one called .n8n in n8n's home."
            )
        return None

    def _require_reliable_locks(self) -> None:
        """Refuse to copy a database in use where a lock may not hold.

        :raises RefusedError: naming the file system.
        """
        mount = holder_of(self._folder, mounts())
        if not has_unreliable_locks(mount):
            return
        if os.path.exists(os.path.join(self._folder, RUNNING)) or any(users_of(self._folder)):
            raise RefusedError(
                f"{self._folder} lies on a file system of type {mount.type} ({mount.point}), where SQLite's locks cannot "
                "be relied on, and n8n is running: a copy might be corrupt. Stop n8n for the backup."
            )

    def _attempt(self, packer: Packer, work: str) -> tuple[Copied, tuple[str, ...]]:
        """Copy once; return the report, and the files that changed though they must not."""
        copies, notes = os.path.join(work, "copies"), os.path.join(work, "notes")
        for folder in (copies, notes):
            remove_tree(folder)
            os.mkdir(folder)
        database, key, taken = self._database(), key_of_folder(self._folder, self._options.encryption_key), now()
        name = database.name if database else None
        copy = os.path.join(copies, name or "")
        if database is not None:
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            copy_database(database, copy)
        # To check a large database takes as long as to copy it: it goes on beside the rest.
        with ThreadPoolExecutor(1) as beside, _tables(copies, name, self._options.table_prefix) as tables:
            checked = beside.submit(require_soundness, database, copy) if database is not None else None
            inventory = Inventory(settled_executions(tables) if tables else none_settled)
            archive = (KeptFolder if packer.files else Archive)(self._folder, copies, name, notes, inventory)
            archive.scan()
            proof = _proof(tables, key, checked) if tables else None
            problem = self._key_problem(key, proof)
            packed = archive.pack(packer)
            if checked is not None:
                checked.result()
        copied = Copied(
            taken=taken,
            objects=packed.payloads,
            proof=assemble(proof.document if proof else None, inventory, key),
            versions=self._versions(),
            consistency={"mode": "online", "downtime_seconds": 0.0, "reason": None},
            recovery=packed.unpack,
            details=Details(
                database_file=name,
                table_prefix=self._options.table_prefix,
                journal_mode=database.journal_mode if database else None,
                key_in_backup=key.kept,
                members=packed.members,
                marks=inventory.to_marks(),
                folder=_owner(self._folder),
                volume=self._options.volume,
                links_out=inventory.links_out,
            ).to_document(),
            tolerated=packed.tolerated,
            unrecoverable=problem,
        )
        return copied, packed.disturbed

    def _key_problem(self, key: Key, proof: DatabaseProof | None) -> str | None:
        """Return why the backup could not serve, if its user allows such a one; None if it can.

        :raises RefusedError: with the same, if they do not.
        """
        if key.value is None:
            problem = f"{self._folder} holds no encryption key, and none was given: nobody could open its credentials."
            advice = "Give the key that n8n runs with as encryption_key or encryption_key_file"
        elif proof is not None and proof.lost:
            counts = proof.document["credentials"]
            problem = (
                f"The encryption key does not open {counts['total'] - counts['decryptable']} of {counts['total']} "
                f"credentials (ids: {', '.join(proof.lost)})."
            )
            advice = "Give the key that n8n runs with, or delete those credentials in n8n"
        else:
            return None
        if self._options.allow_unrecoverable:
            return problem
        raise RefusedError(f"{problem} {advice}; unrecoverable: allow keeps a backup that is marked so.")

    def _versions(self) -> dict[str, str]:
        versions = {
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "sqlite": sqlite3.sqlite_version,
            "tar": _version_of("tar"),
            "zstd": _version_of("zstd"),
            **self._options.image,
        }
        return {**versions, "n8n": self._options.n8n_version} if self._options.n8n_version else versions


@contextmanager
def _tables(copies: str, name: str | None, prefix: str) -> Iterator[Tables | None]:
    """Open the copy of the database, if there is one."""
    if name is None:
        yield None
        return
    connection = open_private(os.path.join(copies, name))
    try:
        yield Tables(connection, prefix)
    finally:
        connection.close()


def _proof(tables: Tables, key: Key, checked: Future[None] | None) -> DatabaseProof:
    """Return the proof of the database; where it cannot be read, what its check says counts."""
    try:
        return prove_database(tables, key)
    except sqlite3.DatabaseError as error:
        if checked is not None:
            checked.result()
        raise ToolError(f"Failed to read the copy of n8n's database: {error}.") from error


def _room_for(database: Database | None) -> int:
    return _ROOM_FOR_LISTS + (database.bytes if database else 0)


def _relative(name: str) -> str:
    """Return ``name`` as a plain path inside the data folder.

    :raises RefusedError: if it leads out of it.
    """
    plain = os.path.normpath(name)
    if os.path.isabs(plain) or plain.split(os.sep)[0] in ("..", "."):
        raise RefusedError(
            f"Parameter database_file: {name!r} is no file inside the data folder. Name it relative to path."
        )
    return plain


def _owner(folder: str) -> dict[str, Any]:
    status = os.stat(folder)
    return {"uid": status.st_uid, "gid": status.st_gid, "mode": f"{stat.S_IMODE(status.st_mode):04o}"}


def _version_of(program: str) -> str:
    """Return the version that a program tells about itself, as the last word with digits in its first line."""
    first = run_command(Command((find_program(program), "--version"))).splitlines()[0]
    words = [word.strip("v,*") for word in first.split() if any(character.isdigit() for character in word)]
    return words[-1] if words else first
