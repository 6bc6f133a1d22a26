# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asked as a browser asks: each site by its own certificate, over modern TLS, with what the upstream needs to know."""

from __future__ import annotations

import json
from typing import Any

from testinfra.host import Host


def ask(host: Host, arguments: str) -> str:
    return str(host.run_expect([0], f"curl --silent --show-error {arguments}").stdout)


def test_the_upstream_knows_who_asks_and_how(host: Host) -> None:
    told: dict[str, Any] = json.loads(
        ask(host, "--cacert /root/n8n.crt -H 'X-Forwarded-For: 1.2.3.4' https://n8n.example.org")
    )
    assert told["port"] == 5678
    assert (told["Host"], told["X-Forwarded-Proto"], told["X-Real-IP"]) == ("n8n.example.org", "https", "127.0.0.1")
    assert told["X-Forwarded-For"] == "127.0.0.1"


def test_a_connection_can_be_upgraded_for_n8n_alone(host: Host) -> None:
    upgrade = "--http1.1 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -o /dev/null -w '%{http_code}' --max-time 5"
    assert ask(host, f"--cacert /root/n8n.crt {upgrade} https://n8n.example.org || true").startswith("101")
    assert ask(host, f"--insecure {upgrade} https://bot.example.org") == "200"


def test_a_request_that_is_too_large_is_refused(host: Host) -> None:
    post = "-o /dev/null -w '%{http_code}' --data-binary @/tmp/large"
    host.run_expect([0], "head -c 2000000 /dev/zero > /tmp/large")
    assert ask(host, f"--cacert /root/n8n.crt {post} https://n8n.example.org") == "413"
    assert ask(host, f"--insecure {post} https://bot.example.org") == "204"


def test_the_authority_has_given_a_certificate_for_both_domains(host: Host) -> None:
    shown = host.run_expect(
        [0], "openssl s_client -connect 127.0.0.1:443 -servername www.bot.example.org </dev/null"
    ).stdout
    assert "Pebble Intermediate" in shown
    names = host.run_expect(
        [0], "openssl x509 -noout -ext subjectAltName -in /etc/letsencrypt/live/api/cert.pem"
    ).stdout
    assert "DNS:bot.example.org, DNS:www.bot.example.org" in names


def test_old_tls_is_refused_and_http_leads_to_https(host: Host) -> None:
    old = "openssl s_client -connect 127.0.0.1:443 -servername n8n.example.org -cipher ALL:@SECLEVEL=0 {} </dev/null"
    assert host.run(old.format("-tls1_1")).rc != 0
    assert host.run(old.format("-tls1_2")).rc == 0
    assert "ECDHE" in host.run(old.format("-tls1_2")).stdout
    head = ask(host, "--head http://n8n.example.org/rest?a=b")
    assert "308" in head.splitlines()[0]
    assert "https://n8n.example.org/rest?a=b" in head
    assert (
        "strict-transport-security: max-age=15768000" in ask(host, "--insecure --head https://bot.example.org").lower()
    )


def test_keys_are_for_root_alone(host: Host) -> None:
    for path in ("/etc/ssl/chatbot-ops/n8n.key", "/etc/letsencrypt/live/api/privkey.pem"):
        mode = host.run_expect([0], f"stat --dereference --format='%a %U' {path}").stdout.split()
        assert mode == ["600", "root"]


def test_a_renewal_comes_into_force(host: Host) -> None:
    assert host.service("certbot.timer").is_enabled
    assert host.service("certbot.timer").is_running
    serial = (
        "openssl s_client -connect 127.0.0.1:443 -servername bot.example.org </dev/null | openssl x509 -noout -serial"
    )
    before = host.run_expect([0], serial).stdout
    host.run_expect([0], "certbot renew --cert-name api --force-renewal --no-random-sleep-on-renew")
    host.run_expect([0], "sleep 2")
    assert host.run_expect([0], serial).stdout != before
