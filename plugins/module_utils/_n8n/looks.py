# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How files looked when they were found, kept in a file of their own: there may be very many."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO

from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import CHUNK
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.scan import Found, look_at


def note_look(found: Found, looks: IO[bytes]) -> None:
    """Note how ``found`` looks. A folder's look changes when anything comes or goes in it, so it says nothing."""
    if found.kind != "folder":
        looks.write(f"{found.status.st_size} {found.status.st_mtime_ns} ".encode() + os.fsencode(found.path) + b"\0")


def changed_since(folder: str, looks: str) -> Iterator[str]:
    """Yield the files in ``folder`` that don't look as they were noted in the file ``looks``.

    Whatever copied them sees a change only while it reads that file.
    """
    for record in _records(looks):
        size, time, raw = record.split(b" ", 2)
        path = os.fsdecode(raw)
        found = look_at(os.path.join(folder, path), path)
        if found is None or (found.status.st_size, found.status.st_mtime_ns) != (int(size), int(time)):
            yield raw.decode("utf-8", "backslashreplace")


def _records(path: str) -> Iterator[bytes]:
    """Yield what is between the NULs of a file."""
    rest = b""
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            *records, rest = (rest + chunk).split(b"\0")
            yield from records
