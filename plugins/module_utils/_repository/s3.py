# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository in an S3 bucket: ``<prefix>/<stack>/<source>/<backup_id>/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    RefusedError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Tap
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id, stamp
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, write_manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import (
    LEVELS,
    Verdict,
    read_verdict,
    write_verdict,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Repository, Upload
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import (
    LEASE,
    MANIFEST,
    PAGES_FOLDER,
    not_given_back,
    read_entry,
    size_problem,
    verdict_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_examination import PROBE, examine_bucket
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_lease import ObjectLease
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket, Retention, Written
from ansible_collections.chatbot.ops.plugins.module_utils._s3.conditions import Conditions, try_conditions
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError
from ansible_collections.chatbot.ops.plugins.module_utils._s3.versions import Stored
from ansible_collections.chatbot.ops.plugins.module_utils._s3.writer import ObjectWriter

_DAMAGE_ADVICE = "ask whoever runs the store"
#: Unfinished uploads of earlier runs that are older than this are aborted, whoever began them.
_STALE = timedelta(days=1)


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


class S3Repository(Repository):
    """The ``s3`` backend."""

    def __init__(self, bucket: Bucket, policy: Policy, warn: Callable[[str], object]) -> None:
        """Take ``bucket``; nothing is sent yet.

        :param warn: is told what the user should know though it is no failure.
        """
        self._bucket, self._policy, self._warn = bucket, policy, warn
        self._conditions: Conditions | None = None
        self._contents: dict[Stored, bytes] = {}  # what was read before; an ETag changes with the content

    @property
    def title(self) -> str:
        view = f" as of {to_iso(self._policy.as_of)}" if self._policy.as_of else ""
        return f"{self._bucket.title}{view}"

    def preflight(self) -> None:
        """Refuse a bucket that cannot lock objects, where they are to be locked.

        What the credentials may not ask is found out when the first object is stored: its lock is read back.
        """
        self._require_present("keep a backup")
        if self._policy.lock_days is None:
            return
        try:
            answer = self._bucket.call("get_object_lock_configuration", "look at the bucket's Object Lock")
            enabled = answer.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled"
        except StoreRefusalError as refusal:
            if refusal.denied or refusal.status == 501:
                return
            if refusal.code != "ObjectLockConfigurationNotFoundError":
                raise
            enabled = False
        if not enabled:
            raise RefusedError(
                f"The bucket of the repository {self.title} has no Object Lock, and object_lock_days is set. "
                "Enable it (most stores can do so only as the bucket is created), or leave object_lock_days out."
            )

    def examine(self, stack: str, *, touch: bool) -> Examination:
        if touch:
            self._require_present("examine what can be written")
        return examine_bucket(self._bucket, stack, self._policy.lock_days, self._policy.lock_mode, touch=touch)

    @contextmanager
    def lease(self, place: Place) -> Iterator[None]:
        """Hold the lease, and abort the uploads that earlier writers of ``place`` left unfinished.

        Where the store ignores conditional writes, two writers that begin in the same instant may both get it; the user
        is warned. Both backups are whole even so.
        """
        self._require_present("keep a backup")
        conditions = self._honoured(place.stack)
        if not conditions.honoured:
            self._warn(
                f"The store of the repository {self.title} ignores conditional writes. Two writers that begin in the same "
                "instant both go on; each makes a whole backup of its own."
            )
        lease = ObjectLease(self._bucket, f"{place}/{LEASE}", str(place), atomic=conditions.honoured, warn=self._warn)
        with lease.held() as died:
            self._sweep(place, everything=died and conditions.honoured)
            yield

    @contextmanager
    def upload(self, place: Place, backup_id: str, expected: Mapping[str, int] | None = None) -> Iterator[Upload]:
        self._require_present("keep a backup")
        conditions = self._honoured(place.stack)
        folder = f"{place}/{backup_id}"
        upload = _S3Upload(self._bucket, folder, self._policy, expected or {}, conditions, self._warn)
        try:
            yield upload
        finally:
            if not upload.committed:
                upload.take_back()

    def entries(self, place: Place, since: datetime | None = None) -> list[Entry]:
        backups: dict[str, dict[str, Stored]] = {}
        for stored in self._list(f"{place}/", f"{place}/{stamp(since)}" if since is not None else ""):
            backup_id, _slash, name = stored.key[len(f"{place}/") :].partition("/")
            if is_backup_id(backup_id) and name:
                backups.setdefault(backup_id, {})[name] = stored
        backups = {backup_id: objects for backup_id, objects in backups.items() if MANIFEST in objects}
        documents = (MANIFEST, *map(verdict_name, LEVELS))
        contents = self._read_documents(
            [objects[name] for objects in backups.values() for name in documents if name in objects]
        )
        found = [self._entry(place, backup_id, objects, contents) for backup_id, objects in backups.items()]
        return sorted(found, key=lambda each: each.order, reverse=True)

    def read(self, place: Place, backup_id: str, name: str) -> Iterator[bytes]:
        key = f"{place}/{backup_id}/{name}"
        version_id = None
        if self._policy.as_of is not None:
            versions = {each.key: each.version_id for each in self._list(key)}
            if key not in versions:
                raise DamagedError(f"The repository {self.title} has no {name} of {backup_id}. Use another backup.")
            version_id = versions[key]
        yield from self._bucket.stream(key, version_id)

    def write_verdict(self, place: Place, verdict: Verdict) -> None:
        self._require_present("keep a verdict")
        name = verdict_name(verdict.level)
        key = f"{place}/{verdict.backup_id}/{name}"
        before = self._bucket.get(key)
        self._bucket.put(key, write_verdict(verdict))
        found = self._bucket.get(key)
        # It need not be ours: another verification may have ended meanwhile.
        if found is None or (before is not None and found.content == before.content):
            raise not_given_back(self._bucket.title, name, _DAMAGE_ADVICE)

    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        self._require_present("keep a page")
        self._bucket.put(f"{stack}/{PAGES_FOLDER}/{set_id}/{name}", content, retention=self._policy.retention())

    def fetch_commands(self, stack: str, payloads: Sequence[tuple[str, str, str]]) -> list[str]:
        return self._bucket.fetch_commands(["/".join((stack, *each)) for each in payloads])

    def _require_present(self, action: str) -> None:
        if self._policy.as_of is not None:
            raise RefusedError(
                f"Cannot {action} in the repository {self.title}: as_of shows the past, where nothing can be written. "
                "Leave as_of out."
            )

    def _honoured(self, stack: str) -> Conditions:
        if self._conditions is None:
            self._conditions = try_conditions(self._bucket, f"{stack}/{PROBE}")
        return self._conditions

    def _list(self, prefix: str, after: str = "") -> list[Stored]:
        if self._policy.as_of is None:
            return self._bucket.objects(prefix, after)
        return [each for each in self._bucket.objects_as_of(prefix, self._policy.as_of) if each.key > after]

    def _read_documents(self, wanted: list[Stored]) -> Mapping[str, bytes | RepositoryError]:
        """Return the content of each of ``wanted`` by its key; what has not changed is read once."""
        unread = [each for each in wanted if each not in self._contents]
        failed: dict[str, bytes | RepositoryError] = {}
        for stored, content in zip(unread, self._bucket.read_all(unread)):
            if isinstance(content, bytes):
                self._contents[stored] = content
            else:
                failed[stored.key] = content
        return {**{each.key: self._contents[each] for each in wanted if each in self._contents}, **failed}

    def _entry(
        self,
        place: Place,
        backup_id: str,
        objects: Mapping[str, Stored],
        contents: Mapping[str, bytes | RepositoryError],
    ) -> Entry:
        folder = f"{place}/{backup_id}"
        content = contents[f"{folder}/{MANIFEST}"]
        if not isinstance(content, bytes):
            return Entry(place, backup_id, None, f"Its manifest cannot be read: {content.message}")

        def payload_problem(manifest: Manifest) -> str | None:
            for each in manifest.objects:
                stored = objects.get(each.name)
                problem = f"Its payload {each.name} is gone." if stored is None else size_problem(each, stored.size)
                if problem is not None:
                    return problem
            return None

        def verdicts() -> tuple[Verdict, ...]:
            found = []
            for level in LEVELS:
                document = contents.get(f"{folder}/{verdict_name(level)}")
                if isinstance(document, RepositoryError):
                    raise DamagedError(f"Its verdict cannot be read: {document.message}")
                if document is not None:
                    found.append(read_verdict(document, f"The verdict {folder}/{verdict_name(level)}"))
            return tuple(found)

        return read_entry(place, backup_id, content, f"The manifest {folder}/{MANIFEST}", payload_problem, verdicts)

    def _sweep(self, place: Place, *, everything: bool) -> None:
        """Abort the uploads that earlier backups of ``place`` left, and that are a day old, or all if their writer died.

        Nobody else's: the keys are those of our own backups.
        """
        try:
            for each in self._bucket.unfinished(f"{place}/"):
                backup_id = each.key[len(f"{place}/") :].partition("/")[0]
                if is_backup_id(backup_id) and (everything or now() - each.begun > _STALE):
                    self._bucket.abort(each.key, each.upload_id)
        except StoreRefusalError as refusal:
            self._warn(f"What earlier runs left unfinished stays, and may cost storage. {refusal.message}")


class _S3Upload(Upload):
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
            self._give_up(writer)
            raise
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
                raise not_given_back(self._bucket.title, each.name, _DAMAGE_ADVICE)
        content, retention = write_manifest(manifest), self._policy.retention()
        self._create_manifest(manifest.backup_id, content, retention)
        found = self._bucket.get(f"{self._folder}/{MANIFEST}")
        if found is None or found.content != content:
            raise not_given_back(self._bucket.title, MANIFEST, _DAMAGE_ADVICE)
        self._require_locked(f"{self._folder}/{MANIFEST}", retention)
        self.committed = True

    def take_back(self) -> None:
        """Remove what was written, the manifest first; without it, it is no backup, removed or not."""
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

    def _give_up(self, writer: ObjectWriter) -> None:
        try:
            writer.abort()
        except RepositoryError as error:
            self._warn(f"An unfinished upload stays until a backup that runs in a day or more. {error.message}")
