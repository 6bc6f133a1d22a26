# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In check mode each runbook tells what it would do, and the server stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.site import PROJECT, REPOSITORY
from tests.e2e.player import Player

# n8n itself writes to its database and its logs all the time.
_LOOK = f"""
find {REPOSITORY} {stack.PROJECT_FOLDER} /var/lib/chatbot-ops /opt/chatbot-ops -printf '%p %s %T@ %m %u\\n' | sort
find /var/lib/docker/volumes -maxdepth 2 -printf '%p %i\\n' | sort
docker ps --all --no-trunc --format '{{{{.ID}}}} {{{{.Names}}}}' | sort
docker inspect --format '{{{{.State.StartedAt}}}}' $(docker ps --quiet | sort)
docker exec {PROJECT}-postgres-1 psql -U postgres -Atc 'SELECT oid, datname FROM pg_database ORDER BY oid'
"""


@pytest.fixture(scope="module")
def backed_up(player: Player) -> None:
    """There is a good backup of each source. In check mode nobody adds one, or makes one too old."""
    player.must("backup_stack")


@pytest.mark.usefixtures("backed_up")
@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        ("backup_stack", {"backup_max_age": ""}),
        ("restore_n8n", {"restore_confirm": PROJECT}),
        # Each has its check mode looked at by its scenario, too; here, that nothing at all changes.
        *(
            pytest.param(*each, marks=pytest.mark.thorough)
            for each in (
                ("backup_stack", {"backup_max_age": "", "backup_n8n_consistency": "stop"}),
                ("verify_backups", {"verification_max_age": ""}),
                ("restore_database", {"restore_confirm": PROJECT}),
                ("restore_config", {"restore_confirm": PROJECT}),
                ("rehearse_recovery", {}),
                ("install_toolchain", {"target": "production"}),
            )
        ),
    ],
)
def test_nothing_changes(bed: Bed, player: Player, playbook: str, variables: dict[str, Any]) -> None:
    before = bed.production.shell(_LOOK)
    player.must(playbook, check=True, **variables)
    assert bed.production.shell(_LOOK) == before
