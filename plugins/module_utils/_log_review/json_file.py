# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a container as the driver json-file keeps it on the host: read from where it matters, past Docker.

The file ``<id>-json.log`` is the newest; ``.1``, ``.2`` and so on are older, each with ``.gz`` behind it if compressed
(https://github.com/moby/moby, daemon/logger/loggerutils/logfile.go). Times in it do not go back.
"""

from __future__ import annotations

import glob
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.sift import count, grep, read_json_file
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import Tally, time_key

_ROTATED = re.compile(r"\.(\d+)(\.gz)?$")
_NEAR = 1 << 16
_ATTEMPTS = 5


@dataclass(frozen=True)
class Coverage:
    """What was read: the bytes of the files from the time on, the number of files that there are, and the time of the
    oldest line in any of them (None: there is no line)."""

    bytes: int
    files: int
    oldest: str | None


def read_files(path: str, since: str, tally: Tally) -> Coverage:
    """Add what the log at ``path``, with its older files, tells from the time ``since`` on to ``tally``.

    :raises ToolError: if it cannot be read.
    """
    try:
        with _opened(path) as files:
            oldest = next((each for each in (_first_time(*file) for file in files) if each), None)
            read = sum(_read(descriptor, packed, since, tally) for descriptor, packed in files)
            return Coverage(read, len(files), oldest)
    except OSError as error:
        raise ToolError(f"Failed to read the log {path}: {error.strerror}. Use become.") from error


@contextmanager
def _opened(path: str) -> Iterator[list[tuple[int, bool]]]:
    """Open all files of a log, oldest first, as (descriptor, whether it is packed); none twice, and none left out."""
    for attempt in range(_ATTEMPTS):
        with ExitStack() as stack:
            names = _names(path)
            files = []
            try:
                for name in names:
                    descriptor = os.open(name, os.O_RDONLY)
                    stack.callback(os.close, descriptor)
                    files.append((descriptor, name.endswith(".gz")))
            except FileNotFoundError:
                if attempt == _ATTEMPTS - 1 or not os.path.exists(path):
                    raise
                continue
            # Docker may have moved them on meanwhile: then one was opened twice, or the newest is not the newest.
            seen = [_identity(os.fstat(descriptor)) for descriptor, _packed in files]
            if attempt == _ATTEMPTS - 1 or seen == [_identity_of(each) for each in _names(path)]:
                yield files
                return


def _names(path: str) -> list[str]:
    """Return the files of a log by their names, oldest first."""
    numbered: dict[int, str] = {}
    for name in sorted(glob.glob(f"{glob.escape(path)}.*")):
        match = _ROTATED.search(name)
        if match is not None:
            numbered.setdefault(int(match.group(1)), name)  # while it is packed, both are there
    return [*(numbered[each] for each in sorted(numbered, reverse=True)), path]


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _identity_of(name: str) -> tuple[int, int] | None:
    try:
        return _identity(os.stat(name))
    except FileNotFoundError:
        return None


def _first_time(descriptor: int, packed: bool) -> str | None:
    if not packed:
        return _time_at(os.pread(descriptor, 1 << 18, 0))
    os.lseek(descriptor, 0, os.SEEK_SET)
    with _unpacked(descriptor) as process:
        if process.stdout is None:
            raise AssertionError
        return _time_at(process.stdout.read(1 << 18))


def _time_at(chunk: bytes) -> str | None:
    end = chunk.find(b"\n")
    line = read_json_file(chunk[:end]) if end >= 0 else None
    return line.time if line is not None else None


def _read(descriptor: int, packed: bool, since: str, tally: Tally) -> int:
    """Return how many bytes were read; those that were packed count as they lie there."""
    size = os.fstat(descriptor).st_size
    if packed:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with _unpacked(descriptor) as process:
            if process.stdout is None:
                raise AssertionError
            with grep(process.stdout) as lines:
                count(lines, read_json_file, since, tally)
            if process.wait() != 0:
                raise ToolError("Failed to unpack an older log of a container: gzip says that it is damaged.")
        return size
    begin = _offset(descriptor, size, since)
    os.lseek(descriptor, begin, os.SEEK_SET)
    with grep(descriptor) as lines:
        count(lines, read_json_file, since, tally)
    return size - begin


@contextmanager
def _unpacked(descriptor: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(  # pylint: disable=ansible-bad-function
        ["gzip", "-dc"], stdin=descriptor, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _offset(descriptor: int, size: int, since: str) -> int:
    """Return where a line begins before which there is none of the time ``since`` or later; not far before it."""
    earliest = time_key(since)
    low, high = 0, size
    while high - low > _NEAR:
        middle = (low + high) // 2
        chunk = os.pread(descriptor, min(_NEAR * 8, size - middle), middle)
        begin = chunk.find(b"\n") + 1
        time = _time_at(chunk[begin:]) if begin else None
        if time is None or time_key(time) >= earliest:
            high = middle
        else:
            low = middle + begin
    return low
