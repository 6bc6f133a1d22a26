# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup is there, and PostgreSQL runs."""

from __future__ import annotations

import json

from testinfra.host import Host

AS_POSTGRES = "cd / && runuser -u postgres --"


def test_one_backup_is_there(host: Host) -> None:
    told = host.run_expect([0], f"{AS_POSTGRES} pgbackrest --stanza=lottery-chatbot info --output=json").stdout
    (stanza,) = json.loads(told)
    assert [(backup["type"], backup["error"]) for backup in stanza["backup"]] == [("full", False)]


def test_its_files_are_whole(host: Host) -> None:
    host.run_expect([0], f"{AS_POSTGRES} pgbackrest --stanza=lottery-chatbot verify")
