# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs run by themselves: timers and cron fire, failures are told, what was missed is made up for, and nothing stays."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bed.bed import Bed
from tests.bed.process import BedError
from tests.bed.server import Server
from tests.bed.site import ADDRESSES, PROJECT, REPOSITORY
from tests.e2e.player import Player
from tests.tools import package

pytestmark = pytest.mark.thorough

_FOLDER = "/root/schedule-test"
_STATE = f"/var/lib/chatbot-ops/schedule/{PROJECT}"
_UNIT = f"chatbot-ops-{PROJECT}"
_TOLD = f"{_FOLDER}/told"
_TELL = f"""import os
with open("{_TOLD}", "a") as told:
    print(os.environ["CHATBOT_OPS_JOB"], os.environ["CHATBOT_OPS_EXIT_STATUS"], file=told)
"""
_PLAYS = {
    "good": [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.ping": {}}]}],
    "bad": [{"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.fail": {"msg": "alas"}}]}],
}
_NIGHTLY = {"name": "nightly", "playbook": f"{_FOLDER}/good.yml", "calendar": "*-*-* 00:00:00"}
_BROKEN = {**_NIGHTLY, "name": "broken", "playbook": f"{_FOLDER}/bad.yml"}
_BACKUP = {
    "name": "backup",
    "playbook": "backup_stack",
    "calendar": "*-*-* 00:00:00",
    "variables": {"backup_max_age": ""},
}
_OFTEN = {**_NIGHTLY, "name": "often", "calendar": "*:*:0/5", "late_after": "1m"}
# What the role notify tells comes to a webhook on the server itself.
_HEARD = f"{_FOLDER}/heard"
_WEBHOOK_PORT = 18099
_LISTENER = f"""import http.server
class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        with open("{_HEARD}", "ab") as heard:
            heard.write(self.rfile.read(int(self.headers["Content-Length"])) + b"\\n")
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", {_WEBHOOK_PORT}), Listener).serve_forever()
"""
_NOTIFY = {"notify_channels": {"webhook": {}}, "notify_webhook_url": f"http://127.0.0.1:{_WEBHOOK_PORT}/"}
_COMMON = {
    "schedule_where": "server",
    "schedule_random_delay": "0",
    "schedule_on_failure": ["/usr/bin/python3", "-c", _TELL],
}


@pytest.fixture(scope="module")
def common() -> dict[str, Any]:
    """What all plays are given: an Ansible of the server's own, with the collection as it is here."""
    return {**_COMMON, "schedule_collection": str(package.build())}


def _prepare(server: Server) -> None:
    for name, play in _PLAYS.items():
        server.ssh("mkdir", "-p", _FOLDER)
        server.ssh("cp", "/dev/stdin", f"{_FOLDER}/{name}.yml", stdin=json.dumps(play).encode())


def _clean(server: Server) -> None:
    server.ssh("rm", "-rf", _FOLDER, _STATE, f"/etc/chatbot-ops/schedule/{PROJECT}")


