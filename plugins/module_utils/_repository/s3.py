# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository in an S3 bucket: ``<prefix>/<stack>/<source>/<backup_id>/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    DamagedError,
    RefusedError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id, stamp
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS, Verdict, write_verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import (
    Entry,
    Place,
    Removal,
    Repository,
    Strays,
    Upload,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import (
    LEASE,
    MANIFEST,
    PAGES_FOLDER,
    find_strays,
    not_given_back,
    read_entry,
    size_problem,
    verdict_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_examination import PROBE, examine_bucket
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_lease import ObjectLease
from ansible_collections.chatbot.ops.plugins.module_utils._repository.s3_upload import DAMAGE_ADVICE, Policy, S3Upload
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket
from ansible_collections.chatbot.ops.plugins.module_utils._s3.conditions import Conditions, try_conditions
from ansible_collections.chatbot.ops.plugins.module_utils._s3.locks import lock_in_the_way
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError
from ansible_collections.chatbot.ops.plugins.module_utils._s3.versions import Stored

#: Unfinished uploads of earlier runs that are older than this are aborted, whoever began them.
_STALE = timedelta(days=1)


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
        self._require_present("change anything")
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
        self._require_present("change anything")
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
        upload = S3Upload(self._bucket, folder, self._policy, expected or {}, conditions, self._warn)
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

    def strays(self, place: Place) -> Strays:
        contents: dict[str, list[str] | None] = {}
        for stored in self._list(f"{place}/"):
            name, slash, below = stored.key[len(f"{place}/") :].partition("/")
            if not slash:
                contents.setdefault(name, None)
            else:
                contents[name] = [*(contents.get(name) or []), below]
        contents.pop("", None)  # consoles make such an object to show an empty folder
        return find_strays(place, contents)

    def remove(self, place: Place, backup_id: str, *, touch: bool = True) -> Removal:
        """Remove by single deletes: some stores refuse to delete several objects at once.

        A bucket that keeps versions hides what is deleted from its lists, locked or not; so locks are looked at first.
        """
        self._require_present("remove a backup")
        manifest = f"{place}/{backup_id}/{MANIFEST}"
        keys = [each.key for each in self._bucket.objects(f"{place}/{backup_id}/")]
        lock = lock_in_the_way(map(self._bucket.head, keys), now())
        if lock is not None:
            return Removal(gone=manifest not in keys, reason=lock)
        if not touch:
            return Removal(gone=True)
        for key in sorted(keys, key=lambda each: each != manifest):
            try:
                self._bucket.delete(key)
            except StoreRefusalError as refusal:
                if not refusal.withheld:
                    raise
                return Removal(gone=key != manifest, reason=refusal.message)
        return Removal(gone=True)

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
            raise not_given_back(self._bucket.title, name, DAMAGE_ADVICE)

    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        self._require_present("keep a page")
        self._bucket.put(f"{stack}/{PAGES_FOLDER}/{set_id}/{name}", content, retention=self._policy.retention())

    def read_page(self, stack: str, set_id: str, name: str) -> bytes | None:
        found = self._bucket.get(f"{stack}/{PAGES_FOLDER}/{set_id}/{name}")
        return None if found is None else found.content

    def sets_with_pages(self, stack: str) -> list[str]:
        folder = f"{stack}/{PAGES_FOLDER}/"
        names = {each.key[len(folder) :].partition("/")[0] for each in self._list(folder)}
        return sorted(filter(is_backup_id, names))

    def remove_pages(self, stack: str, set_id: str, *, touch: bool = True) -> Removal:
        return self.remove(Place(stack, PAGES_FOLDER), set_id, touch=touch)

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
            return Entry(place, backup_id, None, unknown=f"Its manifest cannot be read: {content.message}")

        def payload_problem(manifest: Manifest) -> str | None:
            for each in manifest.objects:
                stored = objects.get(each.name)
                problem = f"Its payload {each.name} is gone." if stored is None else size_problem(each, stored.size)
                if problem is not None:
                    return problem
            return None

        keys = {level: f"{folder}/{verdict_name(level)}" for level in LEVELS}
        verdicts = [(level, contents[key]) for level, key in keys.items() if key in contents]
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
