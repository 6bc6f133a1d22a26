# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found is on the controller, and how full the disks were is remembered on the server."""

from __future__ import annotations

import json
import os
import pathlib

from testinfra.host import Host

STATE = "/var/lib/chatbot-ops/health/looks.json"


def test_how_full_the_disks_were_is_remembered(host: Host) -> None:
    file = host.file(STATE)
    assert file.mode == 0o600
    assert json.loads(file.content_string)["disks"]["/"]


def test_the_checks_tell_that_the_stack_serves() -> None:
    path = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "reports" / "health-lottery-chatbot.json"
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_text("utf-8"))
    states = {each["id"]: each["status"] for each in document["checks"]}
    for name in ("server.reachable", "api.bot.status", "tls.bot.trust", "n8n.readiness", "database.connect"):
        assert states[name] == "ok"
    for service in ("api", "n8n", "nginx", "postgres"):
        assert states[f"container.{service}.running"] == states[f"container.{service}.health"] == "ok"
