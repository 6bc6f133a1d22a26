# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An update of the system never leaves the stack down: not when it stops it, and not when it is killed meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.process import BedError, wait_until
from tests.bed.server import Server, is_running
from tests.e2e.player import Player

pytestmark = pytest.mark.thorough

_UNIT = "/etc/systemd/system/chatbot-ops-system-update.service"
_CONTROL = "Package: hello\\nVersion: 0.1-0\\nArchitecture: amd64\\nMaintainer: n <n@example.org>\\nDescription: old\\n"
_OLD = f"""set -e
apt-get update --quiet=2
mkdir --parents /root/hello/DEBIAN
printf '{_CONTROL}' > /root/hello/DEBIAN/control
dpkg-deb --build /root/hello /root/hello.deb
dpkg --install --force-downgrade /root/hello.deb
"""
_HELLO = "dpkg-query --show --showformat='${Version}' hello"


@pytest.fixture
def server(bed: Bed) -> Iterator[Server]:
    """The server of the stack, with a package that is older than the mirror's."""
    bed.production.shell(_OLD, timeout=120)
    yield bed.production
    bed.production.shell("apt-get --yes purge hello; rm -rf /root/hello /root/hello.deb", timeout=120)
    stack.up(bed.production)


def _started(server: Server) -> str:
    return server.shell("docker inspect --format '{{.State.StartedAt}}' lottery-chatbot-postgres-1")


def _unit_is_there(server: Server) -> bool:
    return "yes" in server.shell(f"test -e {_UNIT} && echo yes || echo no")


def test_a_stack_that_is_stopped_is_started_again(server: Server, player: Player) -> None:
    before = _started(server)
    player.must("update_system", target="production", system_update_stop_stack=True)
    assert server.shell(_HELLO) != "0.1-0"
    assert _started(server) != before
    assert stack.obstacle(server) is None
    assert not _unit_is_there(server)
    again = player.must("update_system", target="production", system_update_stop_stack=True)
    assert again.changed == 0
    assert stack.obstacle(server) is None


def test_a_reboot_that_is_needed(server: Server, player: Player, bed: Bed) -> None:
    server.ssh("touch", "/run/reboot-required")
    booted = server.shell("systemctl show --property=UserspaceTimestampMonotonic; cat /proc/1/stat")
    run = player.start("update_system", target="production", system_update_reboot="needed")
    # A container does not come back by itself, as a machine does.
    deadline = time.monotonic() + 400
    while is_running(bed.engine, "production"):
        assert run.process.poll() is None, run.wait().output
        assert time.monotonic() < deadline
        time.sleep(0.5)
    bed.engine.docker("start", "production")
    done = run.wait()
    assert done.succeeded, done.output
    assert server.shell("systemctl show --property=UserspaceTimestampMonotonic; cat /proc/1/stat") != booted
    assert stack.obstacle(server) is None
    assert not _unit_is_there(server)


def test_a_stack_that_is_ill_is_not_updated(server: Server, player: Player) -> None:
    stack.compose(server, "stop", "--timeout=1", "api")
    refused = player.play("update_system", target="production")
    assert not refused.succeeded
    assert "is not healthy before the update" in " ".join(refused.output.split())
    assert server.shell(_HELLO) == "0.1-0"


def test_a_run_that_is_killed_while_the_stack_is_stopped(server: Server, player: Player) -> None:
    run = player.start("update_system", target="production", system_update_stop_stack=True)
    deadline = time.monotonic() + 300
    while "lottery-chatbot-n8n-1" in server.shell("docker ps --format '{{.Names}}'"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run.kill()
    assert "enabled" in server.shell("systemctl is-enabled chatbot-ops-system-update.service")
    assert "active" in server.shell("systemctl is-active chatbot-ops-system-update.timer")
    # What the timer or the next boot would do.
    time.sleep(2)
    server.shell("systemctl start chatbot-ops-system-update.service", timeout=300)
    wait_until(lambda: stack.obstacle(server), "have the stack healthy again", 90)
    done = player.must("update_system", target="production")
    assert done.succeeded
    assert not _unit_is_there(server)
    assert server.shell(_HELLO) != "0.1-0"
    with pytest.raises(BedError):
        server.shell("systemctl is-enabled chatbot-ops-system-update.service")
