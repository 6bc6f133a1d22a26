# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the file system of a repository refused, in words that say what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RepositoryError

_ADVICE = {
    errno.ENOSPC: "it is full; free some space or prune old backups",
    errno.EDQUOT: "its quota is used up; raise it or prune old backups",
    errno.EROFS: "it is mounted read-only; mount it writable",
    errno.EACCES: "this user may not write there; check its owner and mode, or run with become",
    errno.EPERM: "this user may not write there; check its owner and mode, or run with become",
    errno.ENOENT: "it has vanished; mount its file system again, or find out who removed it",
    errno.ESTALE: "the network file system lost it; mount it again",
}
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)


def is_denied(error: OSError) -> bool:
    """Tell whether this user may not do so: for want of a right, or since what is there cannot be changed at all."""
    return error.errno in _DENIED


@contextmanager
def told(action: str, path: str) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do next."""
    try:
        yield
    except OSError as error:
        reason = _ADVICE.get(error.errno or 0, error.strerror or str(error))
        raise RepositoryError(f"Failed to {action} in the repository {path}: {reason}.") from error
