# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever dies while n8n is stopped for a backup: n8n serves again within a minute, without anybody's help.

CHATBOT_KILLS in the environment is the number of kills (2: the module, and the server; with 4, one of each kind).
"""

from __future__ import annotations

import os
import random
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bed import server as servers
from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.process import BedError, wait_until
from tests.bed.site import BOT
from tests.e2e.player import Player, Started
from tests.support.n8n_readiness import ReadinessClient

_KILLS = int(os.environ.get("CHATBOT_KILLS", "2"))
_LIMIT = 60.0
# Seconds without a break after which n8n is taken to serve.
_SURE = 0.5
_MODULE = "^/opt/chatbot-ops/venv/bin/python"
_BALLAST = f"{stack.VOLUME_FOLDER}/binaryData"
_JOURNALS = "/var/lib/chatbot-ops/windows/*.json"
_VARIABLES: dict[str, Any] = {
    "backup_max_age": "",
    "backup_n8n_consistency": "stop",
    "backup_sources": ["n8n"],
}
# Waits until the window is open, and then for as many seconds as it is told; fails if it is closed by then.
_WAIT = f"until ls {_JOURNALS} > /dev/null 2>&1; do sleep 0.02; done; sleep %.3f; ls {_JOURNALS} > /dev/null"


@pytest.fixture
def ballast(bed: Bed) -> Iterator[None]:
    """Data that makes a backup take a few seconds, so that there is time to be killed in."""
    script = f"mkdir -p {_BALLAST} && head -c 256M /dev/urandom > {_BALLAST}/file && chown -R 1000:1000 {_BALLAST}"
    bed.production.shell(script, timeout=120)
    yield
    _drop_ballast(bed)


def _drop_ballast(bed: Bed) -> None:
    bed.production.ssh("rm", "-rf", _BALLAST)


def _kill_playbook(bed: Bed, started: Started, delay: float) -> None:
    _on_server(bed, delay)
    started.kill()


def _kill_module(bed: Bed, started: Started, delay: float) -> None:
    _on_server(bed, delay, f"pkill -KILL -f {_MODULE}")
    started.wait()


def _kill_engine(bed: Bed, started: Started, delay: float) -> None:
    _on_server(bed, delay, "pkill -KILL -x dockerd")
    started.wait()


def _cut_power(bed: Bed, started: Started, delay: float) -> None:
    _on_server(bed, delay)
    bed.engine.docker("restart", "--time=0", bed.production.name)
    bed.production.hang_up()
    started.kill()


def _on_server(bed: Bed, delay: float, *commands: str) -> None:
    bed.production.shell(" && ".join([_WAIT % delay, *commands]))


_WAYS: list[Callable[[Bed, Started, float], None]] = [_kill_module, _cut_power, _kill_playbook, _kill_engine]


@pytest.mark.usefixtures("ballast")
def test_n8n_serves_again_whatever_is_killed_while_it_is_stopped(bed: Bed, player: Player) -> None:
    undisturbed = player.must("backup_stack", **_VARIABLES).result("n8n_volume_backup")["downtime_seconds"]
    chance = random.Random()
    for number in range(_KILLS):
        way = _WAYS[number % len(_WAYS)]
        # One window is a good deal shorter than another, and towards its end it may be closed before the command comes.
        delay = chance.uniform(0, 0.6 * undisturbed)
        seconds = _seconds_until_n8n_serves(way, bed, player, delay)
        print(f"{way.__name__} {delay:.2f} s after the window was opened: n8n served after {seconds:.1f} s")
        assert seconds < _LIMIT
    assert stack.obstacle(bed.production) is None
    _drop_ballast(bed)
    player.must("backup_stack", **_VARIABLES)
    player.must("verify_backups", verification_sources=["n8n"], verification_max_age="")


def _seconds_until_n8n_serves(
    way: Callable[[Bed, Started, float], None], bed: Bed, player: Player, delay: float
) -> float:
    """Kills once, and returns how long after the window was opened n8n was seen not to serve for the last time."""
    context = ssl.create_default_context(cafile=str(bed.site.authority))
    with ReadinessClient(bed.site.ports["production-https"], context, BOT) as n8n:
        wait_until(lambda: None if n8n.good_for > _SURE else "it does not", "see n8n serve", 30)
        begun = time.time()
        started = player.start("backup_stack", **_VARIABLES)
        way(bed, started, delay)
        wait_until(lambda: _unsettled(bed, n8n), "see all windows closed", 2 * _LIMIT)
        down = [each.asked_at for each in n8n.failures if each.asked_at > begun]
        return down[-1] - down[0] if down else 0.0


def _unsettled(bed: Bed, n8n: ReadinessClient) -> str | None:
    """What shows that the stack is not as it was: an open window, n8n that does not serve, a server that boots."""
    try:
        open_windows = bed.production.ssh("ls", "/var/lib/chatbot-ops/windows", timeout=10).split()
    except BedError as error:
        return str(error)
    missing = servers.obstacle(bed.engine, bed.production)
    if open_windows or missing:
        return f"open: {open_windows}; {missing}"
    return None if n8n.good_for > _SURE else "n8n does not serve"
