# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a stored archive to a folder that is proven: the same for a restore and for a verification."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared, differences
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.archive import PAYLOAD
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import fingerprint
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.guard import Guard
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.kept_files import is_kept_as_files, unpack
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import key_of_folder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.layout import CONFIG, RUNNING, side_files
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.proof import prove_folder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import XATTR, extract_archive, parse_line

_SHOWN_LOSSES = 20


@dataclass(frozen=True)
class Extracted:
    """A folder that was extracted: how it compares, its marks, and the attributes that its file system did not take."""

    compared: Compared
    marks: dict[str, str]
    losses: tuple[str, ...]


def require_key(manifest: Manifest, given: str | None) -> None:
    """Refuse a key that is not the backup's, and a backup whose key is not at hand.

    :param given: the key that the target's n8n gets from its environment, if any.
    :raises RefusedError: telling which key is needed.
    """
    claimed = manifest.proof["key_fingerprint"]
    if claimed is None:
        return  # it is marked unrecoverable for that
    if given is not None and fingerprint(given) != claimed:
        raise RefusedError(
            f"The encryption key given is not that of backup {manifest.backup_id}: n8n could open none of its credentials. "
            "Give the key that n8n had when the backup was made, or leave it out if the backup holds it."
        )
    if given is None and not details_of(manifest).key_in_backup:
        raise RefusedError(
            f"Backup {manifest.backup_id} does not hold its encryption key: n8n had it from its environment. "
            "Give it as encryption_key or encryption_key_file."
        )


def extract(manifest: Manifest, fetcher: Fetcher, folder: str, given: str | None) -> Extracted:
    """Write the backup into the empty ``folder`` and compare it with its manifest.

    :raises DamagedError: if the stored bytes are not what was written, or the archive holds what none may hold.
    :raises ToolError: if it cannot be extracted here.
    """
    details, watch = details_of(manifest), _Watch()
    if is_kept_as_files(manifest):
        unpack(manifest, fetcher, folder)
    else:
        into = replace(extract_archive(folder), watch=watch.see, judge=watch.judge)
        fetcher.decode(PAYLOAD, [guard(manifest), into])
    for name in (RUNNING, *side_files(details.database_file or "")):
        if os.path.lexists(os.path.join(folder, name)):
            raise DamagedError(f"Backup {manifest.backup_id} holds {name}, which would harm the n8n that finds it.")
    config = os.path.join(folder, CONFIG)
    if os.path.isfile(config) and not os.path.islink(config):
        os.chmod(config, 0o600)  # n8n 1.x leaves the key readable to everyone
    found = prove_folder(folder, details.database_file, details.table_prefix, key_of_folder(folder, given))
    return Extracted(compare(manifest, found.document), found.marks, tuple(watch.losses))


def compare(manifest: Manifest, found: dict[str, object]) -> Compared:
    """Return the proof ``found`` beside the one that the manifest claims."""
    claimed = manifest.proof
    if manifest.unrecoverable is None:
        return Compared(claimed, found, tuple(differences(claimed, found)))
    # Taken without the right key, its proof says nothing about the key: with the right one, more is found.
    return Compared(claimed, found, tuple(differences(_without_key(claimed), _without_key(found))))


def _without_key(proof: dict[str, object]) -> dict[str, object]:
    database = proof["database"]
    if isinstance(database, dict):
        database = {**database, "credentials": {"total": database["credentials"]["total"]}}
    return {**proof, "database": database, "key_fingerprint": None}


def guard(manifest: Manifest) -> Guard:
    """Return what stands before tar when the archive of ``manifest`` is read."""
    details = details_of(manifest)
    return Guard(f"Backup {manifest.backup_id}", details.members, details.links_out)


class _Watch:
    """Judges what tar says while it extracts: anything but an attribute that cannot be set is a failure."""

    def __init__(self) -> None:
        self.losses: list[str] = []
        self._failed = False

    def see(self, line: str) -> None:
        """Take one line of tar's stderr into account."""
        event = parse_line(line)
        if event is None:
            return
        if event.kind != XATTR:
            self._failed = True
        elif len(self.losses) < _SHOWN_LOSSES:
            self.losses.append(event.text)

    def judge(self, returncode: int, _tail: str) -> str | None:
        """Return what is wrong with tar's run, or None."""
        return f"exit status {returncode}" if returncode or self._failed else None
