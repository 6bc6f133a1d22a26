# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups are whole and can be read with the programs that every server has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from testinfra.host import Host

REPOSITORY = "/var/backups/chatbot-ops/lottery-chatbot"


def newest(host: Host, source: str) -> tuple[str, dict[str, Any]]:
    """The folder of the only backup of a source, and its manifest."""
    (folder,) = host.run_expect([0], f"ls -d {REPOSITORY}/{source}/*/").stdout.split()
    return folder, json.loads(host.file(f"{folder}manifest.json").content_string)


@pytest.mark.parametrize("source", ["n8n", "database", "config"])
def test_nobody_else_can_read_it(host: Host, source: str) -> None:
    readable = host.run_expect([0], f"find {REPOSITORY} -type f -perm /077").stdout
    assert readable == ""
    assert newest(host, source)[1]["source"] == source


def test_one_set(host: Host) -> None:
    assert len({newest(host, source)[1]["set_id"] for source in ("n8n", "database", "config")}) == 1


def test_n8n_is_an_archive_with_the_key_and_the_database(host: Host) -> None:
    folder, manifest = newest(host, "n8n")
    names = host.run_expect([0], f"zstd -dc {folder}data.tar.zst | tar -t").stdout.split()
    assert {"./config", "./database.sqlite"} <= set(names)
    assert not [name for name in names if name.endswith(("-wal", "-shm", "-journal"))]
    assert manifest["proof"]["database"]["credentials"]["decryptable"] == 3
    assert manifest["versions"]["n8n"].startswith("2.")


def test_the_database_is_a_dump_that_pg_restore_reads(host: Host) -> None:
    folder, manifest = newest(host, "database")
    dump = next(each["name"] for each in manifest["objects"] if each["name"].endswith("dump.zst"))
    listed = host.run_expect([0], f"zstd -dc {folder}{dump} | pg_restore --list").stdout
    assert "TABLE DATA public messages" in listed
    assert "TABLE DATA public system_logs" in listed


def test_the_stack_s_own_files_are_there(host: Host) -> None:
    folder, manifest = newest(host, "config")
    names = host.run_expect([0], f"zstd -dc {folder}config.tar.zst | tar -t").stdout
    assert "opt/lottery-chatbot/.env" in names
    assert "opt/lottery-chatbot/compose.yml" in names
    assert manifest["proof"]["images"]["n8n"]["digests"][0].startswith("registry.bed:5000/lottery/n8n@sha256:")
