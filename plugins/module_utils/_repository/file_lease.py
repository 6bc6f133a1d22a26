# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lease held by a lock on a file: the kernel lets it go when its holder dies, so none is ever left behind."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_refusal import told


@contextmanager
def hold_file_lease(path: str, place: Place, repository: str) -> Iterator[None]:
    """Hold the lease of ``place`` by the file ``path``, whose folder must exist.

    :param repository: the repository's name, for messages.
    :raises BusyError: if another process holds it.
    """
    with told(f"take the lease of {place}", repository):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 4096, 0).decode("utf-8", "replace").strip() or "another process"
            raise BusyError(
                f"Another writer is at work on {place} in the repository {repository}: {holder}. "
                "Try again when it has ended."
            ) from error
        text = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "since": to_iso(now())})
        with told(f"take the lease of {place}", repository):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, text.encode("utf-8"), 0)
        yield
    finally:
        os.close(descriptor)
