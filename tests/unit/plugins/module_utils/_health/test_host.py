# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host: what the kernel, apt and Docker tell, read rightly."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose import cgroup
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._health import clock, disks, updates
from ansible_collections.chatbot.ops.plugins.module_utils._health.containers import describe, look_at_containers
from ansible_collections.chatbot.ops.plugins.module_utils._health.server import (
    busy_percent,
    look_at_server,
    memory_of,
    numbers_of,
)
from docker import errors

from tests.unit.plugins.module_utils._compose.documents import container
from tests.unit.plugins.module_utils._compose.test_engine import Client

_MEMINFO = """MemTotal:        8000000 kB
MemFree:          500000 kB
MemAvailable:    6000000 kB
SwapTotal:       1000000 kB
SwapFree:         250000 kB
HugePages_Total:       0
"""
_MOUNTS = r"""/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw,nosuid 0 0
tmpfs /run tmpfs rw 0 0
/dev/vdb /srv/with\040space xfs rw 0 0
/dev/vda1 /var/lib/docker/overlay2 ext4 rw 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw 0 0
/dev/sr0 /media iso9660 ro 0 0
/dev/vdc /old ext4 ro,relatime 0 0
nas:/srv /nas nfs4 rw 0 0
"""


class TestServer:
    def test_memory_and_swap(self) -> None:
        found = memory_of(numbers_of(_MEMINFO))
        assert (found["memory_percent"], found["swap_percent"]) == (25.0, 75.0)
        assert found["memory_available_bytes"] == 6_000_000 * 1024
        assert memory_of({"MemTotal": 4, "MemAvailable": 1})["swap_percent"] == 0.0

    def test_processors_between_two_looks(self) -> None:
        before = "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 1 1 1\n"
        after = "cpu  150 0 150 750 150 0 0 0 0 0\ncpu0 1 1 1 1\n"
        assert busy_percent(before, after) == 50.0
        assert busy_percent(before, before) is None

    def test_this_one(self) -> None:
        found = look_at_server()
        assert found["cores"] >= 1
        assert 0 < found["memory_percent"] < 100
        assert len(found["load"]) == 3


class TestDisks:
    def test_real_ones_count_once(self) -> None:
        chosen = disks.real_ones(disks.read_mounts(_MOUNTS))
        assert [each.point for each in chosen] == ["/", "/srv/with space"]

    def test_a_container_has_its_root(self) -> None:
        assert [each.point for each in disks.real_ones(disks.read_mounts("overlay / overlay rw 0 0\n"))] == ["/"]

    def test_those_of_this_machine_are_what_df_says(self) -> None:
        found = disks.look_at_disks(())["disks"]
        root = next(each for each in found if each["mount"] == "/")
        told = subprocess.run(
            ["df", "--output=pcent,ipcent", "/"], stdout=subprocess.PIPE, check=True, text=True
        ).stdout.split()[-2:]
        for text, name in zip(told, ("bytes_percent", "inodes_percent"), strict=True):
            if text != "-":
                assert abs(float(text.rstrip("%")) - root[name]) < 2

    def test_named_ones(self) -> None:
        found, none = disks.look_at_disks(("/proc/", "/nowhere"))["disks"]
        assert (found["mount"], found["problem"], found["bytes_percent"]) == ("/proc", None, 0.0)
        assert (none["mount"], none["problem"]) == ("/nowhere", "Nothing is mounted there.")


# apt 2.6 (Debian 12) and 2.7 (Ubuntu 24.04)
_SIMULATION = """Reading package lists...
Inst libc6 [2.36-9] (2.36-9+deb12u9 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64])
Inst tzdata [2024a] (2025b Debian:12.15/oldstable [all])
Inst linux-image-6.1.0-40 (6.1.153-1 Debian-Security:12/oldstable-security [amd64])
Inst openssl [3.0.2] (3.0.3 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security [amd64]) []
Conf libc6 (2.36-9+deb12u9 Debian:12.15/oldstable [amd64])
"""


