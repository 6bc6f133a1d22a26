# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One server has the stack, the other one never starts it again."""

from __future__ import annotations

from testinfra.host import Host

_SERVICES = {"api", "n8n", "nginx", "postgres"}
_FENCE = "/var/lib/chatbot-ops/fenced/lottery-chatbot"


def test_one_has_the_stack_and_the_other_is_fenced(host: Host) -> None:
    running = set(host.check_output("docker ps --format='{{.Names}}'").split())
    if host.backend.get_hostname() == "production":
        assert running == set()
        assert host.file(_FENCE).exists
        policies = host.check_output("docker inspect --format='{{.HostConfig.RestartPolicy.Name}}' $(docker ps -aq)")
        assert set(policies.split()) == {"no"}
    else:
        assert {f"lottery-chatbot-{each}-1" for each in _SERVICES} <= running
        assert not host.file(_FENCE).exists
