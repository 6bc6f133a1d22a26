# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API has its new rate, and is healthy; what was done is remembered, and Meta was asked as its document says."""

from __future__ import annotations

import json

from testinfra.host import Host

from tests.support.whatsapp_api import violations_of
from tests.support.whatsapp_double import Request

STATE = "/var/lib/chatbot-ops/whatsapp_guard/lottery-chatbot-sales.json"
FOLDER = "/opt/lottery-chatbot"


def test_the_api_runs_with_the_rate(host: Host) -> None:
    # Docker's own words, not Compose's.
    found = json.loads(host.check_output("docker inspect lottery-chatbot-api-1"))[0]
    assert found["State"]["Health"]["Status"] == "healthy"
    assert {"WHATSAPP_MESSAGES_PER_SECOND=2.0", "WHATSAPP_DAILY_CAP=200"} <= set(found["Config"]["Env"])


def test_it_was_restarted_once_and_nothing_else_was(host: Host) -> None:
    started = {
        name: host.check_output(f"docker inspect --format '{{{{.State.StartedAt}}}}' lottery-chatbot-{name}-1")
        for name in ("api", "n8n", "nginx", "postgres")
    }
    remembered = json.loads(host.file(STATE).content_string)
    assert [each["action"] for each in remembered["history"]] == ["set"]
    assert [name for name, at in started.items() if at > remembered["since"]] == ["api"]


def test_what_was_done_is_remembered(host: Host) -> None:
    file = host.file(STATE)
    remembered = json.loads(file.content_string)
    assert file.mode == 0o600
    assert (remembered["level"], remembered["allowance"]) == (3, {"rate": 2.0, "daily_cap": 200})
    assert "EAAB" not in file.content_string


def test_the_environment_is_whole_and_no_copy_of_it_is_left(host: Host) -> None:
    lines = host.file(f"{FOLDER}/.env").content_string.splitlines()
    assert any(line.startswith("API_DATABASE_PASSWORD=") for line in lines)
    assert len([line for line in lines if line.startswith("WHATSAPP_")]) == 2
    assert host.file(f"{FOLDER}/.env").mode == 0o600
    assert [name for name in host.file(FOLDER).listdir() if name.startswith(".env") and name.endswith("~")] == []


def test_meta_was_asked_as_its_document_says(host: Host) -> None:
    lines = host.file("/opt/whatsapp-double/requests.jsonl").content_string.splitlines()
    requests = [Request(**json.loads(line)) for line in lines]
    assert len(requests) == 3, "check mode, and two runs"
    assert [problem for each in requests for problem in violations_of(each)] == []
