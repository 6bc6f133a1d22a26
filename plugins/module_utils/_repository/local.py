# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository in a folder of a local or mounted file system: ``<path>/<stack>/<source>/<backup_id>/``."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import fsync_folder, remove_tree, write_file
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id, stamp
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, StoredObject
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
    read_entry,
    size_problem,
    verdict_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination
from ansible_collections.chatbot.ops.plugins.module_utils._repository.file_lease import hold_file_lease
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_examination import examine_folder
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_refusal import is_denied, told
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_upload import LocalUpload, read_file

_DENIED = "This user may not remove it. Check the owner and mode of its folder, or run with become."


class LocalRepository(Repository):
    """The ``local`` backend. Folders are 0700, files 0600."""

    def __init__(self, path: str) -> None:
        """Take the folder ``path``, which must exist: a missing one may be a file system that is not mounted.

        :raises RepositoryError: if it does not.
        """
        self._path = os.path.abspath(path)
        if not os.path.isdir(self._path):
            raise RepositoryError(
                f"The repository folder {self._path} does not exist on this host. "
                "Mount its file system, or create the folder if this is the first backup."
            )

    @property
    def title(self) -> str:
        return self._path

    def _folder(self, place: Place, *more: str) -> str:
        return os.path.join(self._path, place.stack, place.source, *more)

    def _make_home(self, place: Place) -> None:
        """Create what lies below the repository only: a vanished root must not come back as an empty folder."""
        for folder in (os.path.join(self._path, place.stack), self._folder(place)):
            try:
                os.mkdir(folder, mode=0o700)
            except FileExistsError:
                continue

    def examine(self, stack: str, *, touch: bool) -> Examination:  # noqa: ARG002 (one folder is like another here)
        with told("examine what can be done", self._path):
            return examine_folder(self._path, touch=touch)

    @contextmanager
    def lease(self, place: Place) -> Iterator[None]:
        with told(f"take the lease of {place}", self._path):
            self._make_home(place)
        with hold_file_lease(self._folder(place, LEASE), place, self._path):
            yield

    @contextmanager
    def upload(
        self,
        place: Place,
        backup_id: str,
        expected: Mapping[str, int] | None = None,  # noqa: ARG002 (it has no use for it)
    ) -> Iterator[Upload]:
        folder = self._folder(place, backup_id)
        with told(f"begin {backup_id}", self._path):
            self._make_home(place)
            os.mkdir(folder, mode=0o700)
        upload = LocalUpload(self._path, folder)
        try:
            yield upload
        finally:
            if not upload.committed:
                shutil.rmtree(folder, ignore_errors=True)  # without a manifest it is no backup, removed or not

    def entries(self, place: Place, since: datetime | None = None) -> list[Entry]:
        folder = self._folder(place)
        with told(f"list {place}", self._path):
            os.stat(self._path)
            names = os.listdir(folder) if os.path.isdir(folder) else []
        oldest = stamp(since) if since is not None else ""
        found = [self._entry(place, name) for name in filter(is_backup_id, names) if name >= oldest]
        return sorted((each for each in found if each is not None), key=lambda each: each.order, reverse=True)

    def _entry(self, place: Place, backup_id: str) -> Entry | None:
        try:
            content = self._document(place, backup_id, MANIFEST)
        except RepositoryError as error:
            return Entry(place, backup_id, None, unknown=error.message)
        if content is None:
            return None
        title = f"The manifest {self._folder(place, backup_id, MANIFEST)}"
        payload_problem = partial(self._payload_problem, self._folder(place, backup_id))
        return read_entry(place, backup_id, content, title, payload_problem, self._verdicts(place, backup_id))

    def _document(self, place: Place, backup_id: str, name: str) -> bytes | None:
        """Return the small file ``name``, or None if there is none."""
        with told(f"read {name} of {backup_id}", self._path), suppress(FileNotFoundError):
            return b"".join(read_file(self._folder(place, backup_id, name)))
        return None

    def _payload_problem(self, folder: str, manifest: Manifest) -> str | None:
        """Tell what is wrong with a payload.

        :raises RepositoryError: if one cannot be looked at. That is no sign of damage, but nor of a whole backup.
        """
        obstacle = None
        for each in manifest.objects:
            try:
                with told(f"look at {each.name} of {manifest.backup_id}", self._path):
                    problem = _problem_of(each, os.path.join(folder, each.name))
            except RepositoryError as error:
                obstacle = error
                continue
            if problem is not None:
                return problem
        if obstacle is not None:
            raise obstacle
        return None

    def _verdicts(self, place: Place, backup_id: str) -> Iterator[tuple[str, bytes | RepositoryError]]:
        for level in LEVELS:
            try:
                content = self._document(place, backup_id, verdict_name(level))
            except RepositoryError as error:
                yield level, error
                continue
            if content is not None:
                yield level, content

    def strays(self, place: Place) -> Strays:
        folder = self._folder(place)
        with told(f"list {place}", self._path):
            os.stat(self._path)
            if not os.path.isdir(folder):
                return Strays()
            contents = {name: _names_below(os.path.join(folder, name)) for name in os.listdir(folder)}
        return find_strays(place, contents)

    def remove(self, place: Place, backup_id: str, *, touch: bool = True) -> Removal:
        folder = self._folder(place, backup_id)
        if not touch:
            allowed = os.access(folder, os.W_OK | os.X_OK) and os.access(self._folder(place), os.W_OK | os.X_OK)
            return Removal(gone=True) if allowed else Removal(gone=False, reason=_DENIED)
        with told(f"remove {backup_id}", self._path):
            denied = _unlink_manifest(folder)
            if denied is not None:
                return Removal(gone=False, reason=denied)
            try:
                remove_tree(folder, patience=0.0)
            except OpsError as error:
                return Removal(gone=True, reason=error.message)
            fsync_folder(self._folder(place))
        return Removal(gone=True)

    def read(self, place: Place, backup_id: str, name: str) -> Iterator[bytes]:
        with told(f"read {name} of {backup_id}", self._path):
            yield from read_file(self._folder(place, backup_id, name))

    def write_verdict(self, place: Place, verdict: Verdict) -> None:
        path = self._folder(place, verdict.backup_id, verdict_name(verdict.level))
        with told(f"keep the verdict of {verdict.backup_id}", self._path):
            write_file(path, write_verdict(verdict), replace=True)

    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        with told(f"keep {name} of {set_id}", self._path):
            folder = self._path
            for each in (stack, PAGES_FOLDER, set_id):
                folder = os.path.join(folder, each)
                with suppress(FileExistsError):
                    os.mkdir(folder, mode=0o700)
            write_file(os.path.join(folder, name), content, replace=True)

    def read_page(self, stack: str, set_id: str, name: str) -> bytes | None:
        with told(f"read {name} of {set_id}", self._path), suppress(FileNotFoundError):
            return b"".join(read_file(self._folder(Place(stack, PAGES_FOLDER), set_id, name)))
        return None

    def sets_with_pages(self, stack: str) -> list[str]:
        names = _names_below(self._folder(Place(stack, PAGES_FOLDER)))
        return sorted(filter(is_backup_id, names or []))

    def remove_pages(self, stack: str, set_id: str, *, touch: bool = True) -> Removal:
        return self.remove(Place(stack, PAGES_FOLDER), set_id, touch=touch)

    def fetch_commands(self, stack: str, payloads: Sequence[tuple[str, str, str]]) -> list[str]:
        folder = shlex.quote(os.path.join(self._path, stack))
        return [f"from={folder}", *(f'cp "$from"/{shlex.quote("/".join(each))} .' for each in payloads)]


def _problem_of(stored: StoredObject, path: str) -> str | None:
    try:
        return size_problem(stored, os.stat(path).st_size)
    except FileNotFoundError:
        return f"Its payload {stored.name} is gone."


def _names_below(path: str) -> list[str] | None:
    """Return the names in folder ``path``, or None if it is no folder, or none of ours to look into."""
    if os.path.islink(path):
        return None
    try:
        return os.listdir(path)
    except OSError:
        return None


def _unlink_manifest(folder: str) -> str | None:
    """Remove the manifest durably, if there is one; return why that is not allowed, if it is not."""
    try:
        os.unlink(os.path.join(folder, MANIFEST))
        fsync_folder(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        if is_denied(error):
            return _DENIED
        raise
    return None
