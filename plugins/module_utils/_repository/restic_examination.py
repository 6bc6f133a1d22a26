# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to the backups in a repository of restic: tried on a snapshot that stands for one."""

from __future__ import annotations

import secrets

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Label
from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic
from ansible_collections.chatbot.ops.plugins.module_utils._restic.refusal import is_denied


def examine_restic(restic: Restic, stack: str, *, touch: bool) -> Examination:
    """Return what can be done to the backups of ``stack``; see :meth:`Repository.examine`.

    :raises RepositoryError: if the repository cannot be listed.
    :raises DamagedError: if it does not give back what was written.
    """
    restic.require_version()
    restic.snapshots(stack)
    if not touch:
        return Examination(can_list=True)
    label, content = Label(stack, "probe", "probe", "probe"), secrets.token_bytes(32)
    try:
        with restic.keep_stream(label) as write:
            write(content)
    except OpsError as error:
        if not is_denied(error):
            raise
        advice = "These rights do not allow to write there. Backups can be listed and restored, not taken."
        return Examination(can_list=True, can_write=False, advice=(advice,))
    probes = [each for each in restic.snapshots(stack) if each.label == label]
    if not probes or b"".join(restic.dump(probes[-1])) != content:
        raise DamagedError(
            f"The {restic.title} does not give back what was written there. No backup is safe there; run restic check."
        )
    delete = True
    try:
        restic.forget(probes)
    except OpsError as error:
        if not is_denied(error):
            raise
        delete = False
    advice = (
        "Whoever has this password and these rights can destroy the backups. Serve the repository append-only, or keep a "
        "second copy where they cannot reach."
    )
    return Examination(
        can_list=True,
        can_write=True,
        can_read=True,
        can_delete=delete,
        can_destroy=delete,
        advice=(advice,) if delete else (),
    )
