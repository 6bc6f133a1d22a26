# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to the backups in a folder: tried on a file that stands for one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination, could_destroy
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local_refusal import is_denied

#: The file on which it is tried what can be done in a repository.
PROBE = ".probe"


def examine_folder(path: str, *, touch: bool) -> Examination:
    """Return what this user can do in the folder ``path``; see :meth:`Repository.examine`.

    :raises OSError: if the folder cannot be listed, or is full.
    :raises DamagedError: if it does not give back what was written.
    """
    os.listdir(path)
    status = os.statvfs(path)
    details = {"free_bytes": status.f_bavail * status.f_frsize, "read_only": bool(status.f_flag & os.ST_RDONLY)}
    if not touch:
        return Examination(can_list=True, details=details)
    probe = os.path.join(path, PROBE)
    content = secrets.token_bytes(32)
    # One that could not be removed the last time serves again.
    if not _allowed(lambda: write_file(probe, content, replace=True)):
        advice = "This user cannot write there: it can list and restore backups, not take any."
        return Examination(can_list=True, can_write=False, details=details, advice=(advice,))
    with open(probe, "rb") as stream:
        if stream.read() != content or PROBE not in os.listdir(path):
            raise DamagedError(
                f"The repository {path} does not give back what was written there. No backup is safe there; check the disk."
            )
    overwrite = _allowed(lambda: write_file(probe, content[::-1], replace=True))
    delete = _allowed(lambda: os.unlink(probe))
    destroy = could_destroy(overwrite=overwrite, delete=delete, versioned=False, delete_version=None)
    advice = "Whoever is this user on this host can destroy the backups. Keep a second copy where it cannot reach."
    return Examination(
        can_list=True,
        can_write=True,
        can_read=True,
        can_overwrite=overwrite,
        can_delete=delete,
        can_destroy=destroy,
        details=details,
        advice=(advice,) if destroy else (),
    )


def _allowed(action: Callable[[], object]) -> bool:
    """Do ``action`` and tell whether it was allowed."""
    try:
        action()
    except OSError as error:
        if is_denied(error):
            return False
        raise
    return True
