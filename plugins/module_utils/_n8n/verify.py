# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an n8n backup is looked into."""

from __future__ import annotations

import os

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.archive import PAYLOAD
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.crypto import require_cryptography
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.extract import extract, guard, require_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.kept_files import check_structure, is_kept_as_files
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import list_archive


class N8nVerifier(Verifier):
    """Looks into the backups of n8n.

    :param work_dir: where the scratch folder of a restore is made.
    :param encryption_key: n8n's key, for backups that don't hold it.
    """

    def __init__(self, work_dir: str, encryption_key: str | None) -> None:
        self._work_dir, self._encryption_key = work_dir, encryption_key

    def structure(self, manifest: Manifest, fetcher: Fetcher) -> None:
        if is_kept_as_files(manifest):
            check_structure(manifest, fetcher)
            return
        members = _Lines()
        fetcher.decode(PAYLOAD, [guard(manifest), list_archive()], sink=members.see)
        claimed = details_of(manifest).members
        if members.count != claimed:
            raise DamagedError(
                f"Backup {manifest.backup_id} is damaged: its archive has {members.count} members, {claimed} were written."
            )

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Compared:
        require_key(manifest, self._encryption_key)
        if details_of(manifest).database_file is not None:
            require_cryptography()
        require_space(self._work_dir, manifest.content_bytes, "the scratch copy of a backup")
        with work_folder(self._work_dir) as work:
            folder = os.path.join(work, "n8n")
            os.mkdir(folder, mode=0o700)
            return extract(manifest, fetcher, folder, self._encryption_key).compared


class _Lines:
    """Counts lines, and keeps none."""

    def __init__(self) -> None:
        self.count = 0

    def see(self, chunk: bytes) -> None:
        self.count += chunk.count(b"\n")
