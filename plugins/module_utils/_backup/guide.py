# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the recovery pages of a set beside it, as its backups come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.guide import PAGES, recovery_page
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import SOURCES, id_time
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Place, Repository

#: How far apart the clocks may be of whoever names a set, and of the host that takes its backups.
_CLOCKS_APART = timedelta(days=1)


def write_pages(repository: Repository, stack: str, set_id: str, warn: Callable[[str], object]) -> None:
    """Write the pages of a set anew, about the backups that it has by now.

    A backup is good without its page: what fails is told to ``warn``.
    """
    try:
        parts = _parts(repository, stack, set_id)
        if not parts:
            raise RepositoryError("none of its backups can be read. See what backup_info tells of them.")
        payloads = [(each.source, each.backup_id, stored.name) for each in parts for stored in each.objects]
        fetch = repository.fetch_commands(stack, payloads)
        for language, name in PAGES.items():
            page = recovery_page(parts, fetch, language)
            repository.write_page(stack, set_id, name, page.encode("utf-8"))
    except OpsError as error:
        warn(f"The set {set_id} has no up-to-date recovery page beside it: {error.message}")


def _parts(repository: Repository, stack: str, set_id: str) -> list[Manifest]:
    """Return the newest backup of each source in the set."""
    since, found = id_time(set_id) - _CLOCKS_APART, []
    for source in SOURCES:
        entries = repository.entries(Place(stack, source), since)
        manifests = [each.manifest for each in entries if each.manifest is not None and each.manifest.set_id == set_id]
        found.extend(manifests[:1])
    return found
