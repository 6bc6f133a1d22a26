# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""dpkg itself tells what is installed; the host updates itself from now on."""

from __future__ import annotations

from testinfra.host import Host


def test_the_old_package_is_the_mirrors_now(host: Host) -> None:
    package = host.package("hello")
    assert package.is_installed
    assert package.version != "0.1-0"
    assert host.run_expect([0], "hello").stdout.strip() == "Hello, world!"


def test_the_one_on_hold_is_as_it_was(host: Host) -> None:
    assert host.package("sl").version == "0.1-0"
    assert "sl" in host.run_expect([0], "apt-mark showhold").stdout.split()


def test_nothing_is_half_done_or_left_to_upgrade(host: Host) -> None:
    assert host.run_expect([0], "dpkg --audit").stdout == ""
    assert "Inst" not in host.run_expect([0], "apt-get --simulate dist-upgrade").stdout


def test_the_host_updates_itself(host: Host) -> None:
    told = host.run_expect([0], "apt-config dump").stdout
    assert 'APT::Periodic::Unattended-Upgrade "1";' in told
    assert 'Unattended-Upgrade::Automatic-Reboot "false";' in told
    origins = host.run_expect([0], "unattended-upgrade --dry-run --debug").stdout
    assert "label=Debian-Security" in origins
    assert "label=Debian," not in origins
