# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One whole set is left, the verified one, with its page."""

from __future__ import annotations

import json

from testinfra.host import Host

REPOSITORY = "/var/backups/chatbot-ops/lottery-chatbot"
SOURCES = ("config", "database", "n8n")


def test_one_whole_set_is_left(host: Host) -> None:
    sets = set()
    for source in SOURCES:
        (path,) = host.run_expect([0], f"ls -d {REPOSITORY}/{source}/*").stdout.split()
        assert host.file(f"{path}/verdict.structure.json").exists
        manifest = json.loads(host.file(f"{path}/manifest.json").content_string)
        assert all(host.file(f"{path}/{each['name']}").size == each["stored_bytes"] for each in manifest["objects"])
        sets.add(manifest["set_id"])
    (set_id,) = sets
    assert set_id in host.run_expect([0], f"ls {REPOSITORY}/sets").stdout.split()
