# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How archived rows are looked into."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Verifier
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._logs.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._logs.fetch import Scratch
from ansible_collections.chatbot.ops.plugins.module_utils._logs.rows import PARQUET
from ansible_collections.chatbot.ops.plugins.module_utils._logs.walk import Timeouts, open_session
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login


class RowsVerifier(Verifier):
    """Looks into archives of rows: a restore is one into a temporary table, which goes with its session."""

    def __init__(self, login: Login, work_dir: str) -> None:
        self._login, self._work_dir = login, work_dir

    def structure(self, manifest: Manifest, fetcher: Fetcher) -> None:
        details, count = details_of(manifest), 0

        def see(chunk: bytes) -> None:
            nonlocal count
            count += chunk.count(b"\n")

        fetcher.decode(details.content, sink=see)
        if details.format != PARQUET and count != manifest.proof["rows"]:
            raise DamagedError(f"It holds {count} rows, and its manifest claims {manifest.proof['rows']}.")

    def restore(self, manifest: Manifest, fetcher: Fetcher) -> Compared:
        with open_session(self._login, Timeouts(60_000, 0)) as session:
            return Scratch(session, details_of(manifest)).fill(manifest, fetcher, self._work_dir)
