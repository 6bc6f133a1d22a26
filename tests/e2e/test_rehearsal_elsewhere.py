# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole stack comes up on a bare server, from a bucket, and is removed there; the one in service hears nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.server import Server
from tests.bed.site import BOT, PROJECT, TRUST_OF_SERVERS, bucket
from tests.e2e.player import Player

pytestmark = pytest.mark.thorough

_PROBE = "00000000-0000-4000-8000-0000000000e1"


def _started(server: Server) -> str:
    return server.shell(f"docker inspect --format='{{{{.State.StartedAt}}}}' {PROJECT}-n8n-1 {PROJECT}-postgres-1")


def _message(message_id: str) -> dict[str, object]:
    message = {"from": "+570000000000", "id": message_id, "type": "text", "text": {"body": "prueba"}}
    change = {"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [message]}}
    return {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]}


def test_a_rehearsal_on_another_server(bed: Bed, player: Player, replacement: Server, tmp_path: Path) -> None:
    repository = {**bucket(bed.site, "https://s3.bed:8333", TRUST_OF_SERVERS), "prefix": "elsewhere"}
    player.must("backup_stack", backup_max_age="", backup_repositories=[repository])
    before = _started(bed.production)
    probe = {
        "url": f"https://{BOT}/webhook/inbound",
        "body": _message(_PROBE),
        "expect": _PROBE,
        "workflows": ["Inbound message"],
    }
    player.must(
        "rehearse_recovery",
        rehearsal_mode="isolated",
        rehearsal_host="replacement",
        rehearsal_report_folder=str(tmp_path),
        quarantine_repositories=[repository],
        quarantine_probe=probe,
    )
    (report,) = tmp_path.glob("rehearsal-*.json")
    record = json.loads(report.read_text(encoding="utf-8"))
    proofs = {each["source"]: each["proof"]["equal"] for each in record["sources"]}
    assert proofs == {"n8n": True, "database": True, "config": True}
    phases = [each["id"] for each in record["phases"]]
    assert phases == ["deploy", "choose", "prepare", "restore", "start", "prove", "remove"]

    # It was there: Docker is, with the images that it ran. Of the copy itself nothing is left.
    assert "n8n" in replacement.ssh("docker", "images", "--format={{.Repository}}")
    assert replacement.ssh("docker", "ps", "--all", "--quiet").strip() == ""
    assert replacement.ssh("docker", "volume", "ls", "--quiet").strip() == ""
    networks = replacement.ssh("docker", "network", "ls", "--format={{.Name}}").split()
    assert sorted(networks) == ["bridge", "host", "none"]
    assert replacement.shell("ls -A /var/lib/chatbot-ops/quarantine 2>/dev/null || true").strip() == ""

    # The one in service was neither stopped nor written to.
    assert _started(bed.production) == before
    assert stack.obstacle(bed.production) is None
    assert stack.psql(bed.production, f"SELECT id FROM messages WHERE id = '{_PROBE}'") == ""
