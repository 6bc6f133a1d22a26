# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job of the default table has a timer that is set, and only root reads what the server knows."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

FOLDER = "/etc/chatbot-ops/schedule/lottery-chatbot"
JOBS = ["health", "health_daily", "backup", "prune", "verification", "log_rotation", "log_review", "log_archive"]
JOBS += ["rehearsal", "runbook", "job_review", "dependency_review", "system_update"]


@pytest.mark.parametrize("job", JOBS)
def test_a_job(host: Host, job: str) -> None:
    timer = f"chatbot-ops-lottery-chatbot@{job}.timer"
    assert host.run(f"systemctl is-active {timer}").stdout.strip() == "active"
    assert host.run(f"systemctl is-enabled {timer}").stdout.strip() == "enabled"
    described = json.loads(host.file(f"{FOLDER}/{job}.json").content_string)
    assert described["command"][0] == "/opt/chatbot-ops/schedule/venv/bin/ansible-playbook"


def test_nobody_else_reads_them(host: Host) -> None:
    assert host.file(FOLDER).mode == 0o700
    for path in (f"{FOLDER}/environment", "/opt/chatbot-ops/schedule/inventory.yml"):
        found = host.file(path)
        assert (found.user, found.mode) == ("root", 0o600)
