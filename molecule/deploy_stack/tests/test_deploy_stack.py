# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service runs, and has its password as it was given."""

from __future__ import annotations

import json

from testinfra.host import Host

_CONTAINER = "deployed-store-1"


def test_the_service_is_healthy_and_knows_its_password(host: Host) -> None:
    (found,) = json.loads(host.check_output(f"docker inspect {_CONTAINER}"))
    assert found["State"]["Health"]["Status"] == "healthy"
    assert 'POSTGRES_PASSWORD=it\'s $HOME "so" \\n # %' in found["Config"]["Env"]


def test_none_but_root_can_read_it(host: Host) -> None:
    file = host.file("/opt/deployed/.env")
    assert (file.mode, file.user) == (0o600, "root")


def test_it_is_a_clone(host: Host) -> None:
    assert host.check_output("git -C /opt/deployed log --format=%s").splitlines()[-1] == "A stack of one service"
