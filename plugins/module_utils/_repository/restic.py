# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A repository of the program restic: a snapshot for each payload, manifest, verdict and page, told apart by tags.

What did not change since an earlier backup is stored once, and everything is encrypted, by restic itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.node import Node
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id, stamp
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import FILES, Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import LEVELS, Verdict, write_verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Removal, Strays
from ansible_collections.chatbot.ops.plugins.module_utils._repository.entry import (
    MANIFEST,
    PAGES_FOLDER,
    read_entry,
    verdict_name,
)
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination
from ansible_collections.chatbot.ops.plugins.module_utils._repository.files import FilesRepository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.restic_examination import examine_restic
from ansible_collections.chatbot.ops.plugins.module_utils._repository.restic_state import State
from ansible_collections.chatbot.ops.plugins.module_utils._repository.restic_upload import ResticUpload
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Label, Snapshot
from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic
from ansible_collections.chatbot.ops.plugins.module_utils._restic.refusal import is_denied

_VERDICTS = tuple(verdict_name(level) for level in LEVELS)


class ResticRepository(FilesRepository):
    """The ``restic`` backend."""

    def __init__(self, restic: Restic, warn: Callable[[str], object], *, content: bool) -> None:
        """Take the repository; nothing is asked of it yet.

        :param warn: is told what the user should know though it is no failure.
        :param content: whether what was written is read back whole before it counts.
        """
        self._restic, self._warn, self._content = restic, warn, content
        self._state = State(restic.settings.key)
        self._known: dict[str, list[Snapshot]] = {}

    @property
    def title(self) -> str:
        return self._restic.title

    def preflight(self) -> None:
        self._restic.require_version()

    def examine(self, stack: str, *, touch: bool) -> Examination:
        return examine_restic(self._restic, stack, touch=touch)

    @contextmanager
    def lease(self, place: Place) -> Iterator[None]:
        """Hold the lease, against writers on this host. Those on others are not kept out; each makes a whole backup."""
        with self._state.lease(place, self.title):
            self._known.clear()
            yield

    @contextmanager
    def upload(
        self,
        place: Place,
        backup_id: str,
        expected: Mapping[str, int] | None = None,  # noqa: ARG002 (it has no use for it)
    ) -> Iterator[ResticUpload]:
        upload = ResticUpload(self._restic, _label(place, backup_id, MANIFEST), self._warn, content=self._content)
        try:
            yield upload
        finally:
            self._known.clear()
            upload.end()

    def entries(self, place: Place, since: datetime | None = None) -> list[Entry]:
        oldest = stamp(since) if since is not None else ""
        found = {
            identifier: objects
            for identifier, objects in self._of(place).items()
            if MANIFEST in objects and is_backup_id(identifier) and identifier >= oldest
        }
        small = [each for objects in found.values() for name, each in objects.items() if name in (MANIFEST, *_VERDICTS)]
        contents = self._state.contents(
            small, self._snapshots(place.stack), lambda each: b"".join(self._restic.dump(each))
        )
        entries = [self._entry(place, identifier, objects, contents) for identifier, objects in found.items()]
        return sorted(entries, key=lambda each: each.order, reverse=True)

    def read(self, place: Place, backup_id: str, name: str) -> Iterator[bytes]:
        return self._restic.dump(self._object(place, backup_id, name))

    def nodes(self, place: Place, backup_id: str, name: str) -> Iterator[Node]:
        return self._restic.nodes(self._object(place, backup_id, name))

    def check_files(self, place: Place, backup_id: str, name: str) -> None:
        for _chunk in self._restic.archive(self._object(place, backup_id, name)):
            pass

    def restore_files(self, place: Place, backup_id: str, name: str, folder: str) -> None:
        self._restic.restore(self._object(place, backup_id, name), folder)

    def write_verdict(self, place: Place, verdict: Verdict) -> None:
        self._replace(_label(place, verdict.backup_id, verdict_name(verdict.level)), write_verdict(verdict))

    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        self._replace(Label(stack, PAGES_FOLDER, set_id, name), content)

    def read_page(self, stack: str, set_id: str, name: str) -> bytes | None:
        snapshot = self._of(Place(stack, PAGES_FOLDER)).get(set_id, {}).get(name)
        return None if snapshot is None else b"".join(self._restic.dump(snapshot))

    def sets_with_pages(self, stack: str) -> list[str]:
        return sorted(filter(is_backup_id, self._of(Place(stack, PAGES_FOLDER))))

    def remove_pages(self, stack: str, set_id: str, *, touch: bool = True) -> Removal:
        return self.remove(Place(stack, PAGES_FOLDER), set_id, touch=touch)

    def fetch_commands(self, stack: str, payloads: Sequence[tuple[str, str, str]]) -> list[str]:
        commands = [f"export RESTIC_REPOSITORY={shlex.quote(self._restic.settings.title)}"]
        for source, backup_id, name in payloads:
            snapshot, quoted = self._object(Place(stack, source), backup_id, name), shlex.quote(name)
            words = (
                f"restore {snapshot.identifier} --target {quoted}"
                if snapshot.files
                else f"dump {snapshot.identifier} {quoted} > {quoted}"
            )
            commands.append(f"restic {words}")
        return commands

    def strays(self, place: Place) -> Strays:
        found = self._of(place)
        return Strays(tuple(sorted(identifier for identifier, objects in found.items() if MANIFEST not in objects)))

    def remove(self, place: Place, backup_id: str, *, touch: bool = True) -> Removal:
        ours = [each for each in self._snapshots(place.stack) if _is_part(each, place, backup_id)]
        if not touch:
            return Removal(gone=True)  # nobody knows without trying
        self._known.clear()
        manifests = [each for each in ours if each.label.name == MANIFEST]
        owed, gone = self._state.owe_space(), False
        try:
            self._restic.forget(manifests)
            gone = True
            self._restic.forget([each for each in ours if each not in manifests])
        except OpsError as error:
            if not is_denied(error):
                raise
            gone = gone and bool(manifests)
            if not (owed or gone):
                self._state.settle_space()  # nothing was removed
            return Removal(gone=gone, reason=error.message)
        return Removal(gone=True)

    def reclaim(self) -> None:
        if self._state.owes_space():
            self._restic.prune()
            self._state.settle_space()

    def _snapshots(self, stack: str) -> list[Snapshot]:
        if stack not in self._known:
            self._known[stack] = self._restic.snapshots(stack)
        return self._known[stack]

    def _of(self, place: Place) -> dict[str, dict[str, Snapshot]]:
        """Return the newest snapshot of each object, by the id that it lies under and its name."""
        found: dict[str, dict[str, Snapshot]] = {}
        for each in self._snapshots(place.stack):
            if each.label.source == place.source:
                found.setdefault(each.label.identifier, {})[each.label.name] = each
        return found

    def _object(self, place: Place, backup_id: str, name: str) -> Snapshot:
        snapshot = self._of(place).get(backup_id, {}).get(name)
        if snapshot is None:
            raise DamagedError(f"The {self.title} holds no {name} of {backup_id}. Use another backup.")
        return snapshot

    def _entry(
        self, place: Place, backup_id: str, objects: Mapping[str, Snapshot], contents: Mapping[str, bytes]
    ) -> Entry:
        title = f"The manifest of {backup_id} in the {self.title}"

        def payload_problem(manifest: Manifest) -> str | None:
            for stored in manifest.objects:
                found = objects.get(stored.name)
                if found is None:
                    return f"Its payload {stored.name} is gone."
                if stored.compression == FILES and found.tree != stored.stored_sha256:
                    return f"Its payload {stored.name} is not the one that was stored."
            return None

        found = [(level, objects[name]) for level, name in zip(LEVELS, _VERDICTS) if name in objects]
        verdicts = [(level, contents[each.identifier]) for level, each in found]
        content = contents[objects[MANIFEST].identifier]
        return read_entry(place, backup_id, content, title, payload_problem, verdicts)

    def _replace(self, label: Label, content: bytes) -> None:
        """Keep ``content``, and forget what had that label before, where that is allowed: the newest counts."""
        before = [each for each in self._snapshots(label.stack) if each.label == label]
        with self._restic.keep_stream(label) as write:
            write(content)
        try:
            self._restic.forget(before)
        except OpsError as error:
            if not is_denied(error):
                raise


def _label(place: Place, backup_id: str, name: str) -> Label:
    return Label(place.stack, place.source, backup_id, name)


def _is_part(snapshot: Snapshot, place: Place, backup_id: str) -> bool:
    label = snapshot.label
    return (label.stack, label.source, label.identifier) == (place.stack, place.source, backup_id)
