# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What restic's complaints mean, in words that say what to do next. Pure."""

from __future__ import annotations

import re

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._restic.settings import without_users

_DENIED = re.compile(
    r"permission denied|operation not permitted|read-only file system|\b403\b|access ?denied", re.IGNORECASE
)
# What restic says of content alone (0.14 to 0.18): it becomes a verdict that stays.
_DAMAGED = re.compile(
    r"ciphertext verification failed|invalid data returned|wrong data returned|not found in (?:repository|index|pack)|"
    r"(?:id|size|hash) does not match|hash mismatch|unexpected \w+ size|too.short|"
    r"<\w+/\w+>.*(?:no such file|does not exist)",
    re.IGNORECASE,
)
# Before 0.17 it says this of a file that was cut. Of a server, it says so too when the connection broke.
_CUT = re.compile(r"ReadFull\(<\w+/\w+>\): (?:unexpected )?EOF")
#: The lines about attempts that it made again: what ends a run is told by others.
_ATTEMPT = re.compile(r"^.*returned error, retrying after.*$", re.MULTILINE)
# In this order: a repository that is not there is told by words that others are told by as well.
_MEANINGS: tuple[tuple[re.Pattern[str], type[OpsError], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind, advice)
    for pattern, kind, advice in (
        (
            r"wrong password or no key found",
            RefusedError,
            "its password is another one. Check password or password_file",
        ),
        (
            r"is there a repository at|repository does not exist|unable to open config file",
            RepositoryError,
            "there is none, or it cannot be reached. Make it once by restic init, or mount what it lies on",
        ),
        (r"already locked", BusyError, "somebody else is at work on it. Try again when they have ended"),
        (r"no space left|quota exceeded", RepositoryError, "it is full. Free some space, or prune old backups"),
        (
            _DENIED.pattern,
            RepositoryError,
            "these rights do not allow it. Check its owner and mode, or the store's rules",
        ),
    )
)


def explained(error: ToolError, failed: str, *, local: bool) -> OpsError:
    """Return what a failed run of restic means.

    :param failed: what failed, such as ``Failed to list the restic repository /srv/backups``.
    :param local: whether the repository is a folder, to which no connection can break.
    """
    words = without_users(error.message)
    for pattern, kind, advice in _MEANINGS:
        if pattern.search(words):
            return kind(f"{failed}: {advice}. ({words})")
    outcome = _ATTEMPT.sub("", words)
    if _DAMAGED.search(outcome) or (local and _CUT.search(outcome)):
        return DamagedError(
            f"{failed}: it does not give back what was stored. Run restic check, use another backup. ({words})"
        )
    return RepositoryError(f"{failed}. Check that it can be reached from here, by restic itself. ({words})")


def is_denied(error: OpsError) -> bool:
    """Tell whether it is for want of a right that a run failed."""
    return isinstance(error, RepositoryError) and _DENIED.search(error.message) is not None