class TestUpdates:
    def test_what_waits(self) -> None:
        assert updates.read_simulation(_SIMULATION) == [("libc6", True), ("tzdata", False), ("openssl", True)]

    @pytest.mark.parametrize(
        ("running", "installed", "newest"),
        [
            ("6.1.0-9-amd64", ["6.1.0-9-amd64", "6.1.0-40-amd64"], "6.1.0-40-amd64"),
            ("6.1.0-40-amd64", ["6.1.0-9-amd64", "6.1.0-40-amd64"], None),
            ("6.8.0-31-generic", ["6.8.0-31-generic", "6.9.0-1-lowlatency"], None),
            ("6.1.0-9-amd64", [], None),
            ("6.6.1-provider", ["6.1.0-9-amd64"], None),
        ],
    )
    def test_a_newer_kernel(self, running: str, installed: list[str], newest: str | None) -> None:
        assert updates.newest_kernel(running, installed) == newest

    @pytest.mark.parametrize(
        ("state", "waits"), [("3", "6.1.0-40-amd64"), ("2", "6.1.0-40-amd64"), ("1", None), ("0", None)]
    )
    def test_needrestart_says_so(self, state: str, waits: str | None) -> None:
        text = (
            "NEEDRESTART-VER: 3.6\nNEEDRESTART-KCUR: 6.1.0-9-amd64\nNEEDRESTART-KEXP: 6.1.0-40-amd64\n"
            f"NEEDRESTART-KSTA: {state}\n"
        )
        assert updates.kernel_that_waits(text) == waits

    def test_a_file_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(updates, "_REQUIRED", str(tmp_path / "reboot-required"))
        monkeypatch.setattr(updates, "_LISTS", str(tmp_path))
        found = updates.look_at_updates({})
        assert (found["reboot"], found["pending"]) == (False, None)
        assert "no package lists" in found["updates_problem"]
        (tmp_path / "reboot-required").touch()
        assert updates.look_at_updates({})["reboot_reasons"] == [str(tmp_path / "reboot-required")]
        (tmp_path / "reboot-required.pkgs").write_text("linux-base\nlibc6\nlibc6\n", encoding="utf-8")
        assert updates.look_at_updates({})["reboot_reasons"] == ["libc6", "linux-base"]

    def test_what_was_reckoned_is_reckoned_again_when_something_changed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "debian_dists_trixie_Release").touch()
        program = tmp_path / "apt-get"
        program.write_text(f"#!/bin/sh\necho run >> {tmp_path}/runs\ncat {tmp_path}/says\n", encoding="utf-8")
        program.chmod(0o755)
        (tmp_path / "says").write_text(_SIMULATION, encoding="utf-8")
        (tmp_path / "runs").touch()
        monkeypatch.setattr(updates, "_LISTS", str(tmp_path))
        monkeypatch.setattr(updates, "find_program", lambda name: str(program) if name == "apt-get" else _missing(name))
        first = updates.look_at_updates({})
        assert (first["pending"], first["security"], first["packages"][-1]) == (3, 2, "tzdata")
        assert updates.look_at_updates(first)["pending"] == 3
        assert (tmp_path / "runs").read_text(encoding="utf-8") == "run\n"
        os.utime(tmp_path, ns=(1, 1))
        (tmp_path / "says").write_text("", encoding="utf-8")
        assert updates.look_at_updates(first)["pending"] == 0
        program.write_text("#!/bin/sh\necho 'E: broken packages' >&2\nexit 100\n", encoding="utf-8")
        assert "broken packages" in updates.look_at_updates({})["updates_problem"]

    def test_a_host_without_apt(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(updates, "find_program", _missing)
        assert "no apt-get" in updates.look_at_updates({})["updates_problem"]


def _missing(_name: str) -> str:
    raise ToolError("it is not there")


class TestClock:
    def test_this_one(self) -> None:
        found = clock.look_at_clock()
        assert abs((datetime.now(UTC) - datetime.fromisoformat(found["now"])).total_seconds()) < 600
        assert found["synchronised"] in (True, False)

    def test_services(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program = tmp_path / "systemctl"
        program.write_text(
            "#!/bin/sh\nshift\nfor each; do case $each in chrony.*) echo active;; *) echo inactive;; esac; done\nexit 3\n",
            encoding="utf-8",
        )
        program.chmod(0o755)
        monkeypatch.setattr(clock, "find_program", lambda _name: str(program))
        assert clock.look_at_clock()["ntp"] == ["chrony"]
        program.write_text("#!/bin/sh\necho 'Failed to connect to bus'\nexit 1\n", encoding="utf-8")
        found = clock.look_at_clock()
        assert (found["ntp"], found["ntp_problem"]) == (None, "Failed to connect to bus")
        monkeypatch.setattr(clock, "find_program", _missing)
        assert clock.look_at_clock()["ntp_problem"] == "it is not there"


class Images(Client):
    """The same, with images."""

    def inspect_image(self, identifier: str) -> dict[str, Any]:
        if identifier == "bed/gone:1":
            raise errors.ImageNotFound("gone")
        return {"Id": "sha256:" + "ab" * 32}


def made(service: str = "api", **more: Any) -> dict[str, Any]:
    return container(service, Created="2026-11-24T03:00:00.123456789Z", **more)


class TestContainers:
    def test_what_docker_tells(self) -> None:
        log = [{"Output": "first"}, {"Output": "connect  ECONNREFUSED\n password=geheim"}]
        state = {
            "Health": {"Status": "unhealthy", "Log": log},
            "OOMKilled": True,
            "ExitCode": 137,
            "StartedAt": "2026-11-24T03:10:00Z",
        }
        document = made(RestartCount=3, state=state, HostConfig={"Memory": 1000})
        found = describe(document, datetime(2026, 11, 24, 3, 15, 0, 123456, tzinfo=UTC))
        assert (found["age_seconds"], found["restarts"], found["oom_killed"]) == (900, 3, True)
        assert (found["health"], found["memory_limit_bytes"], found["exit_code"]) == ("unhealthy", 1000, 137)
        assert "ECONNREFUSED" in found["health_says"]
        assert "geheim" not in found["health_says"]

    def test_the_project_and_what_is_missing(self) -> None:
        one_off = made("job", labels={"com.docker.compose.oneoff": "True"})
        engine = Engine(Images([made("n8n", state={"Pid": 0}), made("gone", state={"Pid": 0}), one_off], []))
        found = look_at_containers(engine, "lottery-chatbot", ["n8n", "worker"])
        assert [(each["service"], each["tag_image_id"] is None) for each in found["containers"]] == [
            ("gone", True),
            ("n8n", False),
        ]
        assert found["missing"] == ["worker"]
        assert look_at_containers(Engine(Images([], [])), "none", ["api"])["missing"] == ["api"]
        with pytest.raises(RefusedError, match="no container of the project"):
            look_at_containers(Engine(Images([], [])), "none", [])


class TestControlGroups:
    def test_both_versions(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files = {
            "docker/a/memory.current": "1000\n",
            "docker/a/memory.stat": "anon 5\ninactive_file 400\n",
            "docker/a/memory.events": "low 0\noom 1\noom_kill 2\n",
            "memory/docker/a/memory.usage_in_bytes": "3000\n",
            "memory/docker/a/memory.stat": "total_inactive_file 1000\n",
            "memory/docker/a/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
        }
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="ascii")
        monkeypatch.setattr(cgroup, "_ROOT", str(tmp_path))
        second, first = "0::/docker/a\n", "4:memory:/docker/a\n2:cpu,cpuacct:/docker/a\n0::/\n"
        read = cgroup._read
        told = {"/proc/1/cgroup": second, "/proc/2/cgroup": first, "/proc/3/cgroup": "1:name=systemd:/\n"}
        monkeypatch.setattr(cgroup, "_read", lambda path: told.get(path) or read(path))
        assert cgroup.memory_of(1) == (600, 2)
        assert cgroup.memory_of(2) == (2000, 3)
        assert cgroup.memory_of(3) == (None, None)
        assert cgroup.memory_of(0) == (None, None)

    def test_what_leads_out_is_left_out(self) -> None:
        assert cgroup.groups_of("0::/../other\n4:memory:/a\n") == {"memory": "/a"}
