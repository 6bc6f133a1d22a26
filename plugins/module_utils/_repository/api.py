# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every backend offers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import id_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict, standing
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination


@dataclass(frozen=True)
class Place:
    """The backups of one source of one stack."""

    stack: str
    source: str

    def __str__(self) -> str:
        return f"{self.stack}/{self.source}"


@dataclass(frozen=True)
class Entry:
    """One backup as a list shows it: with its manifest, or with the ``problem`` that keeps it from being read.

    ``unknown`` tells why it cannot be looked at just now, as a store or a disk does not answer: it may be whole, and
    nothing must be done to it for that. ``unread`` tells which of its verdicts cannot be read, and what to do: to that
    level, it counts as not verified.
    """

    place: Place
    backup_id: str
    manifest: Manifest | None
    problem: str | None = None
    verdicts: tuple[Verdict, ...] = field(default_factory=tuple)
    unknown: str | None = None
    unread: str | None = None

    @property
    def time(self) -> datetime:
        """The instant in the id."""
        return id_time(self.backup_id)

    @property
    def order(self) -> tuple[datetime, str, str]:
        """What entries are sorted by. An id tells the second; of two in one second the manifests tell the newer."""
        return self.time, self.manifest.started if self.manifest else "", self.backup_id

    @property
    def is_safety_copy(self) -> bool:
        """Whether it holds what a restore replaced: never what anybody means who names no backup."""
        return self.manifest is not None and self.manifest.safety_copy_for is not None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict that counts, if it was ever verified."""
        return standing(self.verdicts)

    @property
    def good(self) -> bool:
        """Whether a restore may rely on it: whole, recoverable, and not found bad by a verification."""
        verdict = self.verdict
        return (
            self.manifest is not None
            and self.problem is None
            and self.unknown is None
            and self.manifest.unrecoverable is None
            and (verdict is None or not verdict.problems)
        )

    def to_result(self, now: datetime) -> dict[str, Any]:
        """Return the entry as a module returns it."""
        verdict = self.verdict
        names = {"backup_id": self.backup_id, "stack": self.place.stack, "source": self.place.source}
        return {
            **(self.manifest.to_document() if self.manifest else names),
            "age_seconds": max(0, int((now - self.time).total_seconds())),
            "good": self.good,
            "problem": self.problem or self.unknown,
            "unknown": self.unknown is not None,
            "verified": {"level": verdict.level, "time": verdict.time, "result": verdict.result} if verdict else None,
        }


@dataclass(frozen=True)
class Removal:
    """What became of an order to remove what lies under a backup's id.

    ``gone``: it is no backup any more. ``reason`` says why it, or some of its payload, stays, such as a lock and its
    end; None if nothing does.
    """

    gone: bool
    reason: str | None = None


@dataclass(frozen=True)
class Strays:
    """What lies in a place and is no backup.

    ``orphans`` are the ids under which there are payloads and no manifest: a backup being written, or what a killed run
    left of one. ``foreign`` are the names of all that this collection never makes there. Both are sorted.
    """

    orphans: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


class Upload(ABC):
    """A backup being written. It is a backup once :meth:`commit` returned, and nothing before."""

    @abstractmethod
    def put(self, name: str) -> AbstractContextManager[Callable[[bytes], object]]:
        """Give a function that takes the chunks of payload ``name``; the payload is durable when the body ends.

        A second time under the same name, whichever way the first ended, it begins anew.
        """

    @abstractmethod
    def commit(self, manifest: Manifest) -> None:
        """Read the payloads back against ``manifest``, then write it: last, and only if there is none.

        :raises DamagedError: if the store does not hold what was written.
        """


class Repository(ABC):
    """A place for backups. Errors are :class:`RepositoryError` and its kin, with the place in their message."""

    @property
    @abstractmethod
    def title(self) -> str:
        """The repository's name for messages, without a secret."""

    def preflight(self) -> None:
        """Refuse what could not be kept as asked, touching nothing.

        :raises OpsError: that says why.
        """
        return

    @abstractmethod
    def examine(self, stack: str, *, touch: bool) -> Examination:
        """Find out what can be done to the backups of ``stack`` from here, by means of an object made for that.

        :param touch: whether it may write; without that, less is known.
        :raises RepositoryError: if the repository cannot even be listed.
        """

    @abstractmethod
    def lease(self, place: Place) -> AbstractContextManager[None]:
        """Hold the right to write to ``place``.

        :raises BusyError: if somebody else holds it; the message says who.
        """

    @abstractmethod
    def upload(
        self, place: Place, backup_id: str, expected: Mapping[str, int] | None = None
    ) -> AbstractContextManager[Upload]:
        """Begin a backup; when the body ends without a commit, all that was written is removed.

        :param expected: about how many bytes each payload will have, by its name, as far as known.
        """

    @abstractmethod
    def entries(self, place: Place, since: datetime | None = None) -> list[Entry]:
        """Return the backups of ``place``, newest first. What has no manifest is none.

        :param since: leave out those begun before.
        """

    @abstractmethod
    def read(self, place: Place, backup_id: str, name: str) -> Iterator[bytes]:
        """Yield the stored bytes of payload ``name`` in chunks."""

    @abstractmethod
    def write_verdict(self, place: Place, verdict: Verdict) -> None:
        """Keep ``verdict`` beside its backup, in place of the one of the same level."""

    @abstractmethod
    def write_page(self, stack: str, set_id: str, name: str, content: bytes) -> None:
        """Keep a page for people beside the set ``set_id``, in place of the one of the same name."""

    @abstractmethod
    def read_page(self, stack: str, set_id: str, name: str) -> bytes | None:
        """Return the page ``name`` beside the set ``set_id``, or None if there is none."""

    @abstractmethod
    def sets_with_pages(self, stack: str) -> list[str]:
        """Return the ids of the sets that have pages beside them, whether or not any of their backups is left."""

    @abstractmethod
    def remove_pages(self, stack: str, set_id: str, *, touch: bool = True) -> Removal:
        """Remove the pages of a set: like :meth:`remove`, but no lease is needed."""

    @abstractmethod
    def fetch_commands(self, stack: str, payloads: Sequence[tuple[str, str, str]]) -> list[str]:
        """Return shell commands that bring ``payloads`` (source, backup id, name) into the current folder, by hand."""

    @abstractmethod
    def strays(self, place: Place) -> Strays:
        """Return what lies in ``place`` beside its backups. What a backup itself consists of is none of it."""

    @abstractmethod
    def remove(self, place: Place, backup_id: str, *, touch: bool = True) -> Removal:
        """Remove all that lies under ``backup_id``, be it a backup or an orphan. The caller holds the lease of ``place``.

        The manifest goes first, and durably, so that whoever is killed here leaves an orphan and never half a backup in
        a list. What may not be removed (a lock, missing rights) is no error: a backup stays whole then, with the reason.
        What is gone already is gone.

        :param touch: whether it may write. Without that, return what would come of it, as far as it can be known without
            trying; no lease is needed.
        :raises RefusedError: if this view of the repository cannot be written to.
        :raises RepositoryError: if the repository cannot be reached.
        """

    def reclaim(self) -> None:
        """Give back the space of what was removed, where removing alone does not: also of what a run removed that was cut
        off before it came to this. It takes no time where there is nothing to give back.
        """
        return
