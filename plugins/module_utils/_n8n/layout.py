# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies where in n8n's data folder. Pure: paths in, answers out.

Paths are relative to the folder, with "/" and without a leading "./". Read in n8n 1.123 and 2.41.
"""

from __future__ import annotations

import os
import re

CONFIG = "config"

#: The bits of a mode that an archive keeps. Nothing in it runs as its owner.
ARCHIVED_MODE = 0o1777
DATABASE = "database.sqlite"
# The copy holds what is in them already; beside another database than their own they would destroy it.
_SIDE_FILES = ("-wal", "-shm", "-journal")

#: Exists while n8n runs (with NODE_ENV=production). At the next start it means a crash, and n8n waits ten seconds.
RUNNING = "crash.journal"

# Made anew by n8n 2.x, or there for a moment only.
_LEFT_OUT = frozenset({RUNNING, "node-definitions", "n8n-sdk-templates", "promotions/configs", "ssh_private_key_temp"})
_LOG = re.compile(r"^(?:[^/]+\.log|logs/.*)$", re.DOTALL)
_STORAGE = r"^(?:binaryData|storage)/"
# n8n writes "temp" for the id of an execution that it does not know yet, and renames the folder later.
_EXECUTION = re.compile(_STORAGE + r"workflows/[^/]+/executions/([^/]+)(?:/|$)")
# In the mode before "filesystem-v2" (early 1.x) a file's name is the id of the execution with a UUID behind it.
_OLD_EXECUTION = re.compile(
    _STORAGE + r"(\d+)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.metadata)?$"
)


def is_left_out(path: str, database_file: str | None) -> bool:
    """Tell whether ``path`` (a file or folder) does not belong into an archive."""
    return path in _LEFT_OUT or (database_file is not None and path in side_files(database_file))


def left_out(database_file: str | None) -> tuple[str, ...]:
    """Return the paths of what does not belong into a copy of the folder without its database."""
    database = (database_file, *side_files(database_file)) if database_file is not None else ()
    return (*sorted(_LEFT_OUT), *database)


def side_files(database_file: str) -> tuple[str, ...]:
    """Return the paths of what SQLite may keep beside ``database_file``."""
    return tuple(database_file + suffix for suffix in _SIDE_FILES)


def leads_out(path: str, target: str) -> bool:
    """Tell whether a symbolic link at ``path`` to ``target`` leads out of the data folder, by its words."""
    plain = os.path.normpath(os.path.join(os.path.dirname(path), target))
    return os.path.isabs(target) or plain.split("/")[0] == ".."


def is_log(path: str) -> bool:
    """Tell whether ``path`` is a log: it may change while it is read, and no two looks at it need be equal."""
    return _LOG.match(path) is not None


def execution_of(path: str) -> str | None:
    """Return the id of the execution whose data ``path`` holds (a file, or a folder of such files), or None."""
    match = _EXECUTION.match(path) or _OLD_EXECUTION.match(path)
    return match.group(1) if match is not None else None
