# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bucket as the repository: how long a backup and a list take, and what memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.bench import MIB, Bench
from tests.bench.contest import Contender, Outcome, compete, say
from tests.bench.measure import Sample, run_chain, run_module
from tests.bench.rows import Row
from tests.support.bench_data import n8n_folder
from tests.support.n8n_store import DATABASE
from tests.support.s3_backups import put_backups
from tests.support.s3_server import BUCKET, S3Server, SeaweedServer
from tests.support.stack import STACK

_LARGE, _SMALL, _HUGE = 2048, 200, 4096  # MiB
_QUICK = 100, 50, 200
_BACKUPS = 1_200
_LIST_LIMIT = 3.0  # seconds
_MEMORY = 200.0  # MiB, for any size


def measure(bench: Bench) -> Iterator[Row]:
    """Back folders up into a bucket and restore them, beside rclone; list a long history."""
    large, small, huge = _QUICK if bench.quick else (_LARGE, _SMALL, _HUGE)
    with SeaweedServer() as server:
        store = _Store(bench, server)
        store.fill(large)
        ours, trusting, rclone, pipe = compete(
            [store.contender("n8n_volume_backup"), store.trusting(), store.rclone(), store.pipe()], bench.runs
        )
        copied = store.database_size()
        (restored,) = compete([store.contender("n8n_volume_restore")], 1)
        store.fill(small)
        (ours_small,) = compete([store.contender("n8n_volume_backup")], 1)
        store.fill(huge)
        (ours_huge,) = compete([store.contender("n8n_volume_backup")], 1)
        say(f"s3: putting {_BACKUPS} backups into the bucket")
        put_backups(server, "list", _BACKUPS)
        listed, nothing = compete([store.listing("list"), store.listing("nothing")], bench.runs)
    yield bench.time_row(f"S3 backup of {large} MiB, read back", ours, rclone, 2.0)
    yield bench.time_row(f"S3 backup of {large} MiB, read back", ours, pipe, 1.2)
    yield bench.time_row(f"S3 backup of {large} MiB, the store's own checksum believed", trusting, pipe, 1.2)
    # What the store itself takes, on the same processors, whoever gives it the bytes.
    yield Row(f"{rclone.name} of {large} MiB", rclone.seconds, pipe.seconds, pipe.name, "s", None)
    # All of the stream together would be more than twice as much.
    yield Row("S3 backup: written to the local disk", ours.written, copied, "n8n's database", "MiB", bench.limit(1.05))
    outcomes = (("backup", ours), ("restore", restored), (f"backup of {small} MiB", ours_small))
    for name, outcome in (*outcomes, (f"backup of {huge} MiB", ours_huge)):
        yield _memory_row(bench, name, outcome)
    # What the module's own start takes depends on the host, and not on what it lists.
    seconds = listed.seconds - nothing.seconds
    yield Row(f"S3 list of {_BACKUPS} backups", seconds, _LIST_LIMIT, "allowed", "s", bench.limit(1.0))


def _memory_row(bench: Bench, name: str, outcome: Outcome) -> Row:
    return Row(f"S3 {name}: peak memory", outcome.own, _MEMORY, "allowed", "MiB", bench.limit(1.0))


class _Store:
    """A server, and what is to be stored there."""

    def __init__(self, bench: Bench, server: S3Server) -> None:
        self._bench, self._server = bench, server
        self._home = bench.make_folder("s3")
        self._data = self._home / "data"

    def fill(self, mebibytes: int) -> None:
        """Make a data folder of that size, in place of the one before."""
        say(f"s3: making a data folder of {mebibytes} MiB")
        self._data = self._bench.make_folder("s3") / "data"
        n8n_folder(self._data, mebibytes * MIB)

    def contender(self, module: str) -> Contender:
        """Return a module at work on the data folder."""
        more: dict[str, Any] = {"path": str(self._data), "work_dir": str(self._home)}
        if module == "n8n_volume_restore":
            more = {"path": str(self._home / "restored")}
        return Contender(module, lambda: run_module(module, {**self._params("bench"), **more}))

    def trusting(self) -> Contender:
        """Return a backup that takes the store's word for what it has."""
        repository = {**self._server.repository("bench"), "read_back": "checksum"}
        more = {"path": str(self._data), "work_dir": str(self._home), "repository": repository}
        name = "n8n_volume_backup"
        return Contender(f"{name}, read_back: checksum", lambda: run_module(name, {**self._params("bench"), **more}))

    def database_size(self) -> float:
        """Return the size of n8n's database in MiB: of it a copy is made here, as it goes on being written to."""
        return (self._data / DATABASE).stat().st_size / MIB

    def pipe(self) -> Contender:
        """Return the pipe alone, whose end is nowhere."""
        return Contender("tar | zstd > /dev/null", lambda: run_chain(*self._archive()))

    def rclone(self) -> Contender:
        """Return rclone: it streams in parts too, and reads nothing back."""
        environment = {
            "RCLONE_CONFIG": "/dev/null",
            "RCLONE_CONFIG_STORE_TYPE": "s3",
            "RCLONE_CONFIG_STORE_PROVIDER": "SeaweedFS",
            "RCLONE_CONFIG_STORE_ENDPOINT": self._server.url,
            "RCLONE_CONFIG_STORE_ACCESS_KEY_ID": "ADMIN",
            "RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY": self._server.secret_key,
            "RCLONE_CA_CERT": self._server.ca_bundle,
            "RCLONE_S3_CHUNK_SIZE": "32Mi",
        }
        program = Path(sys.executable).with_name("rclone")
        target = f"store:{BUCKET}/rclone/data.tar.zst"

        def run() -> Sample:
            return run_chain(*self._archive(), [program, "rcat", target], environment=environment)

        return Contender("tar | zstd | rclone", run)

    def _archive(self) -> tuple[list[str | Path], ...]:
        return ["tar", "-C", self._data, "-cf", "-", "."], ["zstd", "-q", "-T0", "-1"]

    def listing(self, prefix: str) -> Contender:
        """Return the list of what is below ``prefix``."""
        return Contender(f"backup_info of {prefix}", lambda: run_module("backup_info", self._params(prefix)))

    def _params(self, prefix: str) -> dict[str, Any]:
        return {"stack": STACK, "repository": self._server.repository(prefix)}
