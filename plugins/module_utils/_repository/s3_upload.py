# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup being written to a bucket: how it is to be kept, and whether the store did so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Tap
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, write_manifest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Upload
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import MANIFEST, not_given_back
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket, Retention, Written
from ansible_collections.chatbot.ops.plugins.module_utils._s3.conditions import Conditions
from ansible_collections.chatbot.ops.plugins.module_utils._s3.writer import ObjectWriter

#: What to do about a store that does not give back what was written.
DAMAGE_ADVICE = "ask whoever runs the store"


@dataclass(frozen=True)
class Policy:
    """How backups are kept: locked for so many days in that mode; read back by their content or by their checksum.

    ``as_of``: show the bucket as it was at that instant, and write nothing.
    """

    lock_days: int | None = None
    lock_mode: str = "governance"
    read_back: str = "content"
    as_of: datetime | None = None

    def retention(self) -> Retention | None:
        """Return the retention of an object that is stored now."""
        if self.lock_days is None:
            return None
        # Stores keep whole seconds.
        until = (now() + timedelta(days=self.lock_days, seconds=1)).replace(microsecond=0)
        return Retention(self.lock_mode.upper(), until)


class S3Upload(Upload):
    """A backup being written under keys of its own."""

    def __init__(
        self,
        bucket: Bucket,
        folder: str,
        policy: Policy,
        expected: Mapping[str, int],
        conditions: Conditions,
        warn: Callable[[str], object],
    ) -> None:
        self._bucket, self._folder, self._policy = bucket, folder, policy
        self._expected, self._conditions, self._warn = expected, conditions, warn
        self._written: dict[str, tuple[Written, str]] = {}  # by name, each with the checksum that it must have
        self._manifest_begun = False
        self.committed = False

    @contextmanager
    def put(self, name: str) -> Iterator[Callable[[bytes], object]]:
        key, retention = f"{self._folder}/{name}", self._policy.retention()
        writer = ObjectWriter(self._bucket, key, self._expected.get(name), retention)
        try:
            yield writer.write
            self._written[name] = writer.finish(), writer.checksum
            self._require_locked(key, retention)
        except BaseException:
            self._give_up(writer.abort)
            raise
        else:
            self._give_up(writer.abort_twins)
        finally:
            writer.close()

    def commit(self, manifest: Manifest) -> None:
        for each in manifest.objects:
            if self._policy.read_back == "content":
                tap = Tap()
                for chunk in self._bucket.stream(f"{self._folder}/{each.name}"):
                    tap.see(chunk)
                given_back = (tap.size, tap.sha256) == (each.stored_bytes, each.stored_sha256)
            else:
                given_back = self._checksum_holds(each.name, each.stored_bytes)
            if not given_back:
                raise not_given_back(self._bucket.title, each.name, DAMAGE_ADVICE)
        content, retention = write_manifest(manifest), self._policy.retention()
        self._create_manifest(manifest.backup_id, content, retention)
        found = self._bucket.get(f"{self._folder}/{MANIFEST}")
        if found is None or found.content != content:
            raise not_given_back(self._bucket.title, MANIFEST, DAMAGE_ADVICE)
        self._require_locked(f"{self._folder}/{MANIFEST}", retention)
        self.committed = True

    def take_back(self) -> None:
        """Remove what was written, the manifest first; without it, it is no backup, removed or not.

        Where somebody else has completed the very same backup meanwhile (two copies at once), the payloads are theirs.
        """
        try:
            if not self._manifest_begun and self._bucket.get(f"{self._folder}/{MANIFEST}") is not None:
                return
        except RepositoryError as error:
            self._warn(f"What a backup wrote that failed stays: {error.message}")
            return
        for name in ([MANIFEST] if self._manifest_begun else []) + list(self._written):
            try:
                self._bucket.delete(f"{self._folder}/{name}")
            except RepositoryError as error:
                self._warn(f"{name} of a backup that failed stays: {error.message}")

    def _create_manifest(self, backup_id: str, content: bytes, retention: Retention | None) -> None:
        key = f"{self._folder}/{MANIFEST}"
        taken = self._bucket.get(key) is not None
        if not taken:
            self._manifest_begun = True
            if self._conditions.create:
                taken = not self._bucket.put_if(key, content, etag=None, retention=retention)
            else:
                self._bucket.put(key, content, retention=retention)
        if taken:
            self._manifest_begun = False  # it is another's, and not ours to take back
            raise RepositoryError(
                f"Failed to complete {backup_id} in the repository {self._bucket.title}: it has a manifest already. "
                "Try again; the next one has another id."
            )

    def _checksum_holds(self, name: str, size: int) -> bool:
        """Compare the checksum that the store itself took of what it has; a composite one ends with the parts' number."""
        written, expected = self._written[name]
        if written.checksum is None:
            raise RefusedError(
                f"The store of the repository {self._bucket.title} keeps no SHA-256 of what it takes. "
                "Set read_back: content, so that it is read instead."
            )
        sizes = {each.key: each.size for each in self._bucket.objects(f"{self._folder}/{name}")}
        return written.checksum.split("-")[0] == expected and sizes.get(f"{self._folder}/{name}") == size

    def _require_locked(self, key: str, retention: Retention | None) -> None:
        """Read the lock of an object back: some stores take the order and forget it."""
        if retention is None:
            return
        answer = self._bucket.head(key)
        until = answer.get("ObjectLockRetainUntilDate")
        if answer.get("ObjectLockMode") != retention.mode or until is None or until < retention.until:
            raise RepositoryError(
                f"The store of the repository {self._bucket.title} did not lock {key} until {to_iso(retention.until)} as "
                "asked, or these credentials may not see it (s3:GetObjectRetention). Nothing was kept. Leave "
                "object_lock_days out, or use a store that has Object Lock."
            )

    def _give_up(self, abort: Callable[[], None]) -> None:
        try:
            abort()
        except RepositoryError as error:
            self._warn(f"An unfinished upload stays until a backup that runs in a day or more. {error.message}")
