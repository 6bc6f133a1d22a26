# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests stand on: the bed, which `make e2e` brings up first, and the collection on its server.

One test after the other: with two at once, n8n starts so slowly that limits of time are passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.bed import server as servers
from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.server import Server
from tests.bed.site import REPOSITORY
from tests.e2e.health_watch import Watch, watching
from tests.e2e.moving import Moving, moving_stack
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


@pytest.fixture(scope="module")
def moving(bed: Bed, player: Player, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moving]:
    """The stack by names of images that move; afterwards it is the bed's own again."""
    with moving_stack(bed, player, tmp_path_factory.mktemp("updates")) as found:
        yield found


@pytest.fixture
def as_before(moving: Moving) -> Iterator[Callable[[], None]]:
    """Tells whether what runs, and the data, is that from before; and that the next update works."""
    images, workflows, names = moving.running(), moving.workflows(), moving.names()
    messages = stack.message_ids(moving.server)

    def check() -> None:
        assert moving.running() == images
        assert moving.workflows() == workflows
        assert moving.names() == names
        assert messages <= stack.message_ids(moving.server)
        assert stack.obstacle(moving.server) is None
        assert moving.state()["attempt"] is None
        # No maintenance window is left open; the folder is there once one was.
        assert moving.server.shell("ls /var/lib/chatbot-ops/windows 2>/dev/null || true").split() == []

    yield check
    wanted = moving.push("api")
    # It needs no data to go back to: this is quicker.
    done = moving.update(stack_update_services=["api"], stack_update_soak="1s", stack_update_sources=["config"])
    assert done.succeeded, done.output[-4000:]
    assert moving.running()["api"] == wanted
