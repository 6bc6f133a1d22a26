# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The volume is as n8n needs it, and n8n starts with it and has all its workflows."""

from __future__ import annotations

from testinfra.host import Host

VOLUME = "/var/lib/docker/volumes/n8n_data"
N8N = "lottery-chatbot-n8n-1"


def test_owner_and_modes(host: Host) -> None:
    config, folder = host.file(f"{VOLUME}/_data/config"), host.file(f"{VOLUME}/_data")
    assert (config.uid, config.gid, config.mode) == (1000, 1000, 0o600)
    assert (folder.uid, folder.gid) == (1000, 1000)


def test_nothing_stale_is_beside_the_database(host: Host) -> None:
    assert host.file(f"{VOLUME}/_data/database.sqlite").exists
    assert not host.file(f"{VOLUME}/_data/database.sqlite-wal").exists
    assert not host.file(f"{VOLUME}/_data/database.sqlite-shm").exists


def test_what_was_there_is_kept(host: Host) -> None:
    kept = host.run_expect([0], f"ls -d {VOLUME}/_data.previous-*").stdout.split()
    assert len(kept) == 1
    assert host.file(f"{kept[0]}/database.sqlite-wal").content_string == "of another database"


def test_n8n_that_did_not_run_was_not_started(host: Host) -> None:
    assert not host.docker(N8N).is_running


def test_n8n_starts_with_it(host: Host) -> None:
    host.run_expect([0], f"docker start {N8N}")
    healthy = f"until [ $(docker inspect --format={{{{.State.Health.Status}}}} {N8N}) = healthy ]; do sleep 1; done"
    host.run_expect([0], f"timeout 60 bash -c '{healthy}'")
    # n8n's own opinion on the key: it decrypts every credential.
    exported = host.run_expect([0], f"docker exec {N8N} n8n export:credentials --all --decrypted --pretty").stdout
    assert exported.count('"id"') == 3
    workflows = host.run_expect([0], f"docker exec {N8N} n8n list:workflow --onlyId").stdout.split()
    assert {"heartbeat0000001", "inbound000000001"} <= set(workflows)
