# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upgrade is planned, shown, carried out and read back; the programs are small ones of ours, the bed's are real."""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._apt import restarts, upgrade
from ansible_collections.chatbot.ops.plugins.module_utils._apt.outputs import Restarts
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, RefusedError, ToolError

GIVEN: dict[str, Any] = {
    "upgrade": "full",
    "hold": [],
    "update_cache": True,
    "allow_remove": False,
    "lock_timeout": "0",
    "min_free_mb": 0,
}
# The database of packages is a JSON file: name -> [status, version]; what there is anew stands in another one.
_PROGRAM = """#!{python}
import json, pathlib, sys
home = pathlib.Path("{home}")
name, words = pathlib.Path(sys.argv[0]).name, sys.argv[1:]
installed, new = (json.loads((home / each).read_text()) for each in ("installed.json", "new.json"))
with open(home / "log", "a") as log:
    print(name, *words, file=log)
if (home / "fails").exists() and (home / "fails").read_text() in " ".join([name, *words]):
    sys.exit("E: " + "it does not work")
def save():
    (home / "installed.json").write_text(json.dumps(installed))
if name == "dpkg-query":
    for package, (status, version) in installed.items():
        print(package, "amd64", status, version, sep="\\t")
elif name == "apt-mark":
    print("docker.io")
elif name == "dpkg":
    for package in installed.values():
        package[0] = "installed"
    save()
elif name == "apt-get" and "update" not in words:
    named = [each.split("=")[0] for each in words if "=" in each and not each.startswith("-") and "::" not in each]
    for package, (version, origin, size) in new.items():
        if named and package not in named:
            continue
        old = installed.get(package, ["", ""])[1]
        if old == version:
            continue
        if "--simulate" in words:
            print(f"Inst {{package}} [{{old}}] ({{version}} {{origin}} [amd64])" if version else f"Remv {{package}} [{{old}}]")
        elif "--print-uris" in words:
            print(f"'http://m/{{package}}.deb' {{package}}.deb {{size}} MD5Sum:0")
        elif not (home / "lazy").exists():
            installed[package] = ["installed", version]
            save()
"""


