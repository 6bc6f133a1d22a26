# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository in a folder of a local or mounted file system: ``<path>/<stack>/<source>/<backup_id>/``."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shlex
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    RefusedError,
    RepositoryError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import fsync_folder, write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import CHUNK, Tap
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
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_examination import examine_folder

_WINDOW = 64 << 20  # how far the reading back stays behind the writing, in bytes

_ADVICE = {
    errno.ENOSPC: "it is full; free some space or prune old backups",
    errno.EDQUOT: "its quota is used up; raise it or prune old backups",
    errno.EROFS: "it is mounted read-only; mount it writable",
    errno.EACCES: "this user may not write there; check its owner and mode, or run with become",
    errno.EPERM: "this user may not write there; check its owner and mode, or run with become",
    errno.ENOENT: "it has vanished; mount its file system again, or find out who removed it",
    errno.ESTALE: "the network file system lost it; mount it again",
}


@contextmanager
def _told(action: str, path: str) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do next."""
    try:
        yield
    except OSError as error:
        reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
        raise RepositoryError(f"Failed to {action} in the repository {path}: {reason}.") from error


class LocalRepository(Repository):
    """The ``local`` backend. Folders are 0700, files 0600."""

    def __init__(self, path: str) -> None:
        """Take the folder ``path``, which must exist: a missing one may be a file system that is not mounted.

        :raises RefusedError: if it does not.
        """
        self._path = os.path.abspath(path)
        if not os.path.isdir(self._path):
            raise RefusedError(
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
        with _told("examine what can be done", self._path):
            return examine_folder(self._path, touch=touch)

    @contextmanager
    def lease(self, place: Place) -> Iterator[None]:
        """Hold the lease by ``flock``: the kernel lets it go when its holder dies, so none is ever left behind."""
        with _told(f"take the lease of {place}", self._path):
            self._make_home(place)
            path = self._folder(place, LEASE)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.pread(descriptor, 4096, 0).decode("utf-8", "replace").strip() or "another process"
                raise BusyError(
                    f"Another writer is at work on {place} in the repository {self._path}: {holder}. "
                    "Try again when it has ended."
                ) from error
            text = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": to_iso(now())})
            with _told(f"take the lease of {place}", self._path):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, text.encode("utf-8"), 0)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def upload(
        self,
        place: Place,
        backup_id: str,
        expected: Mapping[str, int] | None = None,  # noqa: ARG002 (it has no use for it)
    ) -> Iterator[Upload]:
        folder = self._folder(place, backup_id)
        with _told(f"begin {backup_id}", self._path):
            self._make_home(place)
            os.mkdir(folder, mode=0o700)
        upload = _LocalUpload(self._path, folder)
        try:
            yield upload
        finally:
            if not upload.committed:
                shutil.rmtree(folder, ignore_errors=True)  # without a manifest it is no backup, removed or not

    def entries(self, place: Place, since: datetime | None = None) -> list[Entry]:
        folder = self._folder(place)
        with _told(f"list {place}", self._path):
            os.stat(self._path)
            names = os.listdir(folder) if os.path.isdir(folder) else []
        oldest = stamp(since) if since is not None else ""
        found = [self._entry(place, name) for name in filter(is_backup_id, names) if name >= oldest]
        return sorted((each for each in found if each is not None), key=lambda each: each.order, reverse=True)

    def _entry(self, place: Place, backup_id: str) -> Entry | None:
        folder = self._folder(place, backup_id)
        path = os.path.join(folder, MANIFEST)
        title = f"The manifest {path}"
        try:
            with open(path, "rb") as stream:
                content = stream.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            return Entry(place, backup_id, None, f"{title} cannot be read: {error.strerror}.")
        return read_entry(
            place,
            backup_id,
            content,
            title,
            lambda manifest: self._payload_problem(folder, manifest),
            lambda: self._verdicts(folder),
        )

    def _payload_problem(self, folder: str, manifest: Manifest) -> str | None:
        for each in manifest.objects:
            try:
                size = os.stat(os.path.join(folder, each.name)).st_size
            except OSError as error:
                return f"Its payload {each.name} cannot be read: {error.strerror}."
            problem = size_problem(each, size)
            if problem is not None:
                return problem
        return None

    def _verdicts(self, folder: str) -> tuple[Verdict, ...]:
        verdicts = []
        for level in LEVELS:
            path = os.path.join(folder, verdict_name(level))
            if os.path.exists(path):
                with open(path, "rb") as stream:
                    verdicts.append(read_verdict(stream.read(), f"The verdict {path}"))
        return tuple(verdicts)

    def read(self, place: Place, backup_id: str, name: str) -> Iterator[bytes]:
        with _told(f"read {name} of {backup_id}", self._path):
            yield from _read_file(self._folder(place, backup_id, name))

    def write_verdict(self, place: Place, verdict: Verdict) -> None:
        path = self._folder(place, verdict.backup_id, verdict_name(verdict.level))
        with _told(f"keep the verdict of {verdict.backup_id}", self._path):
            write_file(path, write_verdict(verdict), replace=True)

    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        with _told(f"keep {name} of {set_id}", self._path):
            folder = self._path
            for each in (stack, PAGES_FOLDER, set_id):
                folder = os.path.join(folder, each)
                with suppress(FileExistsError):
                    os.mkdir(folder, mode=0o700)
            write_file(os.path.join(folder, name), content, replace=True)

    def fetch_commands(self, stack: str, payloads: Sequence[tuple[str, str, str]]) -> list[str]:
        folder = shlex.quote(os.path.join(self._path, stack))
        return [f"from={folder}", *(f'cp "$from"/{shlex.quote("/".join(each))} .' for each in payloads)]


class _LocalUpload(Upload):
    """A backup being written to its own folder."""

    def __init__(self, repository: str, folder: str) -> None:
        self._repository, self._folder = repository, folder
        self._read_backs: dict[str, _ReadBack] = {}
        self.committed = False

    @contextmanager
    def put(self, name: str) -> Iterator[Callable[[bytes], object]]:
        path = os.path.join(self._folder, name)
        temporary = os.path.join(self._folder, f".{name}.partial")
        with _told(f"write {name}", self._repository):
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        read_back = self._read_backs[name] = _ReadBack(descriptor)

        def write(chunk: bytes) -> None:
            with _told(f"write {name}", self._repository):
                view = memoryview(chunk)
                while view:
                    view = view[os.write(descriptor, view) :]
                read_back.follow(len(chunk))

        try:
            yield write
            with _told(f"write {name}", self._repository):
                read_back.wait()
                _to_disk(descriptor)
                os.rename(temporary, path)
                fsync_folder(self._folder)
        finally:
            read_back.close()
            os.close(descriptor)

    def commit(self, manifest: Manifest) -> None:
        with _told(f"complete {manifest.backup_id}", self._repository):
            for each in manifest.objects:
                tap = self._read_backs[each.name].finish(os.path.join(self._folder, each.name))
                if (tap.size, tap.sha256) != (each.stored_bytes, each.stored_sha256):
                    raise not_given_back(self._repository, each.name, "check the disk")
            write_file(os.path.join(self._folder, MANIFEST), write_manifest(manifest), replace=False)
            fsync_folder(os.path.dirname(self._folder))
        self.committed = True


class _ReadBack:
    """Reads a payload again while more of it is being written, each part once the disk has it.

    At the end little is left to wait for, and a large backup does not push the host's own files out of its memory.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._tap, self._written = Tap(), 0
        self._thread = ThreadPoolExecutor(max_workers=1)  # started with the first window, if there ever is one
        self._reading: Future[None] | None = None

    def follow(self, more: int) -> None:
        """Take it that ``more`` bytes were written; read a window of them unless the one before is still being read.

        :raises OSError: of the reading, late.
        """
        self._written += more
        if self._reading is None or self._reading.done():
            self.wait()
            if self._written - self._tap.size >= _WINDOW:
                self._reading = self._thread.submit(self._read, self._written - self._written % CHUNK)

    def wait(self) -> None:
        """Wait until nothing is being read.

        :raises OSError: of the reading.
        """
        if self._reading is not None:
            self._reading.result()

    def close(self) -> None:
        """Let the descriptor go."""
        self._thread.shutdown()

    def finish(self, path: str) -> Tap:
        """Read the rest under its final name, and return what was read in all."""
        for chunk in _read_file(path, self._tap.size):
            self._tap.see(chunk)
        return self._tap

    def _read(self, end: int) -> None:
        _to_disk(self._descriptor)
        while chunk := os.pread(self._descriptor, min(CHUNK, end - self._tap.size), self._tap.size):
            self._tap.see(chunk)


def _to_disk(descriptor: int) -> None:
    """Make what was written durable, and forget it: what is read next comes from the disk."""
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _read_file(path: str, start: int = 0) -> Iterator[bytes]:
    with open(path, "rb", buffering=0) as stream:
        stream.seek(start)
        while chunk := stream.read(CHUNK):
            yield chunk
