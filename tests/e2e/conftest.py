# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests stand on: the bed, which `make e2e` brings up first, and the collection on its server.

One test after the other: with two at once, n8n starts so slowly that limits of time are passed.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bed import server as servers
from tests.bed.bed import Bed
from tests.bed.server import Server
from tests.bed.site import REPOSITORY
from tests.e2e.health_watch import Watch, watching
from tests.e2e.player import Player


@pytest.fixture(scope="session")
def bed() -> Bed:
    """The bed of this checkout; a test without it is a failure, not a skip."""
    found = Bed()
    not_ready = {name: state for name, state in found.status().items() if state != "ready"}
    assert not not_ready, f"The bed is not ready; `make bed` brings it up: {not_ready}"
    return found


@pytest.fixture(scope="module")
def replacement(bed: Bed) -> Iterator[Server]:
    """The bare server, for tests of what comes onto one; it is bare again afterwards."""
    yield bed.replacement
    servers.reinstall(bed.engine, bed.replacement)


@pytest.fixture(scope="session")
def bare_player(bed: Bed) -> Player:
    """What runs playbooks on servers that have nothing yet."""
    return Player(bed.site)


@pytest.fixture(scope="session")
def player(bed: Bed, bare_player: Player) -> Player:
    """What runs playbooks; the production server has the tool chain and an empty or used repository."""
    bare_player.must("install_toolchain", target="production")
    bed.production.ssh("install", "--directory", "--mode=700", REPOSITORY)
    return bare_player


@pytest.fixture(scope="module")
def watch(bed: Bed, player: Player) -> Iterator[Watch]:
    """What looks at the production server and judges it."""
    with watching(bed, player) as looking:
        yield looking
