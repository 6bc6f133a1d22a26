# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that uses n8n's data folder as a live n8n does."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.support.n8n_content import WORKFLOWS, Workflow, execution_data, workflow_data
from tests.support.n8n_store import CRASH_JOURNAL, DATABASE, N8nStore, log_event, now
from tests.support.writer import Lifetime, State, Writer


@dataclass(frozen=True)
class Pace:
    """How busy the n8n is."""

    shortest: float = 0.1
    """The shortest time between two executions, in seconds."""
    longest: float = 1.0
    """The longest."""
    keep: int = 500
    """How many executions it keeps: older ones are marked for deletion."""
    buffer: float = 5.0
    """How many seconds later they are removed with their files. n8n itself waits for an hour."""


def write(folder: Path, state_file: Path, pace: Pace) -> None:
    """Executes workflows until the lifetime of this process is over.

    While it runs there is a `crash.journal`; at a clean end it is removed and, as n8n 2.x does, the write-ahead log
    stays with what was not yet carried over into the database file. Does not return.
    """
    lifetime, state = Lifetime(), State()
    journal = folder / CRASH_JOURNAL
    journal.touch()
    store = N8nStore(folder, sqlite3.connect(folder / DATABASE, timeout=10))
    chance = random.Random()
    number, pause = 0, 0.0
    while lifetime.goes_on_after(pause):
        number, began = number + 1, time.monotonic()
        try:
            _execute(store, chance)
            if number % 10 == 0:
                _prune(store, pace)
            state = state.acknowledge(number, time.monotonic() - began)
        except (sqlite3.OperationalError, OSError):
            state = state.fail()
        state.save(state_file)
        pause = chance.uniform(pace.shortest, pace.longest)
    journal.unlink(missing_ok=True)
    # To close the last connection would carry the log over and remove it.
    sys.stdout.flush()
    os._exit(0)


class N8nWriter(Writer):
    """A process that executes workflows in a data folder; use it as a context manager."""

    def __init__(self, folder: Path, state_file: Path, pace: Pace | None = None) -> None:
        chosen = pace or Pace()
        arguments = ["--folder", str(folder), "--shortest", str(chosen.shortest), "--longest", str(chosen.longest)]
        arguments += ["--keep", str(chosen.keep), "--buffer", str(chosen.buffer)]
        super().__init__("tests.support.sample_n8n", arguments, state_file)


def _execute(store: N8nStore, chance: random.Random) -> None:
    """One execution: begun and committed, its files written, then finished and committed."""
    workflow = chance.choice(_active(store))
    with store.database:
        execution_id = store.begin_execution(workflow, workflow_data(workflow, {}), now())
    log_event(store.folder, "n8n.workflow.started", workflow, execution_id, now(), chance)
    pictures = chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2))
    files = [store.keep_picture(workflow.id, execution_id, chance) for _picture in range(pictures)]
    data = execution_data(workflow, chance.randint(2, 15), files, chance)
    succeeds = chance.random() < 0.97
    with store.database:
        store.finish_execution(execution_id, "success" if succeeds else "error", data, now())
    event = f"n8n.workflow.{'success' if succeeds else 'failed'}"
    log_event(store.folder, event, workflow, execution_id, now(), chance)


def _active(store: N8nStore) -> list[Workflow]:
    active = {row[0] for row in store.database.execute("SELECT id FROM workflow_entity WHERE active")}
    return [workflow for workflow in WORKFLOWS if workflow.id in active]


def _prune(store: N8nStore, pace: Pace) -> None:
    with store.database:
        store.soft_delete(pace.keep, now())
    with store.database:
        store.hard_delete(now(), timedelta(seconds=pace.buffer))
