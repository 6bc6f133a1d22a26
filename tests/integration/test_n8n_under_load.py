# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real n8n is backed up while it works: it never fails a request, and each backup becomes an n8n that works."""

from __future__ import annotations

import os
import pathlib

import pytest

from tests.support.n8n_install import LINES, Install
from tests.support.n8n_readiness import ReadinessClient
from tests.support.postgres_watchdog import wait_until
from tests.support.real_n8n import HEARTBEAT, INBOUND, RealN8n, holds_imported_credentials, prepared_folder
from tests.support.zygote import Zygote

#: How many backups in a row; each is restored, and that n8n started.
BACKUPS = int(os.environ.get("CHATBOT_BACKUPS", "2"))


# What tests/e2e/test_backup.py sees of an n8n in a container, of one on a path.
@pytest.mark.thorough
@pytest.mark.parametrize("line", LINES)
def test_backups_in_a_row_disturb_nobody_and_each_of_them_works(
    tmp_path: pathlib.Path, zygote: Zygote, line: int
) -> None:
    common = {"stack": "lottery-chatbot", "repository": {"type": "local", "path": str(tmp_path / "backups")}}
    (tmp_path / "backups").mkdir()
    install = prepared_folder(tmp_path / "live", line)
    taken = []
    with RealN8n(install, tmp_path / "live") as live:
        executions = live.executions_count()
        # Ready, n8n 2.x may still be publishing its workflows. What was copied in that moment, a restored one leaves
        # alone for two minutes (N8N_WORKFLOW_PUBLICATION_OUTBOX_LEASE_SECONDS), and then does.
        assert wait_until(lambda: live.executions_count() > executions, 60)
        with ReadinessClient(live.port) as client:
            for _number in range(BACKUPS):
                taken.append(zygote.run("n8n_volume_backup", {**common, "path": str(tmp_path / "live" / ".n8n")}))
        assert client.failures == []
        assert len(client.latencies) >= BACKUPS
        working = live.executions_count()
        assert wait_until(lambda: live.executions_count() > working, 20)
    counts = [each["manifest"]["proof"]["database"]["executions"]["count"] for each in taken]
    assert counts == sorted(counts)
    for number, each in enumerate(taken):
        folder = tmp_path / f"restored{number}"
        folder.mkdir()
        params = {**common, "path": str(folder / ".n8n"), "backup_id": each["backup_id"]}
        assert zygote.run("n8n_volume_restore", params)["proof"]["equal"]
        assert_works(install, folder, counts[number])


def assert_works(install: Install, folder: pathlib.Path, executions: int) -> None:
    """Start n8n on ``folder`` and have it tell what it holds, and see that it goes on with its work."""
    with RealN8n(install, folder) as restored:
        workflows = restored.export_workflows()
        assert {each["id"] for each in workflows if each["active"]} == {HEARTBEAT, INBOUND}
        assert holds_imported_credentials(restored.export_credentials_decrypted())
        goes_on = wait_until(lambda: restored.executions_count() > executions, 60)
        assert goes_on, f"the restored n8n executes nothing:\n{restored.log[-3000:]}"
