# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not happen on a real engine is refused before anything is touched, and secrets stay secret."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.images import stack_images
from tests.bed.site import PROJECT, REGISTRY, REPOSITORY
from tests.e2e.player import Player

_N8N = f"{PROJECT}-n8n-1"
_OLD = f"{REGISTRY}/lottery/n8n:1.123.81"


def _backups(bed: Bed) -> str:
    return bed.production.ssh("find", REPOSITORY, "-name", "manifest.json")


def test_a_mistyped_volume_becomes_no_backup_and_no_volume(bed: Bed, player: Player) -> None:
    before = _backups(bed)
    done = player.play("backup_stack", backup_max_age="", backup_sources=["n8n"], backup_n8n_volume="n8n_dta")
    assert not done.succeeded
    assert "n8n_dta" in done.output
    assert "n8n_data" in done.output, "it should name the volume that was meant"
    assert "n8n_dta" not in bed.production.ssh("docker", "volume", "ls", "--quiet").split()
    assert _backups(bed) == before


def test_a_new_empty_volume_becomes_no_backup(bed: Bed, player: Player) -> None:
    before = _backups(bed)
    bed.production.ssh("docker", "volume", "create", "n8n_empty")
    try:
        done = player.play("backup_stack", backup_max_age="", backup_sources=["n8n"], backup_n8n_volume="n8n_empty")
    finally:
        bed.production.ssh("docker", "volume", "rm", "n8n_empty")
    assert not done.succeeded
    assert "empty" in done.output
    assert _backups(bed) == before


@pytest.fixture
def older_n8n(bed: Bed) -> Iterator[None]:
    """The service n8n has the image of an older line; it does not run."""
    environment = f"{stack.PROJECT_FOLDER}/.env"
    new = f"{REGISTRY}/{stack_images()['N8N_IMAGE']}"
    try:
        bed.production.ssh("sed", "-i", f"s#^N8N_IMAGE=.*#N8N_IMAGE={_OLD}#", environment)
        stack.compose(bed.production, "stop", "n8n")
        words = ("up", "--no-start", "--no-deps", "--force-recreate", "n8n")
        stack.compose(bed.production, *words, timeout=180)
        yield
    finally:
        bed.production.ssh("sed", "-i", f"s#^N8N_IMAGE=.*#N8N_IMAGE={new}#", environment)
        stack.up(bed.production)


@pytest.mark.thorough
@pytest.mark.usefixtures("older_n8n")
def test_a_backup_of_2_x_is_refused_by_1_x_unless_asked_for(bed: Bed, player: Player) -> None:
    player.must("backup_stack", backup_max_age="", backup_sources=["n8n"], backup_n8n_version=_version())
    bed.production.ssh("rm", f"{stack.VOLUME_FOLDER}/database.sqlite")
    before = bed.production.ssh("ls", "-la", "--time-style=full-iso", stack.VOLUME_FOLDER)
    refused = player.play("restore_n8n", restore_confirm=PROJECT)
    assert not refused.succeeded
    assert "1.123.81" in refused.output
    assert "allow_older_n8n" in refused.output
    assert bed.production.ssh("ls", "-la", "--time-style=full-iso", stack.VOLUME_FOLDER) == before
    allowed = player.must("restore_n8n", restore_confirm=PROJECT, restore_allow_older_n8n=True)
    assert allowed.result("n8n_volume_restore")["changed"]


def _version() -> str:
    return stack_images()["N8N_IMAGE"].rpartition(":")[2]


def test_no_secret_is_seen_in_any_command_line_or_output(bed: Bed, player: Player) -> None:
    key = bed.production.ssh("cat", f"{stack.VOLUME_FOLDER}/config")
    (encryption_key,) = re.findall(r'"encryptionKey":\s*"([^"]+)"', key)
    secrets = [encryption_key, bed.site.secrets["postgres_password"], bed.site.secrets["api_password"]]
    look = "cat /proc/[0-9]*/cmdline 2>/dev/null"
    watch = f"rm -f /run/argv; while [ ! -e /run/enough ]; do {look}; sleep 0.01; done | tr '\\0' ' ' > /run/argv; rm /run/enough"
    bed.production.ssh("systemd-run", "--quiet", "--unit=watch-argv", "sh", "-c", shlex.quote(watch))
    done = [player.must("backup_stack", backup_max_age=""), player.must("verify_backups", verification_max_age="")]
    bed.production.ssh("touch", "/run/enough")
    seen = bed.production.shell("while [ -e /run/enough ]; do sleep 0.1; done; cat /run/argv")
    assert "pg_dump" in seen, "the watcher saw nothing"
    manifests = bed.production.shell(f"cat $(find {REPOSITORY} -name '*.json')")
    for secret in secrets:
        assert secret not in seen
        assert secret not in manifests
        assert not [each for each in done if secret in each.output]
    assert bed.production.ssh("find", REPOSITORY, "-type", "f", "-perm", "/077") == ""
