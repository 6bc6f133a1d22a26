# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outside programs: where they are, and the commands of the two that every data path uses."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command

# cron and non-login SSH sessions come with a PATH that misses the sbin and local folders.
_MORE_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")


def find_program(name: str, folders: Sequence[str] = ()) -> str:
    """Return the path of program ``name``: from ``folders``, the PATH, or beside this Python (a private environment).

    :raises ToolError: if it is nowhere.
    """
    places = [*folders, *os.environ.get("PATH", "").split(os.pathsep), os.path.dirname(sys.executable), *_MORE_FOLDERS]
    found = shutil.which(name, path=os.pathsep.join(place for place in places if place))
    if found is None:
        raise ToolError(
            f"The program {name} is not on this host. Apply the role chatbot.ops.toolchain to it, "
            f"or install the package that carries {name}."
        )
    return found


def zstd_compress(level: int) -> Command:
    """Return the command that compresses standard input on all cores."""
    return Command((find_program("zstd"), "-q", "-c", "-T0", f"-{level}"), name="zstd")


def zstd_decompress() -> Command:
    """Return the command that decompresses standard input; a truncated or damaged frame makes it fail."""
    return Command((find_program("zstd"), "-q", "-d", "-c"), name="zstd -d")
