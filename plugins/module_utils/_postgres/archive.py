# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The payloads of a backup, fetched and decoded before anything relies on them, and what is done with them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import require_space
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_pipeline
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.clients import Clients
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.details import DUMP, GLOBALS, details_of
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.roles import LAST_LINE

# pg_restore sets this first since 17, and an older server does not know it.
_UNKNOWN_SETTING = re.compile(r"error: could not execute query: .*\btransaction_timeout\b")
_UNKNOWN_SINCE = 17


@dataclass(frozen=True)
class Archive:
    """A decoded backup: the path of the dump, and the globals (empty: none were saved)."""

    path: str
    globals: str = field(repr=False)


@contextmanager
def fetched(manifest: Manifest, fetcher: Fetcher, work_dir: str) -> Iterator[Archive]:
    """Give the payloads, decoded and compared with their digests; pg_restore needs a file to restore in parallel.

    :raises DamagedError: if they are not what the manifest says.
    :raises RefusedError: if ``work_dir`` cannot hold the dump.
    """
    with work_folder(work_dir) as folder:
        require_space(folder, manifest.object(DUMP).content_bytes, "the decoded dump")
        path = os.path.join(folder, "dump.pgdump")
        try:
            with open(path, "wb") as stream:
                fetcher.decode(DUMP, sink=stream.write)
        except OSError as error:
            raise RefusedError(f"Failed to decode the dump in {work_dir}: {error.strerror}.") from error
        yield Archive(path, read_globals(manifest, fetcher))


def read_globals(manifest: Manifest, fetcher: Fetcher) -> str:
    """Return the globals; empty where none were saved.

    :raises DamagedError: if they are not what the manifest says, or were cut short before they were stored.
    """
    if details_of(manifest).passwords is None:
        return ""
    content = bytearray()
    fetcher.decode(GLOBALS, sink=content.extend)
    text = content.decode("utf-8", "replace")
    if LAST_LINE not in text:
        raise DamagedError(f"Backup {manifest.backup_id} is damaged: its globals lack their end. Use another backup.")
    return text


def load(command: Callable[..., Command], clients: Clients, major: int) -> None:
    """Run the pg_restore of ``clients`` that ``command`` builds, against a server of version ``major``.

    :param command: is given further arguments for it.
    :raises ToolError: with its last words, at the first error.
    """
    forgives = clients.major >= _UNKNOWN_SINCE > major
    run_pipeline([_forgiving(command()) if forgives else command("--exit-on-error")])


def _forgiving(command: Command) -> Command:
    """Return ``command`` judged by its errors one by one: none but the unknown setting is forgiven."""
    errors = []

    def watch(line: str) -> None:
        if "error: " in line and not _UNKNOWN_SETTING.search(line):
            errors.append(line)

    def judge(returncode: int, _tail: str) -> str | None:
        if returncode in (0, 1) and not errors:
            return None
        return f"exit status {returncode}; its first error: {errors[0] if errors else 'none'}"

    return replace(command, watch=watch, judge=judge)
