# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents on a bare Debian: they tell of the host and of the stack's health, and nobody else reaches them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bed.bed import Bed
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import ADDRESSES
from tests.e2e.player import Play, Player

pytestmark = pytest.mark.thorough

_TEXTFILES = "/var/lib/prometheus/node-exporter"
_INSTALL = """---
- hosts: replacement
  gather_facts: false
  roles: [chatbot.ops.monitoring_agent]
"""
# A bare Debian has no curl.
_ASK = 'python3 -c "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"'
#: Debian 13 has no netdata any more; that of Debian 12 installs there.
_OLDER = r"""set -e
sed 's/trixie/bookworm/g' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null |
  grep --invert-match security > /etc/apt/sources.list.d/older.list
printf 'Package: *\nPin: release n=bookworm\nPin-Priority: 100\n' > /etc/apt/preferences.d/older
apt-get update --quiet=2
"""


class Agents:
    """Installs agents on the bare server, and asks them there."""

    def __init__(self, server: Server, player: Player, folder: Path) -> None:
        self.server, self.player, self.path = server, player, folder / "install.yml"
        self.path.write_text(_INSTALL, encoding="utf-8")

    def install(self, kind: str, **more: Any) -> Play:
        return self.player.play(self.path, monitoring_agent_type=kind, **more)

    def ask(self, address: str) -> str:
        return self.server.shell(f"{_ASK} {address}")

    def listening(self, port: int) -> list[str]:
        """Return the addresses at which anything listens to the port."""
        lines = self.server.shell("ss --tcp --listening --numeric --no-header").splitlines()
        return [word for line in lines for word in line.split()[3:4] if word.endswith(f":{port}")]


@pytest.fixture
def agents(replacement: Server, bare_player: Player, tmp_path: Path) -> Agents:
    return Agents(replacement, bare_player, tmp_path)


def _closed_to_others(bed: Bed, port: int) -> None:
    with pytest.raises(BedError, match="refused"):
        bed.production.shell(f"{_ASK} http://{ADDRESSES['replacement']}:{port}/ 2>&1")


def test_node_exporter_tells_the_host_and_the_report(agents: Agents, bed: Bed, tmp_path: Path) -> None:
    done = agents.install("node_exporter")
    assert done.succeeded, done.output
    assert agents.install("node_exporter").changed == 0
    health = agents.player.play(
        "health_check",
        target="replacement",
        chatbot_stack={"name": "bare"},
        health_python="/usr/bin/python3",
        health_report_folder=str(tmp_path),
        health_textfile_directory=_TEXTFILES,
        health_fail_on=[],
    )
    assert health.succeeded, health.output
    states = {each["id"]: each["status"] for each in json.loads((tmp_path / "health-bare.json").read_text())["checks"]}
    told = agents.ask("http://127.0.0.1:9100/metrics").splitlines()
    assert "node_textfile_scrape_error 0" in told
    assert any(line.startswith("node_memory_MemTotal_bytes ") for line in told)
    ours = [line for line in told if line.startswith("chatbot_") and 'check="server.memory"' in line]
    assert states["server.memory"] == "ok"
    assert ours, "the report's metrics are not told"
    print("\n".join(ours))
    assert agents.listening(9100) == ["127.0.0.1:9100"]
    _closed_to_others(bed, 9100)


def test_netdata_where_a_package_source_has_it(agents: Agents, bed: Bed) -> None:
    given = {"monitoring_agent_health_url": "http://127.0.0.1:3000/health"}
    refused = agents.install("netdata", **given)
    assert not refused.succeeded
    assert "have no netdata (not every release has netdata)" in " ".join(refused.output.split())
    agents.server.shell(_OLDER, timeout=120)
    done = agents.install("netdata", **given)
    assert done.succeeded, done.output
    # Debian's has no plugin that asks addresses; that is said, and not passed over.
    assert "the netdata of replacement has no plugin go.d, and does not look" in done.output
    assert agents.install("netdata", **given).changed == 0
    told = json.loads(agents.ask("http://127.0.0.1:19999/api/v1/info"))
    print(told["version"], told.get("os_name"))
    assert told["version"]
    assert "system.cpu" in json.loads(agents.ask("http://127.0.0.1:19999/api/v1/charts"))["charts"]
    assert agents.listening(19999) == ["127.0.0.1:19999"]
    _closed_to_others(bed, 19999)
    assert agents.server.shell("systemctl is-enabled netdata").strip() == "enabled"
