# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests stand on: the bed, which `make e2e` brings up first, and the collection on its server."""

from __future__ import annotations

import pytest

from tests.bed.bed import Bed
from tests.bed.site import REPOSITORY
from tests.e2e.player import Player


@pytest.fixture(scope="session")
def bed() -> Bed:
    """The bed of this checkout; a test without it is a failure, not a skip."""
    found = Bed()
    not_ready = {name: state for name, state in found.status().items() if state != "ready"}
    assert not not_ready, f"The bed is not ready; `make bed` brings it up: {not_ready}"
    return found


@pytest.fixture(scope="session")
def player(bed: Bed) -> Player:
    """What runs playbooks; the production server has the tool chain and an empty or used repository."""
    player = Player(bed.site)
    player.must("install_toolchain", target="production")
    bed.production.ssh("install", "--directory", "--mode=700", REPOSITORY)
    return player
