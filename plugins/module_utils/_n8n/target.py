# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n as something that a backup can be restored to: a data folder that is replaced as a whole."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space, users_of
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.beside import Place, held, new_content, swap_in
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import require_cryptography
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.database import Database, ask_database
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.extract import compare, extract, require_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import key_of_folder
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import mounted_within, mounts
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.proof import Tables, prove_folder, survey
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.quieten import quieten

_VERSION = re.compile(r"^v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True)
class RestoreOptions:
    """What the user asked for; see the documentation of ``n8n_volume_restore``.

    ``others_stop_n8n``: n8n may run when the restore is planned; who carries it out stops it first.
    ``quiet``: the workflows are inactive afterwards, but for those in ``keep_active``, by id or name.
    """

    path: str
    encryption_key: str | None = field(repr=False)
    replace: bool
    keep_previous: bool
    allow_older_n8n: bool
    n8n_version: str | None
    others_stop_n8n: bool
    quiet: bool = False
    keep_active: tuple[str, ...] = ()


class N8nTarget(Target):
    """The data folder of an n8n that does not run."""

    def __init__(self, options: RestoreOptions) -> None:
        self._options = options
        path = os.path.abspath(options.path)
        self._title = f"Failed to restore n8n's data folder {path}"
        self._place = Place(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        self._require_plain_folder()
        require_key(manifest, self._options.encryption_key)
        if self._held(manifest) is not None:
            return self._diff(manifest, changes=False)  # whoever uses it is not disturbed
        if not self._options.others_stop_n8n:
            self._require_unused()
        self._require_consent()
        self._require_no_older_n8n(manifest)
        for program in ("tar", "zstd"):
            find_program(program)
        if details_of(manifest).database_file is not None:
            require_cryptography()
        require_space(self._place.parent, manifest.content_bytes, "the restored data folder")
        return self._diff(manifest, changes=True)

    def holds(self, manifest: Manifest) -> Compared | None:
        return self._held(manifest)

    def tidy_up(self) -> None:
        with held(self._place):
            pass  # who takes the place puts away what is left there

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Restored:
        with held(self._place), new_content(self._place, manifest.backup_id) as folder:
            extracted = extract(manifest, fetcher, folder, self._options.encryption_key)
            extracted.compared.require(f"Backup {manifest.backup_id}")
            quietened = self._quieten(manifest, folder)
            self._require_unused()  # to decode took its time
            self._require_consent()
            previous = swap_in(self._place, folder, keep_previous=self._options.keep_previous)
        more = {
            "owners_restored": extracted.marks["owners"] == details_of(manifest).marks["owners"],
            "attributes_lost": list(extracted.losses),
            **quietened,
        }
        return Restored(extracted.compared, previous, more)

    def _quieten(self, manifest: Manifest, folder: str) -> dict[str, Any]:
        """Make the workflows inactive where that is asked for, before an n8n can see the folder."""
        details = details_of(manifest)
        if not self._options.quiet or details.database_file is None:
            return {}
        path = os.path.join(folder, details.database_file)
        quietened = quieten(path, details.table_prefix, self._options.keep_active)
        return {"workflows": {"inactive": list(quietened.inactive), "active": list(quietened.active)}}

    def _held(self, manifest: Manifest) -> Compared | None:
        """Return the comparison if the target holds exactly this backup, and nobody changed anything since."""
        if self._options.quiet:
            return None  # what the backup holds is not what is wanted there
        details, target = details_of(manifest), self._place.target
        name = details.database_file
        if not self._place.is_occupied or (name is not None and not Database(target, name).is_settled):
            return None
        # Whatever is in the way of reading the target, such as a damaged database, it is not this backup.
        with suppress(OpsError, OSError, sqlite3.Error):
            key = key_of_folder(target, self._options.encryption_key)
            found = prove_folder(target, name, details.table_prefix, key)
            compared = compare(manifest, found.document)
            # Without root, nobody can restore the owners: they need not be equal then.
            marks = ("looks", "owners") if os.geteuid() == 0 else ("looks",)
            if compared.equal and all(found.marks[each] == details.marks[each] for each in marks):
                return compared
        return None

    def _require_plain_folder(self) -> None:
        """Refuse what cannot be replaced by one exchange of names."""
        target, parent = self._place.target, self._place.parent
        if not os.path.isdir(parent):
            raise RefusedError(f"{self._title}: there is no folder {parent}. Create it, or name another path.")
        if os.path.islink(target):
            raise RefusedError(
                f"{self._title}: it is a symbolic link. Name the folder itself, {os.path.realpath(target)}."
            )
        if os.path.lexists(target) and not os.path.isdir(target):
            raise RefusedError(f"{self._title}: it is no folder.")
        points = mounted_within(target, mounts())
        if points:
            raise RefusedError(
                f"{self._title}: a file system is mounted at {', '.join(points)}, so that the folder cannot be exchanged "
                "for another. Restore to a folder inside that file system, or unmount it."
            )
        if not os.access(parent, os.W_OK | os.X_OK):
            raise RefusedError(
                f"{self._title}: the new content is built beside it, and this user may not write to {parent}. Run with become."
            )

    def _require_unused(self) -> None:
        if not os.path.isdir(self._place.target):
            return
        users = sorted({f"{program} (process {pid})" for pid, program in users_of(self._place.target)})
        if users:
            raise RefusedError(f"{self._title}: it is in use by {', '.join(users)}. Stop n8n first.")

    def _require_consent(self) -> None:
        if self._place.is_occupied and not self._options.replace:
            raise RefusedError(
                f"{self._title}: it is not empty. Say replace: true to put the backup in its place; "
                "what is there is kept beside it unless keep_previous is false."
            )

    def _require_no_older_n8n(self, manifest: Manifest) -> None:
        """Refuse an n8n that is older than the one of the backup: it starts on the newer database, and breaks later."""
        if self._options.allow_older_n8n:
            return
        reason = self._older_version(manifest) or self._older_migration(manifest)
        if reason:
            raise RefusedError(
                f"{self._title}: {reason}. n8n does not notice that a database is newer than itself. "
                "Update n8n first, or say allow_older_n8n: true."
            )

    def _older_version(self, manifest: Manifest) -> str | None:
        wanted, runs = manifest.versions.get("n8n"), self._options.n8n_version
        if wanted is None or runs is None or _parsed(runs) >= _parsed(wanted):
            return None
        return f"the backup was made with n8n {wanted}, the target runs {runs}"

    def _older_migration(self, manifest: Manifest) -> str | None:
        """Compare with what was migrated last in the database that lies in the target, if it can be read."""
        wanted = (manifest.proof["database"] or {}).get("last_migration")
        found = self._survey(manifest).get("last_migration")
        if wanted is None or found is None or found["timestamp"] >= wanted["timestamp"]:
            return None
        return (
            f"the backup's database was last migrated by {wanted['name']}, the target's by {found['name']}, "
            "so that its n8n is older"
        )

    def _survey(self, manifest: Manifest) -> dict[str, Any]:
        """Return the counts of what lies in the target, and its last migration; empty if its database cannot be read.

        One that cannot be read any more is what backups are for.
        """
        details = details_of(manifest)
        database = Database(self._place.target, details.database_file or "")
        if details.database_file is None or not os.path.isfile(database.path):
            return {}
        with suppress(OpsError):
            answer = ask_database(database, lambda connection: survey(Tables(connection, details.table_prefix)))
            return answer if isinstance(answer, dict) else {}
        return {}

    def _diff(self, manifest: Manifest, *, changes: bool) -> dict[str, Any]:
        after = {"path": self._place.target, "content": f"backup {manifest.backup_id}", **_claimed_counts(manifest)}
        if not changes:
            return {"before": after, "after": after}
        before = {"path": self._place.target, "content": None}
        if not self._place.is_occupied:
            return {"before": before, "after": after}
        kept = f"{self._place.target}.previous-<time>" if self._options.keep_previous else "removed"
        found = {**before, "content": "what is there now", **self._survey(manifest)}
        return {"before": found, "after": {**after, "previous": kept}}


def _claimed_counts(manifest: Manifest) -> dict[str, Any]:
    """Return what the backup holds, in the form of :func:`survey`."""
    proof = manifest.proof["database"]
    if proof is None:
        return {}
    return {
        "last_migration": proof["last_migration"],
        "workflows": proof["workflows"]["total"],
        "credentials": proof["credentials"]["total"],
        "executions": proof["executions"]["count"],
    }


def _parsed(version: str) -> tuple[int, ...]:
    """Return ``version`` as numbers.

    :raises RefusedError: if it is none, as the tag of an image may be.
    """
    match = _VERSION.match(version)
    if match is None:
        raise RefusedError(f"Parameter n8n_version: {version!r} is no version of n8n. Write it as n8n --version does.")
    return tuple(int(part or 0) for part in match.groups())
