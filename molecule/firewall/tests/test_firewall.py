# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel itself lets in SSH, the web and the office, and nothing else, now and after a boot."""

from __future__ import annotations

from testinfra.host import Host


def test_it_is_up_now_and_after_a_boot(host: Host) -> None:
    assert "Status: active" in host.run_expect([0], "ufw status verbose").stdout
    assert host.service("ufw").is_enabled
    assert "ENABLED=yes" in host.file("/etc/ufw/ufw.conf").content_string


def test_the_kernel_has_the_rules(host: Host) -> None:
    rules = host.run_expect([0], "iptables -S").stdout.splitlines()
    assert "-P INPUT DROP" in rules
    for port in (22, 80, 443):
        assert f"-A ufw-user-input -p tcp -m tcp --dport {port} -j ACCEPT" in rules
    assert "-A ufw-user-input -s 198.51.100.0/24 -p tcp -m tcp --dport 5432 -j ACCEPT" in rules
    assert len([rule for rule in rules if rule.startswith("-A ufw-user-input")]) == 4


def test_what_docker_publishes_has_to_pass_too(host: Host) -> None:
    rules = host.run_expect([0], "iptables -S DOCKER-USER").stdout.splitlines()
    assert rules[1] == "-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"
    assert rules[2:4] == [
        f"-A DOCKER-USER -i eth0 -p tcp -m conntrack --ctorigdstport {port} --ctdir ORIGINAL -j RETURN"
        for port in (80, 443)
    ]
    assert rules[4] == "-A DOCKER-USER -i eth0 -j DROP"


def test_a_port_that_is_not_let_in_cannot_be_reached(host: Host) -> None:
    """Asked from the host's own address of the network, by way of another namespace."""
    host.run_expect([0], "ip netns add outside && ip link add out0 type veth peer name out1 netns outside")
    try:
        host.run_expect([0], "ip addr add 192.0.2.1/30 dev out0 && ip link set out0 up")
        host.run_expect([0], "ip -n outside addr add 192.0.2.2/30 dev out1 && ip -n outside link set out1 up")
        host.run_expect([0], "systemd-run --unit=listener python3 -m http.server 8081")
        look = (
            "timeout 5 ip netns exec outside python3 -c 'import socket; socket.create_connection((\"192.0.2.1\", {}))'"
        )
        assert host.run(look.format(8081)).rc == 124
        assert host.run(look.format(22)).rc == 0
    finally:
        host.run("systemctl stop listener; ip netns del outside; ip link del out0")


def test_nothing_waits_to_take_it_down(host: Host) -> None:
    assert "chatbot-ops-firewall-undo" not in host.run_expect([0], "systemctl list-timers --all").stdout
