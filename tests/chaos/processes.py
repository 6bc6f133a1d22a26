# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that strike the module's own process, or another one of its kind."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import replace
from pathlib import Path

from tests.chaos.fault import Expect, Fault
from tests.chaos.job import Job
from tests.chaos.scene import Ran


class Kill(Fault):
    """SIGKILL at a random instant."""

    name, expects, runs = "SIGKILL", Expect.KILLED, 8

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        run = job.scene.start(job.module, job.params())
        if run.ended(job.moment(rng)):
            return [job.scene.ended(run)]
        run.kill()
        return [Ran(None, killed=True)]


class Terminate(Fault):
    """SIGTERM at a random instant."""

    name = "SIGTERM"

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        run = job.scene.start(job.module, job.params())
        # Before its first line of work, and after its last, it ends as every process does: without a word.
        while not _heeds(run.pid, signal.SIGTERM) and not run.ended(0.01):
            continue
        run.ended(job.moment(rng))
        if _heeds(run.pid, signal.SIGTERM):
            os.kill(run.pid, signal.SIGTERM)
        return [job.scene.ended(run)]


def _heeds(pid: int, number: int) -> bool:
    """Tell whether a process has a handler for a signal; one that is gone has none."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return False
    caught = next((line.split()[1] for line in lines if line.startswith("SigCgt:")), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


class TwoWriters(Fault):
    """Two runs at once, with the same parameters."""

    name = "two at once"

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        first = job.scene.start(job.module, job.params())
        first.ended(rng.uniform(0, job.lasts / 2))
        second = job.scene.start(job.module, job.params())
        both = [job.scene.ended(first), job.scene.ended(second)]
        if not any(each.succeeded for each in both):
            both = [replace(each, problem="neither of the two succeeded") for each in both]
        return both
