# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The test bed: ``python -m tests.bed up|down|status``.

``up`` takes a quarter of an hour the first time and about a minute afterwards; ``status`` tells how to reach the parts.
"""

from __future__ import annotations

import argparse
import fcntl
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bed.bed import Bed, check_machine
from tests.bed.cache import bed_cache
from tests.bed.process import BedError
from tests.bed.services import CEPH_SERVICE
from tests.bed.site import BOT, PUBLISHED


def main() -> int:
    """Do what the command line asks for and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bed", description="Brings up a whole chatbot stack to test on."
    )
    parser.add_argument("action", choices=("up", "down", "status"))
    action = parser.parse_args().action
    # So that what was begun is undone as after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(128 + signal.SIGTERM))
    try:
        check_machine()
        if action == "status":
            return _status(Bed())
        with _alone():
            return _up(Bed()) if action == "up" else _down(Bed())
    except BedError as error:
        print(f"bed: {error}", file=sys.stderr)
        return 1


@contextmanager
def _alone() -> Iterator[None]:
    """Keeps two commands from working on the bed at the same time, in whichever checkout they were given."""
    with open(bed_cache() / "command.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BedError("Another command is bringing the bed up or down; try again when it has ended") from error
        yield


def _up(bed: Bed) -> int:
    began = time.monotonic()
    bed.up()
    print(f"bed: ready after {time.monotonic() - began:.0f} s")
    _tell(bed)
    return 0


def _down(bed: Bed) -> int:
    bed.down()
    print("bed: gone; the cache stays")
    return 0


def _status(bed: Bed) -> int:
    states = bed.status()
    for name, state in states.items():
        print(f"{name}: {state}")
    ready = set(states.values()) == {"ready"}
    if ready:
        _tell(bed)
    return 0 if ready else 1


def _tell(bed: Bed) -> None:
    print(f"\nInventory: {bed.site.inventory}\nSecrets: {bed.site.state / 'secrets.json'}\nCA: {bed.site.authority}")
    for server in (bed.production, bed.replacement):
        print(f"{server.name}: {' '.join(map(str, server.ssh_command()))}")
    print(f"The bot: https://{BOT}, which is 127.0.0.1:{bed.site.ports['production-https']}")
    for name in PUBLISHED:
        if name == CEPH_SERVICE.name:
            continue  # it is not up
        print(f"{name}: 127.0.0.1:{bed.site.ports[name]}")


if __name__ == "__main__":
    sys.exit(main())
