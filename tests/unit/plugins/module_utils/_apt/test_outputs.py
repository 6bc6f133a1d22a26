# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What apt and needrestart wrote: on Debian as recorded; on Ubuntu as its users published it, and as their documents say."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._apt.outputs import (
    Change,
    is_security,
    parse_broken,
    parse_download,
    parse_needrestart,
    parse_simulation,
    parse_versions,
)

RECORDED = Path(__file__).with_name("recorded")


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text("utf-8")


def simulated(name: str) -> dict[str, Change]:
    return {each.name: each for each in parse_simulation(recorded(name))}


def test_an_upgrade_of_debian_12() -> None:
    found = simulated("apt-2.6-debian-12-dist-upgrade")
    assert found["base-files"] == Change(
        "base-files", "upgrade", "12.4+deb12u11", "12.4+deb12u15", ("Debian:12.15/oldstable",)
    )
    assert {name for name, each in found.items() if not each.security} == {"base-files", "bash"}
    assert found["libperl5.36"].new == "5.36.0-7+deb12u4", "another package stands in brackets behind it"
    assert {each.action for each in found.values()} == {"upgrade"}
    assert found["bash"].line == "bash 5.2.15-2+b8 -> 5.2.15-2+b13"


def test_an_upgrade_of_debian_13() -> None:
    found = simulated("apt-3.0-debian-13-dist-upgrade")
    assert {name: (each.new, each.security) for name, each in found.items()} == {
        "apt-doc": ("3.0.4", True),
        "hello": ("2.10-5", False),
    }


def test_new_packages_and_those_that_go() -> None:
    (new,) = simulated("apt-2.6-debian-12-new").values()
    assert (new.name, new.action, new.old) == ("sl", "install", "")
    (gone,) = simulated("apt-2.6-debian-12-remove").values()
    assert (gone.name, gone.action, gone.new, gone.origins) == ("curl", "remove", "", ())
    assert gone.line.endswith("-> -")


def test_what_a_security_update_brings_with_it() -> None:
    assert set(simulated("apt-2.6-debian-12-install")) == {"liblzma-dev", "liblzma5", "xz-utils"}


def test_an_upgrade_of_ubuntu_22_04() -> None:
    found = simulated("apt-2.4-ubuntu-22.04-by-its-documented-format")
    assert {name for name, each in found.items() if not each.security} == {"tzdata"}
    assert found["linux-image-5.15.0-140-generic"].action == "install"


def test_an_upgrade_of_ubuntu_24_04() -> None:
    found = simulated("apt-2.8-ubuntu-24.04-by-its-documented-format")
    assert {name for name, each in found.items() if each.security} == {"openssh-server", "python3-jinja2"}


def test_what_apt_wrote_on_an_ubuntu_22_04() -> None:
    found = simulated("apt-2.4-ubuntu-22.04-as-published")
    assert {name for name, each in found.items() if each.security} == {
        "linux-modules-nvidia-525-5.19.0-35-generic",
        "linux-modules-nvidia-525-generic-hwe-22.04",
    }
    assert {name: each.action for name, each in found.items() if each.action != "upgrade"} == {
        "linux-modules-nvidia-525-5.19.0-32-generic": "remove",
        "linux-modules-nvidia-525-5.19.0-35-generic": "install",
    }
    both = found["libnvidia-gl-525"], found["libnvidia-gl-525:i386"]
    assert {(each.new, each.origins) for each in both} == {
        ("525.85.05-0ubuntu0.22.04.1", ("Ubuntu:22.04/jammy-updates",))
    }, "what else changes stands in brackets behind it"


def test_what_apt_wrote_on_an_ubuntu_24_04() -> None:
    found = simulated("apt-2.8-ubuntu-24.04-as-published")
    assert {name for name, each in found.items() if each.security} == {"libcap2", "libcap2-bin", "libpam-cap"}
    assert found["libcap2"].line == "libcap2 1:2.66-5ubuntu2.2 -> 1:2.66-5ubuntu2.4"


ORIGINS = {
    "Debian-Security:12/oldstable-security": True,
    "Debian-Security:13/stable-security": True,
    "Debian:12.15/oldstable": False,
    "Ubuntu:24.04/noble-security": True,
    "Ubuntu:24.04/noble-updates": False,
    "UbuntuESMApps:22.04/jammy-apps-security": True,
    "Docker CE:trixie": False,
    "local": False,
}


@pytest.mark.parametrize(("origin", "security"), ORIGINS.items())
def test_security_origins(origin: str, security: bool) -> None:
    assert is_security(origin) is security


def test_how_much_is_fetched() -> None:
    text = recorded("apt-2.6-debian-12-print-uris")
    assert parse_download(text) == sum(int(line.split()[2]) for line in text.splitlines())
    assert parse_download("") == 0


DPKG = "bash\tamd64\tinstalled\t5.2\nlibc6\ti386\tinstalled\t2.36\nvim\tall\thalf-configured\t9\nold\tall\tconfig-files\t1\n"


def test_what_dpkg_has() -> None:
    found = parse_versions(DPKG)
    assert found["bash"] == ("installed", "5.2")
    assert found["libc6:i386"] == ("installed", "2.36")
    assert parse_broken(DPKG) == ["vim"]


@pytest.mark.parametrize("name", ["needrestart-3.6-debian-12", "needrestart-3.11-debian-13"])
def test_needrestart_where_the_kernel_is_anothers(name: str) -> None:
    found = parse_needrestart(recorded(name))
    assert (found.kernel, found.services) == ("unknown", ())


def test_needrestart_after_a_new_library() -> None:
    found = parse_needrestart(recorded("needrestart-3.11-debian-13-services"))
    assert found.services[:3] == ("console-getty.service", "dbus.service", "ssh.service")
    assert (found.kernel, len(found.services)) == ("unknown", 5)


def test_needrestart_on_an_ubuntu_with_nothing_to_restart() -> None:
    found = parse_needrestart(recorded("needrestart-3.5-ubuntu-22.04-as-published"))
    assert (found.kernel, found.services, found.running_kernel) == ("current", (), "5.15.0-86-generic")


def test_needrestart_after_a_new_kernel() -> None:
    found = parse_needrestart(recorded("needrestart-3.5-ubuntu-22.04-by-its-documented-format"))
    assert (found.kernel, found.expected_kernel) == ("upgrade", "5.15.0-140-generic")
    assert found.services == ("docker.service", "ssh.service", "systemd-journald.service")


@pytest.mark.parametrize("number", ["7", "", "x"])
def test_a_word_on_the_kernel_that_nobody_knows(number: str) -> None:
    assert parse_needrestart(f"NEEDRESTART-VER: 9\nNEEDRESTART-KSTA: {number}\n").kernel == "unknown"


def test_no_needrestart() -> None:
    with pytest.raises(ValueError, match="version"):
        parse_needrestart("command not found\n")
