# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private folder for the copies that a step cannot do without."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import remove_tree

#: /tmp is often held in memory, and a database need not fit there.
DEFAULT_WORK_DIR = "/var/tmp"
WORK_ARGUMENTS: dict[str, Any] = {"work_dir": {"type": "path", "default": DEFAULT_WORK_DIR}}

_PREFIX = "chatbot-ops-"
_NAME = re.compile(rf"^{_PREFIX}(\d+)-")


@contextmanager
def work_folder(parent: str) -> Iterator[str]:
    """Give a fresh folder (mode 0700) below ``parent``, and remove it in the end.

    What killed runs left there is removed first: the name tells the process that made it.

    :raises RefusedError: if ``parent`` is no folder that we can write to.
    """
    try:
        sweep(parent)
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent)
    except OSError as error:
        raise RefusedError(
            f"The work folder {parent} cannot be used: {error.strerror}. Name another one as work_dir."
        ) from error
    try:
        yield folder
    finally:
        remove_tree(folder)


def sweep(parent: str) -> None:
    """Remove the work folders that killed runs left in ``parent``."""
    for name in os.listdir(parent):
        match, path = _NAME.match(name), os.path.join(parent, name)
        if match is not None and not process_exists(int(match.group(1))) and _is_ours(path):
            remove_tree(path)


def _is_ours(path: str) -> bool:
    """Tell whether ``path`` belongs to this user: the parent may be open to others, and what they left is theirs."""
    try:
        return os.lstat(path).st_uid == os.geteuid()
    except FileNotFoundError:
        return False  # another run swept it


def process_exists(pid: int) -> bool:
    """Tell whether a process ``pid`` runs on this host."""
    return os.path.exists(f"/proc/{pid}")
