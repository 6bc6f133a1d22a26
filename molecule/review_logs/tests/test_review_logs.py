# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen is remembered on the server, and the reports say it on the controller."""

from __future__ import annotations

import json
import os
import pathlib

from testinfra.host import Host

STATE = "/var/lib/chatbot-ops/log_review"


def test_what_was_seen_is_remembered(host: Host) -> None:
    for name in ("lottery-chatbot.json", "lottery.system_logs.json"):
        file = host.file(f"{STATE}/{name}")
        assert file.mode == 0o600
        assert json.loads(file.content_string)["looked"]


def test_the_reports_tell_of_the_error() -> None:
    folder = pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "reports"
    checks = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    pages = [path.read_text("utf-8") for path in sorted(folder.glob("*.html"))]
    assert len(checks) == len(pages) >= 2
    by_id = {each["id"]: each for each in checks[-1]}
    for service in ("api", "n8n", "nginx", "postgres"):
        assert by_id[f"logs.{service}.log"]["status"] != "unknown"
    assert by_id["logs.postgres.errors"]["value"] >= 1
    assert by_id["logs.postgres.new_errors"]["value"] == 0, "it was shown before"
    assert "nothing_of_the_kind" in pages[-1]
