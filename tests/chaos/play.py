# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Play one cell of the matrix, and judge it: what it claims, what must hold, what is left."""

from __future__ import annotations

import os
import random
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos.fault import Expect, Fault
from tests.chaos.job import Job
from tests.chaos.matrix import Cell
from tests.chaos.scene import Ran, Scene, Servers, scene
from tests.support.writer import State

# A message is clear if it says what to do next, in one of these words.
_WORDS = (
    "try again|check|set|use|run|free|raise|mount|stop|give|name|synchronise|grant|look at|say|ask|start|create|choose|"
    "restore|repair|leave|install|remove|enable|find out"
)
_ADVICE = re.compile("|".join(rf"\b[{word[0]}{word[0].upper()}]{word[1:]}\b" for word in _WORDS.split("|")))
# What was stopped by intention needs no advice.
_TAKEN_BACK = "what had begun was taken back"
_SHORTEST_MESSAGE = 30


@dataclass
class Played:
    """What a cell came to; ``problems`` are what must not be, ``messages`` what the runs told."""

    cell: Cell
    runs: int = 0
    ok: int = 0
    succeeded: int = 0
    failed: int = 0
    killed: int = 0
    problems: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def play(cell: Cell, shared: Servers, seed: int, runs: int) -> Played:
    """Play ``cell`` with so many runs. Whatever breaks is one of its problems."""
    played, rng = Played(cell), cell.rng(seed)
    try:
        with scene(shared, cell.repository, small_disk=cell.fault.small_disk) as place:
            job = cell.job(place)
            with job.service() as writer:
                job.prepare(writer)
                for _number in range(runs):
                    _strike(job, cell.fault, rng, played)
                played.problems += [f"afterwards: {each}" for each in _afterwards(job)]
    except Exception as error:
        place_of_error = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place_of_error.filename)}:{place_of_error.lineno}"
        played.problems.append(f"the harness broke at {where}: {type(error).__name__}: {error}")
    return played


def _strike(job: Job, fault: Fault, rng: random.Random, played: Played) -> None:
    job.reset()
    before = job.writer.state if job.writer is not None else None
    orphans = job.scene.store.orphans(job.source)
    ran = fault.strike(job, rng)
    problems = [*_problems_of(job, fault, ran), *_problems_left(job, fault, before)]
    # A store that refuses everything refuses to be cleaned up, too.
    if job.scene.proxy is None and not fault.leaves_orphans and not any(each.killed for each in ran):
        problems += [f"left: {each} without a manifest" for each in job.scene.store.orphans(job.source) - orphans]
    played.runs += 1
    played.ok += not problems
    played.succeeded += any(each.succeeded for each in ran)
    played.killed += any(each.killed for each in ran)
    played.failed += all(not each.succeeded and not each.killed for each in ran)
    played.problems += [f"run {played.runs}: {each}" for each in problems]
    for each in ran:
        if not each.succeeded and each.message and each.message not in played.messages:
            played.messages.append(each.message)


def _problems_of(job: Job, fault: Fault, ran: list[Ran]) -> Iterator[str]:
    for each in ran:
        if each.problem is not None:
            yield each.problem
        if each.succeeded:
            yield from job.judge(each)
            if fault.expects is Expect.FAILURE:
                yield "it succeeds though it cannot"
        elif each.result is not None:
            yield from unclear(each.message, job.scene)
            if fault.expects is Expect.SUCCESS:
                yield f"it fails though it need not: {each.message}"


def unclear(message: str, place: Scene) -> Iterator[str]:
    """Yield what is wrong with an error's message."""
    if len(message) < _SHORTEST_MESSAGE or "Traceback" in message:
        yield f"no clear error: {message!r}"
    elif not _ADVICE.search(message) and _TAKEN_BACK not in message:
        yield f"the error does not say what to do: {message!r}"
    if any(secret in message for secret in place.secrets):
        yield "the error tells a secret"


def _problems_left(job: Job, fault: Fault, before: State | None) -> Iterator[str]:
    yield from job.state()
    yield from _listing(job, fault)
    yield from job.stopped_service(before, may_fail=fault.disturbs_service)


def _listing(job: Job, fault: Fault) -> Iterator[str]:
    """Yield what is wrong with what backup_info lists, compared with what is there."""
    listed = job.scene.listed(job.source)
    there = job.scene.store.backups(job.source)
    if sorted(each["backup_id"] for each in listed) != there:
        yield f"backup_info lists {[each['backup_id'] for each in listed]}, there are {there}"
    if not fault.falsifies_reading:
        yield from (f"{each['backup_id']} is listed as bad" for each in listed if not each["good"])
    if job.good not in there:
        yield f"the last good backup is lost: {job.good}"
    for backup_id in there:
        for problem in job.scene.store.damage(job.source, backup_id, again=backup_id == job.good):
            yield f"a half backup is listed: {problem}"


def _afterwards(job: Job) -> Iterator[str]:
    """Let it run undisturbed, and yield what is wrong even then."""
    job.reset()
    ran = job.start_and_wait()
    if not ran.succeeded:
        yield f"an undisturbed run fails: {ran.message or ran.problem}"
        return
    yield from job.judge(ran)
    yield from job.state()
    yield from (f"{each['backup_id']} is listed as bad" for each in job.scene.listed(job.source) if not each["good"])
    yield from (f"left unfinished: {each}" for each in job.scene.store.unfinished())
    yield from job.leftovers()