class System:
    """A host with two packages, of which one has a security update."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder = folder
        self.write("installed.json", {"bash": ["installed", "1"], "openssl": ["installed", "1"]})
        self.write(
            "new.json",
            {"bash": ["2", "Debian:13.1/stable", 10], "openssl": ["2", "Debian-Security:13/stable-security", 5]},
        )
        for name in ("apt-get", "apt-mark", "dpkg", "dpkg-query"):
            program = folder / name
            program.write_text(_PROGRAM.format(python=python, home=folder), encoding="utf-8")
            program.chmod(0o755)

    def write(self, name: str, document: object) -> None:
        (self.folder / name).write_text(
            document if isinstance(document, str) else json.dumps(document), encoding="utf-8"
        )

    @property
    def installed(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads((self.folder / "installed.json").read_text("utf-8"))
        return found

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text("utf-8")

    def upgrade(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        return upgrade.upgrade_system(upgrade.request_from({**GIVEN, **more}, check_mode=check))


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(upgrade, "_JOURNAL", str(tmp_path / "updates"))
    wait: Callable[..., None] = upgrade.wait_for_lock
    monkeypatch.setattr(upgrade, "wait_for_lock", lambda patience: wait(patience, str(tmp_path / "lock")))
    return System(tmp_path, sys.executable)


def test_all_packages_and_then_nothing(system: System) -> None:
    foreseen = system.upgrade(check=True)
    assert system.installed["bash"] == ["installed", "1"]
    assert "update" not in system.log
    done = system.upgrade()
    assert system.installed == {"bash": ["installed", "2"], "openssl": ["installed", "2"]}
    assert foreseen["changes"] == done["changes"]
    assert foreseen["diff"] == done["diff"]
    assert done["diff"]["before"] == "bash 1\nopenssl 1\n"
    assert done["diff"]["after"] == "bash 2\nopenssl 2\n"
    assert (done["changed"], done["download_bytes"], done["held"]) == (True, 15, ["docker.io"])
    assert not system.upgrade()["changed"]


def test_security_updates_alone(system: System) -> None:
    done = system.upgrade(upgrade="security")
    assert [(each["name"], each["security"]) for each in done["changes"]] == [("openssl", True)]
    assert system.installed == {"bash": ["installed", "1"], "openssl": ["installed", "2"]}
    assert not system.upgrade(upgrade="security")["changed"]


def test_nothing_but_what_was_interrupted(system: System) -> None:
    system.write("installed.json", {"bash": ["half-configured", "1"], "openssl": ["installed", "1"]})
    done = system.upgrade(upgrade="none")
    assert (done["changed"], done["recovered"], done["changes"]) == (True, ["bash"], [])
    assert not system.upgrade(upgrade="none")["changed"]
    assert system.installed["bash"] == ["installed", "1"]


def test_what_will_be_on_hold_is_not_foreseen(system: System) -> None:
    assert [each["name"] for each in system.upgrade(check=True, hold=["bash"])["changes"]] == ["openssl"]


def test_settings_of_somebody_stay(system: System) -> None:
    system.upgrade()
    (line,) = [each for each in system.log.splitlines() if "dist-upgrade" in each and "-y -oDPkg" in each]
    assert "--force-confold" in line
    assert "DPkg::Lock::Timeout=0" in line


def test_nothing_is_removed_unasked(system: System) -> None:
    system.write("new.json", {"bash": ["", "", 0]})
    with pytest.raises(RefusedError, match="would remove bash") as caught:
        system.upgrade()
    assert caught.value.details["changes"][0]["action"] == "remove"
    assert system.installed["bash"] == ["installed", "1"]
    system.write("installed.json", {"openssl": ["installed", "2"]})
    assert not system.upgrade(allow_remove=True)["changed"]


def test_what_was_interrupted_is_finished_first(system: System) -> None:
    system.write("installed.json", {"bash": ["half-configured", "2"], "openssl": ["installed", "2"]})
    foreseen = system.upgrade(check=True)
    assert (foreseen["changed"], foreseen["recovered"], foreseen["changes"]) == (True, ["bash"], [])
    done = system.upgrade()
    assert (done["changed"], done["recovered"], done["changes"]) == (True, ["bash"], [])
    assert "dpkg --force-confdef --force-confold --configure -a" in system.log
    assert not system.upgrade()["changed"]


def test_what_was_interrupted_before_dpkg_wrote_it_down(system: System) -> None:
    (system.folder / "updates").mkdir()
    (system.folder / "updates" / "0001").touch()
    assert system.upgrade(check=True)["recovered"] == ["dpkg"]
    with pytest.raises(ToolError, match="unfinished"):
        system.upgrade()


def test_what_dpkg_cannot_finish(system: System) -> None:
    system.write("installed.json", {"bash": ["half-configured", "2"]})
    system.write("fails", "--configure")
    with pytest.raises(ToolError, match=r"dpkg cannot finish it \(bash\).*--fix-broken"):
        system.upgrade()
    assert "apt-get" not in system.log


def test_an_apt_that_fails(system: System) -> None:
    system.write("fails", "update")
    with pytest.raises(ToolError, match="it does not work"):
        system.upgrade()


def test_what_was_not_done_is_told(system: System) -> None:
    system.write("lazy", "")
    with pytest.raises(ToolError, match="bash is installed 1; openssl is installed 1"):
        system.upgrade()


def test_a_disk_that_is_too_full(system: System) -> None:
    with pytest.raises(RefusedError, match=r"Nothing was changed\. Make room"):
        system.upgrade(min_free_mb=1 << 40)
    assert system.installed["bash"] == ["installed", "1"]
    system.write("new.json", {"linux-image-6": ["6", "Debian:13.1/stable", 1]})
    assert system.upgrade()["changed"]


def test_no_negative_room() -> None:
    with pytest.raises(RefusedError):
        upgrade.request_from({**GIVEN, "min_free_mb": -1}, check_mode=False)


def test_another_apt_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    script = f"import fcntl, sys; f = open({str(path)!r}, 'w'); fcntl.lockf(f, fcntl.LOCK_EX); "
    script += "print(1, flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(BusyError, match="another apt or dpkg works"):
            upgrade.wait_for_lock(0.1, str(path))
        other.communicate()
    upgrade.wait_for_lock(0.1, str(path))
    with path.open("a") as stream:
        fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


REBOOTS = {
    "nothing": (Restarts((), "current", "6.1", "6.1"), False, [], []),
    "a newer kernel": (Restarts((), "upgrade", "6.1", "6.2"), False, [], ["kernel 6.1 -> 6.2"]),
    "a kernel that nobody knows": (Restarts((), "unknown", "6.1", ""), False, [], []),
    "the distribution asks for it": (Restarts((), "current", "6.1", "6.1"), True, [], ["reboot-required"]),
    "for a package": (Restarts((), "current", "6.1", "6.1"), True, ["libc6"], ["libc6"]),
}


@pytest.mark.parametrize(("found", "required", "packages", "reasons"), REBOOTS.values(), ids=REBOOTS)
def test_reboots(found: Restarts, required: bool, packages: list[str], reasons: list[str]) -> None:
    told = restarts.describe(found, required, packages)
    assert (told["reboot_required"], told["reboot_reasons"]) == (bool(reasons), reasons)


def test_the_file_that_asks_for_a_reboot(tmp_path: Path) -> None:
    path = tmp_path / "reboot-required"
    assert restarts.required_by((str(path),)) == (False, [])
    path.touch()
    assert restarts.required_by((str(path),)) == (True, [])
    (tmp_path / "reboot-required.pkgs").write_text("libc6\nlinux-base\nlibc6\n", encoding="utf-8")
    assert restarts.required_by((str(path),)) == (True, ["libc6", "linux-base"])


def test_needrestart_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "needrestart"
    program.write_text(
        "#!/bin/sh\n/bin/echo NEEDRESTART-VER: 3.6\n/bin/echo NEEDRESTART-SVC: cron.service\n", encoding="utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(restarts, "_REQUIRED", (str(tmp_path / "none"),))
    assert restarts.look_at_restarts()["services"] == ["cron.service"]
    program.write_text("#!/bin/sh\n/bin/echo nonsense\n", encoding="utf-8")
    with pytest.raises(ToolError, match="needrestart wrote something"):
        restarts.look_at_restarts()
