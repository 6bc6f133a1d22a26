# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API runs the new image and is healthy; the old one is kept by a name of ours; a set was taken."""

from __future__ import annotations

import json

from testinfra.host import Host

API = "lottery-chatbot-api-1"


def _image(host: Host, name: str, label: str) -> str:
    asked = host.run_expect([0], f"docker inspect --format='{{{{index .Config.Labels \"{label}\"}}}}' {name}")
    return str(asked.stdout.strip())


def test_the_new_image_serves(host: Host) -> None:
    assert _image(host, API, "molecule") == "next"
    state = host.run_expect([0], f"docker inspect --format={{{{.State.Health.Status}}}} {API}").stdout
    assert state.strip() == "healthy"


def test_what_ran_before_is_kept(host: Host) -> None:
    state = json.loads(host.file("/var/lib/chatbot-ops/updates/lottery-chatbot.json").content_string)
    assert state["attempt"] is None
    previous = state["previous"]["services"]["api"]
    assert _image(host, previous["tag"], "molecule") in ("", "<no value>")
    assert state["previous"]["backups"].keys() == {"database", "n8n"}


def test_a_set_was_taken(host: Host) -> None:
    found = host.run_expect([0], "ls /var/backups/chatbot-ops/lottery-chatbot/database").stdout.split()
    assert len(found) == 1
