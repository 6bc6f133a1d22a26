# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bed itself: that its parts are what they say, seen from outside. Nothing else may use it meanwhile."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.bed import services, stack
from tests.bed.bed import Bed
from tests.bed.process import BedError
from tests.bed.site import ADDRESSES, BOT


def test_each_part_says_that_it_is_ready(bed: Bed) -> None:
    assert set(bed.status().values()) == {"ready"}


def test_a_second_start_changes_nothing(bed: Bed) -> None:
    before = bed.engine.docker("ps", "--no-trunc", "--format={{.ID}} {{.Names}}")
    containers = stack.compose(bed.production, "ps", "--quiet")
    bed.up()
    assert bed.engine.docker("ps", "--no-trunc", "--format={{.ID}} {{.Names}}") == before
    assert stack.compose(bed.production, "ps", "--quiet") == containers


def test_the_servers_are_whole_machines(bed: Bed) -> None:
    for server in (bed.production, bed.replacement):
        assert server.ssh("cat", "/proc/1/comm").strip() == "systemd"
        assert server.ssh("systemctl", "is-system-running").strip() == "running"
        assert server.ssh("hostname").strip() == server.name


def test_the_replacement_is_bare(bed: Bed) -> None:
    with pytest.raises(BedError):
        bed.replacement.ssh("command", "-v", "docker")


def test_ansible_reaches_the_servers_by_the_inventory(bed: Bed) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible")),
        "all",
        "-i",
        str(bed.site.inventory),
        "-m",
        "ansible.builtin.ping",
        "-o",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("SUCCESS") == 2


def test_the_name_server_takes_signed_updates(bed: Bed) -> None:
    for address in (ADDRESSES["replacement"], ADDRESSES["production"]):
        services.point(bed.engine, bed.site, address)
        assert services.resolve(bed.site, BOT) == address
    unsigned = f"server 127.0.0.1\nzone lottery.test\nupdate add x.lottery.test. 60 A {address}\nsend\n"
    with pytest.raises(BedError):
        bed.engine.docker("exec", "--interactive", "dns", "knsupdate", stdin=unsigned.encode(), timeout=20)


def test_mail_is_kept(bed: Bed) -> None:
    subject = f"bed {uuid.uuid4()}"
    with smtplib.SMTP("127.0.0.1", bed.site.ports["smtp"], timeout=10) as client:
        client.sendmail("bed@lottery.test", ["operator@lottery.test"], f"Subject: {subject}\n\nhello\n")
    assert any(subject in mail.read_text() for mail in Path(bed.site.mail, "new").iterdir())


def test_a_server_reaches_the_services_by_name(bed: Bed) -> None:
    for address in ("registry.bed/5000", "s3.bed/8333", "dns.bed/53", "smtp.bed/25"):
        for server in (bed.production, bed.replacement):
            server.ssh("timeout", "5", "bash", "-c", f"'exec 3<>/dev/tcp/{address}'")
