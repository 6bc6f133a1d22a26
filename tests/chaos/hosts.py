# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the host and of what runs there: its disk, its clock, its folders, its PostgreSQL, its n8n."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from tests.chaos.backups import N8nBackup
from tests.chaos.clock import Clock
from tests.chaos.fault import Fault
from tests.chaos.job import Job
from tests.chaos.restic_view import ResticView
from tests.chaos.scene import Ran, Scene
from tests.chaos.store_faults import gone
from tests.support.sample_n8n import Plan, make
from tests.support.zygote import Run

_HOUR = 3600.0


class FullDisk(Fault):
    """The disk that holds the stack, its work folder and a local repository is full before the module has done."""

    name, small_disk, disturbs_service, runs = "full disk", True, True, 4

    def left_out(self, job: type[Job], repository: str) -> str | None:
        writes = repository != "s3" or job.source != "config" or "restore" in job.module
        return None if writes else "it writes nothing to this host's disk"

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        filler = job.scene.folder / "filler"
        with _filled(filler, rng.randrange(0, 16 << 20)):
            return [job.start_and_wait()]


@contextmanager
def _filled(filler: Path, left: int) -> Iterator[None]:
    """Fill the file system of ``filler`` up to ``left`` bytes."""
    status = os.statvfs(filler.parent)
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, max(1, status.f_bavail * status.f_frsize - left))
        yield
    finally:
        os.close(descriptor)
        filler.unlink()


class ClockJump(Fault):
    """The clock jumps an hour ahead or back."""

    name, runs = "clock jumps", 4

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        names = (job.module, "backup_info")
        with Clock(job.scene.outside) as clock, clock.zygote(*names) as zygote:
            run = zygote.start(job.module, job.params())
            run.ended(job.moment(rng))
            clock.jump(rng.choice([-_HOUR, _HOUR]))
            return [job.scene.ended(run)]


class RepositoryGone(Fault):
    """The repository's folder is moved away, as an unmounted file system is; the bucket is no more."""

    name, leaves_orphans = "repository removed", True

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        if job.scene.proxy is not None:
            return gone.strike(job, rng)
        folder = job.scene.stack.backups
        away = folder.with_name("away")
        run = job.scene.start(job.module, job.params())
        run.ended(job.moment(rng))
        folder.rename(away)
        ran = job.scene.ended(run)
        # restic makes the folder of a pack that it has to store, but never the repository that would belong to it.
        made = folder.exists() and not isinstance(job.scene.store, ResticView)
        if folder.exists():
            shutil.rmtree(folder)
        away.rename(folder)
        return [replace(ran, problem="it made the vanished repository anew") if made else ran]


class BackendTerminated(Fault):
    """PostgreSQL ends a session of the module, as an administrator or a restart does."""

    name, runs = "PostgreSQL session ended", 5

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None if job.source in ("database", "logs") else "it speaks to no PostgreSQL"

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        run = job.scene.start(job.module, job.params())
        run.ended(job.moment(rng))
        while not _terminate_one(job.scene, rng) and not run.ended(0.02):
            continue
        return [job.scene.ended(run)]


def _terminate_one(scene: Scene, rng: random.Random) -> bool:
    """End one of the sessions in this cell's databases that belong to a module or to a program of its."""
    pids = scene.postgres.psql(
        "SELECT pid FROM pg_stat_activity WHERE application_name IN ('chatbot.ops', 'pg_dump', 'pg_restore') "
        f"AND datname LIKE '{scene.database}%'"
    ).split()
    return bool(pids) and scene.postgres.psql(f"SELECT pg_terminate_backend({rng.choice(pids)})") == "t"


class Upgrade(Fault):
    """While the folder is copied, n8n is replaced: it migrates its database, or another folder takes its place."""

    name, disturbs_service, runs = "n8n upgraded", True, 6

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        if job is N8nBackup:
            return None
        return "n8n is stopped meanwhile" if "restore" in job.module else "it does not touch n8n"

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        run = job.scene.start(job.module, job.params())
        run.ended(job.moment(rng))
        return rng.choice([_migrate, _replace])(job, run)


def _migrate(job: Job, run: Run) -> list[Ran]:
    """Stop n8n, migrate its database in one transaction, start it."""
    assert job.writer is not None
    job.writer.stop()
    with closing(sqlite3.connect(job.scene.stack.n8n / "database.sqlite", timeout=30)) as database:
        database.execute("BEGIN IMMEDIATE")
        number = int(time.time_ns() // 1_000_000)
        database.execute("INSERT INTO migrations (timestamp, name) VALUES (?, ?)", (number, f"Later{number}"))
        database.execute(f"ALTER TABLE workflow_entity ADD COLUMN later{number} TEXT")
        database.execute(f"UPDATE workflow_entity SET later{number} = name")
        database.commit()
    job.writer.start()
    return [job.scene.ended(run)]


def _replace(job: Job, run: Run) -> list[Ran]:
    """Stop n8n and put the folder of another one, with another key, in the place of its own; put it back in the end."""
    assert isinstance(job, N8nBackup)
    assert job.writer is not None
    folder = job.scene.stack.n8n
    other, away = folder.with_name("other"), folder.with_name("away")
    # Like the first, so that nobody tells them apart by their names and sizes.
    make(other, Plan(executions=60, binary_files=10, seed="another"))
    shutil.copyfile(folder / "ballast", other / "ballast")
    job.mark(other)
    job.writer.stop()
    folder.rename(away)
    other.rename(folder)
    job.writer.start()
    try:
        return [job.scene.ended(run)]
    finally:
        job.writer.stop()
        folder.rename(other)
        away.rename(folder)
        shutil.rmtree(other)
        job.writer.start()
