# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lease kept as an object of a bucket: one writer at a time, none left behind by a writer that died.

The object is only ever replaced, never removed: credentials that may not delete can take a lease and give it back. Its
age is told by the store's own clock, so that hosts whose clocks differ agree on it.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import process_exists
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket, Small

#: How long a lease holds that is not renewed, and how often its holder renews it (seconds).
LIFE, _RENEWAL = 180.0, 45.0


@dataclass(frozen=True)
class Holder:
    """Who has, or had, a lease. ``kernel`` and ``namespace`` say where ``pid`` means something."""

    host: str
    pid: int
    since: str
    kernel: str
    namespace: str
    token: str
    released: bool = False

    @property
    def is_dead(self) -> bool:
        """Whether it surely does not run any more: we would see it."""
        here = (self.kernel, self.namespace) == _whereabouts()
        return here and not process_exists(self.pid)

    def __str__(self) -> str:
        return json.dumps({"host": self.host, "pid": self.pid, "since": self.since})

    def to_bytes(self) -> bytes:
        """Return what the object holds."""
        return json.dumps(asdict(self), sort_keys=True).encode("utf-8")


def ourselves() -> Holder:
    """Return this process as a holder, with a fresh token."""
    kernel, namespace = _whereabouts()
    return Holder(socket.gethostname(), os.getpid(), to_iso(now()), kernel, namespace, secrets.token_hex(8))


def read_holder(content: bytes) -> Holder | None:
    """Return the holder in ``content``, or None if another program wrote it."""
    try:
        values: dict[str, Any] = json.loads(content)
        return Holder(**values)
    except (ValueError, TypeError):
        return None


def holder_in_the_way(found: Small | None) -> Holder | str | None:
    """Return who holds the lease now, if anybody does."""
    if found is None or found.age_seconds > LIFE:
        return None
    holder = read_holder(found.content)
    if holder is None:
        return "another program"
    return None if holder.released or holder.is_dead else holder


class ObjectLease:
    """The lease that the object ``key`` stands for.

    Where the store does not honour conditions (``atomic`` is false), two writers that begin in the same instant may
    both get it.
    """

    def __init__(self, bucket: Bucket, key: str, title: str, *, atomic: bool, warn: Callable[[str], object]) -> None:
        self._bucket, self._key, self._title, self._atomic, self._warn = bucket, key, title, atomic, warn

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lease in the body, which is given whether a writer that died had it before.

        :raises BusyError: if somebody else holds it; the message says who.
        """
        found = self._bucket.get(self._key)
        in_the_way = holder_in_the_way(found)
        if in_the_way is not None:
            raise self._busy(in_the_way)
        before = read_holder(found.content) if found is not None else None
        me = ourselves()
        if not self._write(me.to_bytes(), found.etag if found is not None else None):
            raise self._busy(self._holder())
        over = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(me, over), daemon=True)
        keeper.start()
        try:
            yield before is not None and not before.released and before.is_dead
        finally:
            over.set()
            keeper.join()
            self._release(me)

    def _write(self, content: bytes, etag: str | None) -> bool:
        if self._atomic:
            return self._bucket.put_if(self._key, content, etag=etag)
        self._bucket.put(self._key, content)
        found = self._bucket.get(self._key)
        return found is not None and found.content == content

    def _keep(self, me: Holder, over: threading.Event) -> None:
        """Renew the lease until it is ``over``. What fails is tried again: it holds for some renewals more."""
        while not over.wait(_RENEWAL):
            try:
                if not self._rewrite(me, me):
                    return  # somebody took it for dead; _release() tells
            except RepositoryError:
                continue

    def _release(self, me: Holder) -> None:
        """Give the lease back. The body is over: what fails here is told, and is no failure of what it did."""
        try:
            if not self._rewrite(me, Holder(**{**asdict(me), "released": True})):
                # Backups have ids of their own, so that both are whole.
                self._warn(f"Another writer took the lease of {self._title} meanwhile: {self._holder()}.")
        except RepositoryError as error:
            self._warn(
                f"The lease of {self._title} was not given back and holds for {LIFE:.0f} s more: {error.message}"
            )

    def _rewrite(self, me: Holder, content: Holder) -> bool:
        """Replace our own lease by ``content``; tell whether it was still ours."""
        found = self._bucket.get(self._key)
        holder = read_holder(found.content) if found is not None else None
        if found is None or holder is None or holder.token != me.token:
            return False
        return self._write(content.to_bytes(), found.etag)

    def _holder(self) -> Holder | str:
        found = self._bucket.get(self._key)
        return (read_holder(found.content) if found is not None else None) or "another process"

    def _busy(self, holder: Holder | str) -> BusyError:
        return BusyError(
            f"Another writer is at work on {self._title} in the repository {self._bucket.title}: {holder}. "
            f"Try again when it has ended; of one that died on another host the lease is free after {LIFE:.0f} s."
        )


def _whereabouts() -> tuple[str, str]:
    """Return what tells this boot of this kernel, and this namespace of process ids, from all others."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
        return stream.read().strip(), os.readlink("/proc/self/ns/pid")
