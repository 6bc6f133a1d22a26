# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asked as Prometheus asks: what the host is like, and what a file beside tells, on the host itself alone."""

from __future__ import annotations

from testinfra.host import Host


def test_it_tells_of_the_host_and_of_a_file_that_was_put_there(host: Host) -> None:
    host.run_expect([0], "printf 'chatbot_ops_check 1\\n' > /var/lib/prometheus/node-exporter/chatbot.prom")
    told = host.run_expect([0], "curl --silent --show-error http://127.0.0.1:9100/metrics").stdout
    assert "node_memory_MemTotal_bytes" in told
    assert "chatbot_ops_check 1" in told
    host.run_expect([0], "rm /var/lib/prometheus/node-exporter/chatbot.prom")


def test_nobody_else_reaches_it(host: Host) -> None:
    listening = host.run_expect([0], "ss --tcp --listening --numeric --no-header 'sport = :9100'").stdout.split()
    assert "127.0.0.1:9100" in listening
    assert "*:9100" not in listening


def test_it_comes_back_after_a_restart_of_the_host(host: Host) -> None:
    assert host.service("prometheus-node-exporter").is_enabled
    assert host.service("prometheus-node-exporter").is_running
