# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service itself says what it watches."""

from __future__ import annotations

import json
import urllib.request


def test_the_monitor_looks_for_the_keyword_every_five_minutes_and_tells_by_email_and_slack() -> None:
    request = urllib.request.Request(
        "http://127.0.0.1:18431/v3/monitors", headers={"Authorization": "Bearer k3y-of-the-test"}
    )
    with urllib.request.urlopen(request) as answer:
        found = json.load(answer)["data"]
    assert len(found) == 1
    monitor = found[0]
    assert (monitor["type"], monitor["interval"], monitor["url"]) == ("KEYWORD", 300, "https://bot.example.com/health")
    assert (monitor["keywordType"], monitor["keywordValue"]) == ("ALERT_NOT_EXISTS", '"status":"ok"')
    assert sorted(each["alertContactId"] for each in monitor["assignedAlertContacts"]) == [11, 21]
