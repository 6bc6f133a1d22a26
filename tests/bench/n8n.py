# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's data folder: half of it pictures, which no compression makes smaller, the rest a database and documents.

The bare pipes copy a database that is being written to as it lies there, and believe the disk. What it costs to do all
of a backup's work by such tools is a row of its own: a copy of the database in one piece, its check, digests of content
and of what is stored, on the disk and read back from there.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.bench import MIB, Bench
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import Sample, run_chain, run_module
from tests.bench.rows import Row
from tests.support.bench_data import n8n_folder

_LARGE, _SMALL = 2048, 200  # MiB
# $1: Python, $2: the data folder, $3: the archive, $4: a folder for the copy of the database.
_SAME_WORK = """
rm -rf "$4" && mkdir "$4"
"$1" -c 'import sqlite3, sys
source, target = (sqlite3.connect(folder + "/database.sqlite") for folder in sys.argv[1:])
source.backup(target)' "$2" "$4"
"$1" -c 'import sqlite3, sys
assert sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone() == ("ok",)' "$4/database.sqlite" &
check=$!
tar -cf - -C "$4" database.sqlite -C "$2" --exclude='./database.sqlite*' . | tee >(sha256sum > "$4/content") |
    zstd -q -T0 -1 | tee >(sha256sum > "$4/stored") > "$3"
sync "$3"
dd "of=$3" oflag=nocache conv=notrunc,fdatasync count=0 status=none
wait "$check"
sha256sum "$3" > "$4/read-back"
"""
_QUICK_LARGE, _QUICK_SMALL = 200, 50


def measure(bench: Bench) -> Iterator[Row]:
    """Back a folder up in three ways; restore it; do both with a small one, for its memory."""
    large, small = (_QUICK_LARGE, _QUICK_SMALL) if bench.quick else (_LARGE, _SMALL)
    folder = _Folder(bench, large)
    ours, gzip, zstd, same = compete([folder.backup, folder.tar_gzip, folder.tar_zstd, folder.same_work], bench.runs)
    yield bench.time_row(f"n8n backup of {large} MiB", ours, gzip, 0.25)
    yield bench.time_row(f"n8n backup of {large} MiB", ours, zstd, 1.15)
    yield bench.time_row(f"n8n backup of {large} MiB", ours, same, 1.15)
    (restored,) = compete([folder.restore], 1)
    folder.remove()

    folder = _Folder(bench, small)
    ours_small, restored_small = (compete([each], 1)[0] for each in (folder.backup, folder.restore))
    folder.remove()
    yield from bench.memory_rows("n8n backup", ours, ours_small, f"{small} MiB")
    yield from bench.memory_rows("n8n restore", restored, restored_small, f"{small} MiB")


class _Folder:
    """A data folder, and the ways to back it up."""

    def __init__(self, bench: Bench, mebibytes: int) -> None:
        say(f"n8n: making a data folder of {mebibytes} MiB")
        self._home = bench.make_folder("n8n")
        self._data, self._output, self._repository = (self._home / name for name in ("data", "output", "repository"))
        self._restored = self._home / "restored"
        self._repository.mkdir()
        n8n_folder(self._data, mebibytes * MIB)
        self.backup = self._contender("n8n_volume_backup", self._backup)
        self.restore = self._contender("n8n_volume_restore", self._restore)
        self.tar_gzip = self._contender("tar -czf", self._tar_gzip)
        self.tar_zstd = self._contender("tar | zstd -T0", self._tar_zstd)
        self.same_work = self._contender("its work by such tools", self._same_work)

    def remove(self) -> None:
        """Remove it all."""
        shutil.rmtree(self._home)

    def _contender(self, name: str, run: Callable[[], Sample]) -> Contender:
        return Contender(name, run, self._forget)

    def _params(self) -> dict[str, Any]:
        return {"stack": "bench", "repository": {"path": str(self._repository)}}

    def _backup(self) -> Sample:
        return run_module("n8n_volume_backup", {**self._params(), "path": str(self._data), "work_dir": str(self._home)})

    def _restore(self) -> Sample:
        return run_module("n8n_volume_restore", {**self._params(), "path": str(self._restored)})

    def _tar_gzip(self) -> Sample:
        return run_chain(["tar", "-C", self._data, "-czf", self._output, "."])

    def _tar_zstd(self) -> Sample:
        return run_chain(["tar", "-C", self._data, "-cf", "-", "."], ["zstd", "-q", "-T0"], output=self._output)

    def _same_work(self) -> Sample:
        places = (sys.executable, self._data, self._output, self._home / "copies")
        return run_chain(["bash", "-euo", "pipefail", "-c", _SAME_WORK, "bench", *places])

    def _forget(self) -> None:
        """Make the kernel forget the data: a nightly backup reads most of it from the disk, and so does each of us."""
        self._output.unlink(missing_ok=True)
        os.sync()
        for path in self._data.rglob("*"):
            if path.is_file():
                descriptor = os.open(path, os.O_RDONLY)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(descriptor)