def _state(server: Server, job: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(server.shell(f"cat {_STATE}/{job}.json 2>/dev/null || echo '{{}}'"))
    return found


def _wait(condition: Callable[[], Any], what: str) -> None:
    for _attempt in range(90):
        if condition():
            return
        time.sleep(1)
    raise AssertionError(f"it never came to pass: {what}")


def _timers(server: Server) -> set[str]:
    listed = server.ssh("systemctl", "list-timers", "--all", "--plain", "--no-legend", f"'{_UNIT}@*'")
    return {word.split("@")[1].removesuffix(".timer") for word in listed.split() if word.endswith(".timer")}


@pytest.fixture(scope="class")
def timers(bed: Bed, player: Player, common: dict[str, Any]) -> Iterator[Server]:
    server = bed.production
    _clean(server)
    _prepare(server)
    try:
        player.must("schedule_jobs", target="production", schedule_jobs=[_NIGHTLY, _BROKEN, _BACKUP, _OFTEN], **common)
        yield server
    finally:
        player.must("schedule_jobs", target="production", schedule_jobs=[], **common)
        _clean(server)


class TestTimers:
    """On the stack's own server, with systemd."""

    def test_a_second_run_changes_nothing(self, timers: Server, player: Player, common: dict[str, Any]) -> None:
        jobs = [_NIGHTLY, _BROKEN, _BACKUP, _OFTEN]
        again = player.must("schedule_jobs", target="production", schedule_jobs=jobs, **common)
        assert again.changed == 0, again.output
        assert _timers(timers) == {"nightly", "broken", "backup", "often"}

    def test_a_timer_fires(self, timers: Server) -> None:
        _wait(lambda: _state(timers, "often").get("succeeded"), "a run of the job of every five seconds")
        first = _state(timers, "often")["succeeded"]
        _wait(lambda: _state(timers, "often")["succeeded"] != first, "another run")
        assert "ok=1" in timers.ssh("journalctl", "--no-pager", f"--unit={_UNIT}@often.service")

    def test_a_job_backs_the_stack_up(self, timers: Server) -> None:
        before = timers.ssh("find", REPOSITORY, "-name", "manifest.json").split()
        timers.ssh("systemctl", "start", f"{_UNIT}@backup.service", timeout=300)
        after = timers.ssh("find", REPOSITORY, "-name", "manifest.json").split()
        assert len(after) == len(before) + 3

    def test_a_failure_is_told(self, timers: Server) -> None:
        with pytest.raises(BedError):
            timers.ssh("systemctl", "start", f"{_UNIT}@broken.service")
        _wait(lambda: timers.shell(f"cat {_TOLD} 2>/dev/null || true") == "broken 2\n", "the command of OnFailure")
        assert "alas" in timers.ssh("journalctl", "--no-pager", f"--unit={_UNIT}@broken.service")
        timers.ssh("systemctl", "reset-failed")

    def test_people_are_told_of_a_failure_and_of_its_end(
        self, timers: Server, player: Player, common: dict[str, Any]
    ) -> None:
        chatbot_stack = {"name": PROJECT, "notify": {"channels": {"webhook": {}}}}
        given = {**common, "schedule_on_failure": [], "schedule_notify": True}
        given["schedule_server_variables"] = {"chatbot_stack": chatbot_stack, **_NOTIFY}
        timers.ssh("systemd-run", "--unit=schedule-test-webhook", "/usr/bin/python3", "-c", shlex.quote(_LISTENER))
        try:
            player.must("schedule_jobs", target="production", schedule_jobs=[_BROKEN], **given)
            with pytest.raises(BedError):
                timers.ssh("systemctl", "start", f"{_UNIT}@broken.service")
            _wait(lambda: "schedule.broken.failed" in timers.shell(f"cat {_HEARD} 2>/dev/null || true"), "the message")
            timers.ssh("rm", _HEARD)
            timers.ssh("cp", f"{_FOLDER}/good.yml", f"{_FOLDER}/bad.yml")
            timers.ssh("systemctl", "start", f"{_UNIT}@broken.service", timeout=120)
            assert "schedule.broken.failed" in timers.ssh("cat", _HEARD)
        finally:
            _prepare(timers)
            timers.ssh("systemctl", "stop", "schedule-test-webhook")
            player.must(
                "schedule_jobs", target="production", schedule_jobs=[_NIGHTLY, _BROKEN, _BACKUP, _OFTEN], **common
            )

    def test_what_a_host_missed_while_it_was_off_is_made_up_for(self, timers: Server) -> None:
        """As systemd sees it after a boot: the timer starts, and its stamp is older than its last time."""
        timer = f"{_UNIT}@nightly.timer"
        timers.ssh("systemctl", "stop", timer)
        assert _state(timers, "nightly") == {}
        timers.ssh("touch", "--date=-3days", f"/var/lib/systemd/timers/stamp-{timer}")
        timers.ssh("systemctl", "start", timer)
        _wait(lambda: _state(timers, "nightly").get("succeeded"), "the run that was missed")

    def test_a_job_that_is_gone_from_the_table_is_gone(
        self, timers: Server, player: Player, common: dict[str, Any]
    ) -> None:
        done = player.must("schedule_jobs", target="production", schedule_jobs=[_NIGHTLY], **common)
        assert done.changed > 0
        assert _timers(timers) == {"nightly"}
        assert timers.shell("ls /etc/systemd/system | grep -c chatbot-ops-.*[.]timer").strip() == "1"
        assert timers.ssh("find", "/var/lib/systemd/timers", "-name", f"stamp-{_UNIT}*").split() == [
            f"/var/lib/systemd/timers/stamp-{_UNIT}@nightly.timer"
        ]

    def test_a_calendar_that_is_none_changes_nothing(
        self, timers: Server, player: Player, common: dict[str, Any]
    ) -> None:
        wrong = [{**_NIGHTLY, "calendar": "*-*-* 24:61:00", "cron": "0 0 * * *"}]
        done = player.play("schedule_jobs", target="production", schedule_jobs=wrong, **common)
        assert not done.succeeded
        assert _timers(timers) == {"nightly"}


@pytest.fixture(scope="class")
def controller(bed: Bed, player: Player, common: dict[str, Any]) -> Iterator[Server]:
    server, key = bed.production, f"{_FOLDER}/id_ed25519"
    _clean(server)
    _prepare(server)
    # For its Ansible.
    player.must("schedule_jobs", target="production", schedule_jobs=[_NIGHTLY], **common)
    server.ssh("ssh-keygen", "-q", "-t", "ed25519", "-N", "''", "-C", "schedule-test", "-f", key)
    public = server.ssh("cat", f"{key}.pub").strip()
    bed.replacement.shell(f"echo '{public}' >> /root/.ssh/authorized_keys")
    host_key = bed.replacement.ssh("cat", "/etc/ssh/ssh_host_ed25519_key.pub").strip()
    known = f"{ADDRESSES['replacement']} {host_key}\n"
    server.ssh("cp", "/dev/stdin", f"{_FOLDER}/known_hosts", stdin=known.encode())
    options = f"-o UserKnownHostsFile={_FOLDER}/known_hosts -o StrictHostKeyChecking=yes"
    host = {"ansible_host": ADDRESSES["replacement"], "ansible_ssh_private_key_file": key}
    host |= {"ansible_ssh_common_args": options, "ansible_python_interpreter": "/usr/bin/python3"}
    inventory = json.dumps({"all": {"hosts": {"replacement": host}}})
    server.ssh("cp", "/dev/stdin", f"{_FOLDER}/hosts.yml", stdin=inventory.encode())
    given = {
        **common,
        "target": "replacement",
        "schedule_where": "controller",
        "schedule_controller": "production",
        "schedule_stack": PROJECT,
        "schedule_folder": _FOLDER,
        "schedule_inventory": f"{_FOLDER}/hosts.yml",
        "schedule_program": "/opt/chatbot-ops/schedule/venv/bin/ansible-playbook",
    }
    try:
        player.must("schedule_jobs", schedule_jobs=[_NIGHTLY], **given)
        yield server
    finally:
        player.must("schedule_jobs", schedule_jobs=[], **given)
        bed.replacement.ssh("sed", "-i", "/schedule-test/d", "/root/.ssh/authorized_keys")
        _clean(server)


class TestController:
    """The hardened unit of a controller reaches another server by SSH: production is the controller here."""

    def test_it_runs(self, controller: Server) -> None:
        controller.ssh("systemctl", "start", f"{_UNIT}@nightly.service")
        said = controller.ssh("journalctl", "--no-pager", f"--unit={_UNIT}@nightly.service")
        assert "ok: [replacement]" in said
        assert _state(controller, "nightly")["exit_status"] == 0

    def test_its_unit_is_shut_in(self, controller: Server) -> None:
        words = ("systemd-analyze", "security", "--no-pager", f"{_UNIT}@nightly.service")
        assert "Overall exposure level" in controller.ssh(*words)
        shown = controller.ssh(
            "systemctl", "show", "--property=ProtectSystem,NoNewPrivileges,UMask", f"{_UNIT}@nightly"
        )
        assert set(shown.split()) == {"ProtectSystem=strict", "NoNewPrivileges=yes", "UMask=0077"}


@pytest.fixture(scope="class")
def cron(replacement: Server, bare_player: Player, common: dict[str, Any]) -> Server:
    _prepare(replacement)
    jobs = [{**_NIGHTLY, "name": "often", "calendar": "minutely"}, _NIGHTLY, _BROKEN]
    bare_player.must("schedule_jobs", **_there(common), schedule_jobs=jobs)
    again = bare_player.must("schedule_jobs", **_there(common), schedule_jobs=jobs)
    assert again.changed == 0, again.output
    return replacement


class TestCron:
    """On a bare server, with cron."""

    def test_it_fires(self, cron: Server) -> None:
        _wait(lambda: _state(cron, "often").get("succeeded"), "a run of the job of every minute")
        assert "ok=1" in cron.ssh("cat", f"{_STATE}/often.log")

    def test_a_failure_is_told(self, cron: Server) -> None:
        (line,) = cron.ssh("grep", "broken.json", f"/etc/cron.d/{_UNIT}").splitlines()
        with pytest.raises(BedError, match="alas"):
            cron.shell(f"{line.split(maxsplit=6)[6]} >&2")
        assert cron.ssh("cat", _TOLD) == "broken 2\n"

    def test_what_was_missed_is_made_up_for(self, cron: Server) -> None:
        """As cron does after a boot."""
        cron.ssh("touch", "--date=-3days", f"/etc/chatbot-ops/schedule/{PROJECT}/nightly.json")
        (line,) = cron.ssh("grep", "^@reboot", f"/etc/cron.d/{_UNIT}").splitlines()
        cron.shell(line.split(maxsplit=2)[2], timeout=120)
        assert _state(cron, "nightly")["exit_status"] == 0

    def test_another_backend_takes_its_place(self, cron: Server, bare_player: Player, common: dict[str, Any]) -> None:
        there = {**_there(common), "schedule_backend": "systemd"}
        bare_player.must("schedule_jobs", **there, schedule_jobs=[_NIGHTLY])
        assert _timers(cron) == {"nightly"}
        assert _UNIT not in cron.ssh("ls", "/etc/cron.d").split()
        # AWX starts them from elsewhere: nothing stays here.
        there["schedule_backend"] = "awx"
        checked = bare_player.must("schedule_jobs", check=True, **there, schedule_jobs=[_BACKUP])
        assert checked.changed > 0
        assert _timers(cron) == {"nightly"}
        gone = bare_player.must("schedule_jobs", **there, schedule_jobs=[_BACKUP])
        assert "chatbot.ops.configure_awx makes its" in gone.output  # the line is folded after that
        again = bare_player.must("schedule_jobs", **there, schedule_jobs=[_BACKUP])
        assert again.changed == 0, again.output
        assert _timers(cron) == set()
        left = cron.ssh(
            "find", "/etc/systemd/system", "/etc/cron.d", "/etc/chatbot-ops", "-name", f"'*{PROJECT}*'", "-type", "f"
        )
        assert left == ""


def _there(common: dict[str, Any]) -> dict[str, Any]:
    stack = {"name": PROJECT}
    return {**common, "target": "replacement", "schedule_backend": "cron", "chatbot_stack": stack}
