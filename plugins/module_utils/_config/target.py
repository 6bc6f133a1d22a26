# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stack's own files, put back: each in one step, none before all are known to be good."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared, differences
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import Restored, Target
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier
from ansible_collections.chatbot.ops.plugins.module_utils._config.files import (
    File,
    pack,
    prove,
    read_files,
    require_side_by_side,
    unpack,
)
from ansible_collections.chatbot.ops.plugins.module_utils._config.source import PAYLOAD
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import fsync_folder, write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest

_PREVIOUS = "/var/lib/chatbot-ops/previous"


@dataclass(frozen=True)
class RestoreOptions:
    """What the user asked for; see the documentation of ``config_restore``. ``root`` has no slash at its end."""

    root: str
    replace: bool
    keep_previous: bool
    previous_dir: str = _PREVIOUS


class ConfigTarget(Target):
    """The places that the files came from, or the same below another root folder."""

    def __init__(self, options: RestoreOptions) -> None:
        self._options = options
        self._wanted: dict[str, File] = {}

    def read_ahead(self, manifest: Manifest, fetcher: Fetcher) -> None:
        wanted = decoded(fetcher)
        _compare(manifest, prove(wanted)).require(f"Backup {manifest.backup_id}")
        self._wanted = {each.path: each for each in wanted}

    def preflight(self, manifest: Manifest) -> dict[str, Any]:
        self._require_inside(manifest)
        there = self._there(manifest)
        changed = [each.path for each in self._missing(there)]
        occupied = [path for path in changed if path in there]
        if occupied and not self._options.replace:
            raise RefusedError(
                f"Failed to restore the files of {manifest.stack}: {len(occupied)} of them are there with other content "
                f"({', '.join(occupied[:3])}{', …' if len(occupied) > 3 else ''}). Say replace: true to put the backup's in "
                "their place; what is there is kept unless keep_previous is false."
            )
        return {
            "before": {path: self._shown(there[path]) if path in there else None for path in changed},
            "after": {path: self._shown(self._wanted[path]) for path in changed},
        }

    def holds(self, manifest: Manifest) -> Compared | None:
        there = self._there(manifest)
        return None if any(self._missing(there)) else _compare(manifest, prove(there.values()))

    def tidy_up(self) -> None:
        """Each file is replaced in one step, so that nothing is left undone."""

    def restore(self, manifest: Manifest, _fetcher: Fetcher) -> Restored:
        there = self._there(manifest)
        missing = list(self._missing(there))
        previous = self._keep([there[each.path] for each in missing if each.path in there])
        written: list[str] = []
        try:
            for each in missing:
                _put(self._options.root + each.path, each)
                written.append(each.path)
            after = self._there(manifest)
            compared = _compare(manifest, prove(after.values()))
            compared = replace(compared, differences=(*compared.differences, *self._changed(after)))
            compared.require(f"What was restored from {manifest.backup_id}")
        except BaseException:
            for path in written:
                with suppress(OpsError, OSError):  # the first error is the one to tell
                    self._take_back(path, there.get(path))
            raise
        return Restored(compared, previous, {"files": [each.path for each in missing]})

    def _missing(self, there: Mapping[str, File]) -> Iterator[File]:
        """Yield the files of the backup, by their path, that are not ``there`` just so."""
        for path in sorted(self._wanted):
            wanted, found = self._wanted[path], there.get(path)
            if (
                found is None
                or found.content != wanted.content
                or _known(found.to_proof()) != _known(wanted.to_proof())
            ):
                yield wanted

    def _changed(self, there: Mapping[str, File]) -> Iterator[str]:
        for path, wanted in self._wanted.items():
            if path in there and there[path].content != wanted.content:
                yield f"files.{path} holds something else than the backup's"

    def _shown(self, file: File) -> dict[str, Any]:
        same = file.content == self._wanted[file.path].content
        return {**file.to_proof(), "content": "the backup's" if same else "another"}

    def _require_inside(self, manifest: Manifest) -> None:
        """Refuse to write through links: to what a backup's own ones lead to, and from another root folder to this one.

        :raises OpsError: that names the file and the link, or where it leads.
        """
        claimed = manifest.proof["files"]
        require_side_by_side(claimed)
        if not self._options.root:
            return
        root = os.path.realpath(self._options.root)
        for path in claimed:
            folder = os.path.realpath(os.path.dirname(self._options.root + path))
            if folder != root and not folder.startswith(root.rstrip("/") + "/"):
                raise RefusedError(
                    f"Failed to restore the files of {manifest.stack} below {self._options.root}: a link there would have "
                    f"{path} written to {folder}. Nothing was restored. Remove that link, or name an empty folder as root."
                )

    def _take_back(self, path: str, before: File | None) -> None:
        if before is None:
            os.unlink(self._options.root + path)
        else:
            _put(self._options.root + path, before)

    def _there(self, manifest: Manifest) -> dict[str, File]:
        """Return those of the backup's files that are there, by the paths that they have in the backup."""
        root = self._options.root
        paths = [root + path for path in manifest.proof["files"] if os.path.lexists(root + path)]
        cut = len(root)
        return {each.path[cut:]: File(each.path[cut:], *_rest(each)) for each in read_files(paths)}

    def _keep(self, files: list[File]) -> str | None:
        """Keep ``files`` as a tar archive, and return its path; None if there is nothing to keep."""
        if not files or not self._options.keep_previous:
            return None
        folder = self._options.previous_dir
        path = os.path.join(folder, f"config-{now():%Y%m%dT%H%M%S%fZ}.tar")
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            write_file(path, pack(files), replace=False)
        except OSError as error:
            raise RefusedError(
                f"Failed to keep what is there as {path}: {error.strerror}. Nothing was replaced. Run with become, or say "
                "keep_previous: false."
            ) from error
        return path


