# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API runs the image from before, by the name that the compose file has, and is healthy."""

from __future__ import annotations

from testinfra.host import Host

API = "lottery-chatbot-api-1"


def _inspect(host: Host, name: str, what: str) -> str:
    return str(host.run_expect([0], f"docker inspect --format='{{{{{what}}}}}' {name}").stdout.strip())


def test_the_old_image_serves(host: Host) -> None:
    old = _inspect(host, "registry.bed:5000/lottery/api:1", ".Id")
    assert _inspect(host, API, ".Image") == old
    assert _inspect(host, API, ".State.Health.Status") == "healthy"


def test_its_name_stands_for_it_again(host: Host) -> None:
    old = _inspect(host, "registry.bed:5000/lottery/api:1", ".Id")
    assert _inspect(host, "registry.bed:5000/moving/api:molecule", ".Id") == old
