# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast to go: no batch so long that others wait for it, no more of them than the budget has, and rests in between."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._postgres.connection import Login, Session

#: How long a batch should take, in seconds; the number of its rows follows. Whoever commits beside it waits until its part
#: of the server's log is on the disk, too: where others are at work, it is to be small. (With 40 ms, 99 of 100 inserts of
#: twenty clients take up to 12 ms, with 5 ms up to 7, and 5 without us.)
_AIM = 0.3
_AIM_BESIDE_OTHERS = 0.005
#: For how many seconds those count as at work who were seen so. A statement is seldom seen while it lasts, if it is short:
#: the server tells of each connection when its last one ended, too.
_AT_WORK = 3.0
_JUST_NOW = 1.0
_SMALLEST = 100
#: How long somebody may wait for a lock of ours until the batch is given up, in seconds.
_PATIENCE = 0.3
_LOOK = 0.1
#: After how many seconds of a replica that does not catch up the rest is left for the next run.
_WAIT_FOR_REPLICAS = 600.0
_LOOK_AT_LAG = 1.0

_STATE = """
SELECT count(*) FILTER (WHERE wait_event_type = 'Lock' AND %s = ANY (pg_blocking_pids(pid))),
       count(*) FILTER (WHERE application_name <> 'chatbot.ops'
                          AND (state = 'active' OR state_change > clock_timestamp() - %s * interval '1 second'))
FROM pg_catalog.pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid NOT IN (%s, pg_backend_pid())
"""
# Who may not see the positions of the replicas gets NULL.
_LAG = """
SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::int8 FROM pg_catalog.pg_stat_replication
"""


@dataclass(frozen=True)
class Limits:
    """What the user allows: rows of a batch; seconds and rows of the whole run (None: no limit); bytes of log that a
    replica may lag behind.
    """

    batch_size: int
    seconds: float | None
    rows: int | None
    lag_bytes: int


class Watcher:
    """Looks, by a connection of its own, at who waits for ``work``, and has its statement ended before they wait long."""

    def __init__(self, login: Login, work: Session) -> None:
        self._session, self._work = login.connect(), work
        self._done = threading.Event()
        self._lock = threading.Lock()
        # Until the first look, somebody is at work.
        self._waited, self._busy_until, self.lag = False, time.monotonic() + 3 * _LOOK, 0
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._done.set()
        self._thread.join()
        self._session.close()

    def seen(self) -> tuple[bool, bool]:
        """Return whether anybody waited for us since the last call, and whether others are at work."""
        with self._lock:
            result = self._waited, time.monotonic() < self._busy_until
            self._waited = False
        return result

    def _look_on(self) -> None:
        waiting_since, next_lag = None, 0.0
        while not self._done.wait(_LOOK):
            instant = time.monotonic()
            try:
                ((waiting, busy),) = self._session.run(_STATE, (self._work.pid, _JUST_NOW, self._work.pid))
                if instant >= next_lag:
                    self.lag, next_lag = int(self._session.value(_LAG)), instant + _LOOK_AT_LAG
            except ToolError:
                return  # the server is gone, or we may not look: whoever works finds out
            with self._lock:
                self._waited = self._waited or waiting > 0
                self._busy_until = instant + _AT_WORK if busy else self._busy_until
            waiting_since = (waiting_since or instant) if waiting else None
            if waiting_since is not None and instant - waiting_since >= _PATIENCE:
                self._work.cancel()


class Pace:
    """How many rows the next batch has, and how long to rest before it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._begun = time.monotonic()
        self._size, self._aim = min(limits.batch_size, 1000), _AIM_BESIDE_OTHERS
        self._stuck = False
        self.rows = 0
        self.batches = 0

    @property
    def spent(self) -> bool:
        """Whether the budget of time or rows is used up."""
        limits = self._limits
        if self._stuck:
            return True
        late = limits.seconds is not None and time.monotonic() - self._begun >= limits.seconds
        return late or (limits.rows is not None and self.rows >= limits.rows)

    @property
    def left(self) -> int | None:
        """How many rows the budget has left; None for no limit."""
        return None if self._limits.rows is None else max(0, self._limits.rows - self.rows)

    @property
    def size(self) -> int:
        """The number of rows for the next batch."""
        return self._size if self.left is None else max(1, min(self._size, self.left))

    @property
    def _least(self) -> int:
        return min(_SMALLEST, self._limits.batch_size)

    def done(self, rows: int, seconds: float) -> None:
        """Note that a batch of so many rows took so long."""
        self.rows += rows
        self.batches += 1
        self.adapt(seconds)

    def adapt(self, seconds: float) -> None:
        """Let the number of rows follow the time that the last ones took."""
        fitting = self._size * self._aim / max(seconds, 1e-3)
        self._size = int(max(self._least, min(self._limits.batch_size, fitting, 2 * self._size)))

    def smaller(self) -> None:
        """Take half as many rows from now on."""
        self._size = max(self._least, self._size // 2)

    def rest(self, seconds: float, watcher: Watcher) -> None:
        """Let others go first, after a batch that took so long: as long again where they are at work (and the batches get
        short), longer where they had to wait for us, and until the replicas have caught up.
        """
        waited, busy = watcher.seen()
        self._aim = _AIM_BESIDE_OTHERS if busy else _AIM
        if waited:
            self.smaller()
            time.sleep(min(2.0, 2 * seconds + 0.2))
        elif busy:
            time.sleep(seconds)
        deadline = time.monotonic() + _WAIT_FOR_REPLICAS
        while watcher.lag > self._limits.lag_bytes and not self.spent:
            time.sleep(0.2)
            self._stuck = time.monotonic() > deadline
