# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report tells that the stack came back, and the stack noticed nothing."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

from testinfra.host import Host


def test_the_report_says_so() -> None:
    report = _report("")
    assert not report["failure"], report
    proven = {each["source"]: each["verified"]["passed"] for each in report["sources"]}
    assert proven == {"n8n": True, "database": True, "config": True}


def test_the_report_of_the_whole_stack_says_so_too() -> None:
    report = _report("isolated")
    assert not report["failure"], report
    proven = {each["source"]: each["proof"]["equal"] for each in report["sources"]}
    assert proven == {"n8n": True, "database": True, "config": True}


def test_the_containers_run_on(host: Host) -> None:
    told = host.run_expect([0], "docker ps --format '{{.Names}} {{.Status}}'").stdout.splitlines()
    assert len([line for line in told if "(healthy)" in line]) == len(told) == 4, told


def test_nothing_is_left(host: Host) -> None:
    command = "docker exec lottery-chatbot-postgres-1 psql -U postgres -Atc 'SELECT datname FROM pg_database'"
    assert sorted(host.run_expect([0], command).stdout.split()) == ["lottery", "postgres", "template0", "template1"]


def test_nothing_is_left_of_the_whole_stack(host: Host) -> None:
    for kind in ("network", "volume"):
        assert "rehearsal" not in host.run_expect([0], f"docker {kind} ls").stdout
    assert host.run_expect([0], "ls /var/lib/chatbot-ops/quarantine").stdout.split() == []


def _report(folder: str) -> dict[str, Any]:
    (path,) = (pathlib.Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / folder).glob("rehearsal-*.json")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
