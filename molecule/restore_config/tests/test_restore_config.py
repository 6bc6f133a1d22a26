# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files are back with their modes, what was there is kept, and Docker Compose takes them."""

from __future__ import annotations

from testinfra.host import Host

PROJECT = "/opt/lottery-chatbot"


def test_the_environment_is_back_and_the_owner_s_alone(host: Host) -> None:
    found = host.file(f"{PROJECT}/.env")
    assert "POSTGRES_PASSWORD=" in found.content_string
    assert (found.user, found.mode) == ("root", 0o600)


def test_the_key_is_back(host: Host) -> None:
    found = host.file(f"{PROJECT}/tls/bot.key")
    assert (found.user, found.mode) == ("root", 0o600)
    assert host.run(f"openssl pkey -noout -in {PROJECT}/tls/bot.key").rc == 0


def test_what_was_there_is_kept(host: Host) -> None:
    (kept,) = host.run_expect([0], "ls /var/lib/chatbot-ops/previous/config-*.tar").stdout.split()
    assert host.file(kept).mode == 0o600
    assert host.run_expect([0], f"tar -xOf {kept} --wildcards '*/.env'").stdout == "spoilt"


def test_docker_compose_sees_no_change(host: Host) -> None:
    told = host.run_expect([0], f"docker compose --project-directory={PROJECT} up --detach --dry-run").stderr
    assert "Recreate" not in told
