# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a backend found under a backup's id to the entry of a list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RepositoryError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import is_backup_id_of
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import (
    Manifest,
    StoredObject,
    read_manifest,
)
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict, read_verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.api import Entry, Place, Strays

MANIFEST = "manifest.json"
LEASE = ".lease"
#: The folder of a stack, beside those of its sources, that holds the pages of its sets.
PAGES_FOLDER = "sets"


def verdict_name(level: str) -> str:
    """Return the name under which a verdict to ``level`` is kept."""
    return f"verdict.{level}.json"


def read_entry(
    place: Place,
    backup_id: str,
    content: bytes,
    title: str,
    payload_problem: Callable[[Manifest], str | None],
    verdicts: Iterable[tuple[str, bytes | RepositoryError]],
) -> Entry:
    """Return the entry of the backup whose manifest is ``content``.

    :param title: the manifest's name, for messages.
    :param payload_problem: tells what is wrong with a payload, by its size; its RepositoryError says that this cannot be
        told just now.
    :param verdicts: the verdicts that there are, by their levels: the bytes, or why they cannot be read.
    """
    try:
        manifest = read_manifest(content, title)
    except DamagedError as error:
        return Entry(place, backup_id, None, error.message)
    if (manifest.backup_id, manifest.stack, manifest.source) != (backup_id, place.stack, place.source):
        return Entry(place, backup_id, None, f"{title} belongs to another backup: {manifest.backup_id}.")
    problem, unknown = None, None
    try:
        problem = payload_problem(manifest)
    except RepositoryError as error:
        unknown = error.message
    known, unread = _read_verdicts(backup_id, verdicts)
    return Entry(place, backup_id, manifest, problem, known, unknown, unread)


def _read_verdicts(
    backup_id: str, documents: Iterable[tuple[str, bytes | RepositoryError]]
) -> tuple[tuple[Verdict, ...], str | None]:
    """Return the verdicts that can be read, and why one cannot, if so. That says nothing about the backup itself."""
    found, unread = [], None
    for level, document in documents:
        try:
            if isinstance(document, RepositoryError):
                raise document
            found.append(read_verdict(document, f"The {verdict_name(level)} of {backup_id}"))
        except (DamagedError, RepositoryError) as error:
            unread = f"{error.message} {backup_id} counts as not verified to {level}. Verify it to that level again."
    return tuple(found), unread


def find_strays(place: Place, contents: Mapping[str, Collection[str] | None]) -> Strays:
    """Return what of ``contents`` is no backup of ``place``.

    :param contents: what lies there by its name, each with the names below it, or None where it is no folder.
    """
    orphans, foreign = [], []
    for name, below in contents.items():
        if below is None or not is_backup_id_of(place.source, name):
            if name != LEASE:
                foreign.append(name)
        elif MANIFEST not in below:
            orphans.append(name)
    return Strays(tuple(sorted(orphans)), tuple(sorted(foreign)))


def size_problem(stored: StoredObject, size: int) -> str | None:
    """Tell what is wrong with a payload that has ``size`` bytes, if anything."""
    if size == stored.stored_bytes:
        return None
    return f"Its payload {stored.name} has {size} bytes; {stored.stored_bytes} were written."


def not_given_back(repository: str, name: str, advice: str) -> DamagedError:
    """Return the error of a store that does not hold what was written as ``name``."""
    return DamagedError(
        f"The repository {repository} does not give back what was written as {name}. Nothing was kept; {advice}."
    )