class ConfigVerifier(Verifier):
    """Looks into the backups of a stack's files, in memory."""

    def structure(self, _manifest: Manifest, fetcher: Fetcher) -> None:
        decoded(fetcher)

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Compared:
        return _compare(manifest, prove(decoded(fetcher)))


def decoded(fetcher: Fetcher) -> list[File]:
    """Return the files that the backup holds.

    :raises DamagedError: if its payload is not what was stored, or none of ours.
    """
    content = bytearray()
    fetcher.decode(PAYLOAD, sink=content.extend)
    return unpack(bytes(content))


def _compare(manifest: Manifest, found: Mapping[str, Any]) -> Compared:
    claimed = manifest.proof["files"]
    known = {path: _known(each) for path, each in claimed.items()}
    different = differences(known, {path: _known(each) for path, each in found.items()})
    return Compared(manifest.proof, {**manifest.proof, "files": dict(found)}, tuple(different))


def _known(proof: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a file's proof counts here: without root, nobody can restore the owners."""
    return {key: value for key, value in proof.items() if key != "owner" or os.geteuid() == 0}


def _rest(file: File) -> tuple[Any, ...]:
    return file.content, file.mode, file.uid, file.gid, file.mtime, file.target


def _put(path: str, file: File) -> None:
    """Make ``path`` that file, in one step; the folders that lead there are made.

    :raises OpsError: if it cannot be written.
    """
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.partial")
    try:
        os.makedirs(folder, exist_ok=True)
        if file.target is not None:
            os.symlink(file.target, temporary)
        else:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as stream:
                stream.write(file.content)
                if os.geteuid() == 0:
                    os.fchown(descriptor, file.uid, file.gid)
                os.fchmod(descriptor, file.mode)
                stream.flush()
                os.fsync(descriptor)
            os.utime(temporary, (file.mtime, file.mtime))
        os.replace(temporary, path)
        fsync_folder(folder)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise OpsError(
            f"Failed to write {path}: {error.strerror}. Mend that, such as by freeing space, and run it again: files that "
            "are as the backup has them are left alone."
        ) from error
