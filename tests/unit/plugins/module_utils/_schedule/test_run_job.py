# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner as timers and cron start it: a program of its own, with real processes and locks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._schedule import run_job
from ansible_collections.chatbot.ops.plugins.module_utils._schedule.look import Look, look

RUNNER = Path(run_job.__file__)
Jobs = Callable[..., Path]
Run = Callable[..., "Done"]


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    """Writes the description of a job and returns its path."""
    folder = tmp_path / "lottery"
    folder.mkdir()
    environment = folder / "environment"
    environment.write_text(json.dumps({"TOKEN": "from the file"}), encoding="utf-8")

    def write(name: str, *script: str, **given: Any) -> Path:
        described = {
            "name": name,
            "stack": "lottery",
            "playbook": "backup_stack",
            "backend": "cron",
            "unit": "",
            "calendar": "",
            "cron": "30 3 * * *",
            "late_after": None,
            "grace": 3600,
            "time_zone": "",
            "exclusive": True,
            "wait": 0,
            "command": [sys.executable, "-c", *script],
            "folder": str(tmp_path),
            "state": str(tmp_path / "state"),
            "environment_file": str(environment),
            "vault_password_file": "",
            "on_failure": [],
            "on_recovery": [],
            "log": "",
            **given,
        }
        path = folder / f"{name}.json"
        path.write_text(json.dumps(described), encoding="utf-8")
        return path

    return write


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs it to its end, within this process."""

    def run_it(doing: str, path: Path, **environment: str) -> Done:
        capfd.readouterr()
        with monkeypatch.context() as context:
            for name, value in environment.items():
                context.setenv(name, value)
            status = run_job.main([doing, str(path)])
        return Done(status, *capfd.readouterr())

    return run_it


def state(path: Path) -> dict[str, Any]:
    return run_job.read_json(run_job.state_file(run_job.read_json(str(path))))


def statuses(path: Path) -> dict[str, str]:
    checks = look(Look("lottery", str(path.parent.parent), "en"))["checks"]
    return {each["id"].rpartition(".")[2]: each["status"] for each in checks if f".{path.stem}." in each["id"]}


def test_a_run_notes_its_end(jobs: Jobs, run: Run) -> None:
    path = jobs("backup", "import os; print(os.environ['TOKEN'])")
    done = run("run", path)
    assert (done.returncode, done.stdout) == (0, "from the file\n")
    noted = state(path)
    assert noted["exit_status"] == 0
    assert noted["succeeded"] == noted["ended"]
    assert statuses(path)["failed"] == "ok"


def test_it_stands_alone(jobs: Jobs) -> None:
    """As on a host, where nothing of Ansible is there to be imported."""
    command = [sys.executable, "-I", str(RUNNER), "run", str(jobs("backup", "print('done')"))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_a_run_that_fails(jobs: Jobs, run: Run) -> None:
    path = jobs("backup", "pass")
    run("run", path)
    succeeded = state(path)["succeeded"]
    path = jobs("backup", "import sys; sys.exit(2)")
    assert run("run", path).returncode == 2
    assert state(path)["exit_status"] == 2
    assert state(path)["succeeded"] == succeeded
    assert statuses(path)["failed"] == "critical"


def test_a_program_that_is_not_there(jobs: Jobs, run: Run) -> None:
    path = jobs("backup", command=["/nowhere/ansible-playbook"])
    done = run("run", path)
    assert done.returncode == 127
    assert "/nowhere/ansible-playbook" in done.stderr
    assert state(path)["exit_status"] == 127


def begin(path: Path, started: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, str(RUNNER), "run", str(path)], stdout=subprocess.DEVNULL)
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process


def waits(tmp_path: Path) -> str:
    """A script that says it has started, and goes on until it is told to end."""
    started, end = str(tmp_path / "started"), str(tmp_path / "end")
    return f"import os, time\nopen({started!r}, 'w')\nwhile not os.path.exists({end!r}): time.sleep(0.01)"


def test_no_two_runs_of_a_stack_at_once(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    first = jobs("backup", waits(tmp_path))
    process = begin(first, tmp_path / "started")
    assert statuses(first)["failed"] == "ok"  # it is at work
    again = run("run", first)
    assert (again.returncode, "its last run is not over" in again.stdout) == (75, True)
    other = jobs("prune", "pass")
    skipped = run("run", other)
    assert (skipped.returncode, "Waiting for backup" in skipped.stdout) == (0 + 75, False)
    assert statuses(other)["skipped"] == "warning"
    beside = run("run", jobs("health", "print('seen')", exclusive=False))
    assert (beside.returncode, beside.stdout) == (0, "seen\n")
    (tmp_path / "end").touch()
    assert process.wait() == 0
    assert run("run", other).returncode == 0


def test_one_waits_for_the_other(jobs: Jobs, tmp_path: Path) -> None:
    process = begin(jobs("backup", waits(tmp_path)), tmp_path / "started")
    path = jobs("prune", "print('at last')", wait=60)
    waiting = subprocess.Popen([sys.executable, str(RUNNER), "run", str(path)], stdout=subprocess.PIPE, text=True)
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "Waiting for backup, which is at work.\n"
    (tmp_path / "end").touch()
    assert waiting.communicate()[0] == "at last\n"
    assert (process.wait(), waiting.returncode) == (0, 0)


def test_whoever_ends_the_runner_ends_its_command(jobs: Jobs, tmp_path: Path) -> None:
    path = jobs("backup", waits(tmp_path))
    process = begin(path, tmp_path / "started")
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 128 + signal.SIGTERM
    assert state(path)["exit_status"] == 128 + signal.SIGTERM


def test_a_command_outlives_its_killed_runner_and_keeps_the_lock(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    path = jobs("backup", waits(tmp_path))
    process = begin(path, tmp_path / "started")
    process.kill()
    process.wait()
    assert run("run", path).returncode == 75
    (tmp_path / "end").touch()
    while run_job.is_held(run_job.lock_file(run_job.read_json(str(path)))):
        time.sleep(0.01)
    assert statuses(path)["failed"] == "critical"  # nobody knows how it ended


def test_a_failure_is_told_with_what_one_needs_to_know(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    tell = f"import os, json; json.dump(dict(os.environ), open({str(tmp_path / 'told')!r}, 'w'))"
    path = jobs("backup", "raise SystemExit(3)", on_failure=[sys.executable, "-c", tell], log="journalctl x")
    run("run", path)
    assert run("failed", path).returncode == 0
    told = json.loads((tmp_path / "told").read_text(encoding="utf-8"))
    assert (told["CHATBOT_OPS_JOB"], told["CHATBOT_OPS_EXIT_STATUS"]) == ("backup", "3")
    assert (told["CHATBOT_OPS_STACK"], told["CHATBOT_OPS_LOG"]) == ("lottery", "journalctl x")
    assert told["TOKEN"] == "from the file"


def test_that_it_succeeds_again_is_told_once(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    told = tmp_path / "told"
    tell = f"import os; open({str(told)!r}, 'a').write(os.environ['CHATBOT_OPS_EXIT_STATUS'] + ' ')"
    given = {"on_recovery": [sys.executable, "-c", tell]}
    run("run", jobs("backup", "pass", **given))
    run("run", jobs("backup", "raise SystemExit(3)", **given))
    assert not told.exists()
    for _each in range(2):
        assert run("run", jobs("backup", "pass", **given)).returncode == 0
    assert told.read_text(encoding="utf-8") == "0 "


def test_that_it_succeeds_again_cannot_be_told(jobs: Jobs, run: Run) -> None:
    run("run", jobs("backup", "raise SystemExit(3)"))
    done = run("run", jobs("backup", "pass", on_recovery=["/nowhere/tell"]))
    assert (done.returncode, "Failed to tell so by /nowhere/tell" in done.stderr) == (0, True)


@pytest.mark.parametrize("command", [["/nowhere/tell"], [sys.executable, "-c", "raise SystemExit(1)"]])
def test_a_failure_that_cannot_be_told(jobs: Jobs, command: list[str], run: Run) -> None:
    path = jobs("backup", "pass", on_failure=command)
    done = run("failed", path)
    assert done.returncode == 1
    assert "The job backup of lottery was cut off." in done.stderr


def test_cron_hears_of_failures_only(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    good = run("mail", jobs("backup", "print('all is well')"))
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
    tell = f"import os; open({str(tmp_path / 'told')!r}, 'w').write(os.environ['CHATBOT_OPS_LOG'])"
    path = jobs("backup", "print('alas'); raise SystemExit(2)", on_failure=[sys.executable, "-c", tell])
    bad = run("mail", path)
    assert (bad.returncode, "alas" in bad.stdout) == (2, True)
    log = tmp_path / "state" / "backup.log"
    assert (tmp_path / "told").read_text(encoding="utf-8") == str(log)
    assert (tmp_path / "state" / "backup.log.1").read_text(encoding="utf-8") == "all is well\n"
    assert log.stat().st_mode & 0o077 == 0


def test_what_was_missed_is_made_up_for_once(jobs: Jobs, run: Run) -> None:
    missed = jobs("backup", "pass", cron="* * * * *")
    fresh = jobs("prune", "pass", cron="0 0 29 2 *")
    day = time.time() - 86400
    os.utime(missed, (day, day))
    assert statuses(missed)["late"] == "warning"
    assert statuses(fresh)["late"] == "ok"
    assert run("catch-up", missed.parent).returncode == 0
    assert state(missed)["exit_status"] == 0
    assert state(fresh) == {}
    assert statuses(missed)["late"] == "ok"
    first = state(missed)["started"]
    assert run("catch-up", missed.parent).returncode == 0
    assert state(missed)["started"] == first


def test_the_vault_s_password_comes_from_systemd_or_from_its_file(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    show = "import os; print(os.environ['ANSIBLE_VAULT_PASSWORD_FILE'])"
    path = jobs("backup", show, vault_password_file="/root/vault")
    assert run("run", path).stdout == "/root/vault\n"
    (tmp_path / "vault").touch()
    assert run("run", path, CREDENTIALS_DIRECTORY=str(tmp_path)).stdout == f"{tmp_path / 'vault'}\n"


def test_a_state_that_is_damaged_is_unknown_and_written_anew(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    path = jobs("backup", "pass")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "backup.json").write_text("{", encoding="utf-8")
    assert statuses(path) == {"read": "unknown"}
    assert run("run", path).returncode == 0
    assert statuses(path)["failed"] == "ok"


def unusable(path: Path) -> None:
    """Have ``path`` be what can neither be read nor opened, also by root: a link to itself."""
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(path)


def test_a_state_that_cannot_be_read_keeps_no_job_from_running(jobs: Jobs, tmp_path: Path, run: Run) -> None:
    path = jobs("backup", "print('done')", cron="* * * * *")
    unusable(tmp_path / "state" / "backup.json")
    failed = run("failed", path)
    assert (failed.returncode, "failed, and nobody knows how" in failed.stderr) == (0, True)
    assert run("run", path).stdout == "done\n"
    assert statuses(path)["failed"] == "ok"


@pytest.mark.parametrize("doing", ["run", "mail"])
def test_a_lock_of_another_user_is_a_failure_that_is_told(jobs: Jobs, tmp_path: Path, run: Run, doing: str) -> None:
    told = tmp_path / "told"
    tell = f"import os; open({str(told)!r}, 'w').write(os.environ['CHATBOT_OPS_JOB'])"
    path = jobs("backup", "print('done')", on_failure=[sys.executable, "-c", tell])
    unusable(tmp_path / "state" / ".backup.lock")
    done = run(doing, path)
    assert (done.returncode, done.stdout) == (run_job.UNUSABLE, "")
    assert "Failed to keep the state of backup of lottery" in done.stderr
    # systemd starts it by OnFailure=; with cron, who mails tells.
    assert told.exists() is (doing == "mail")
    assert run("failed", path).returncode == 0
    assert told.read_text(encoding="utf-8") == "backup"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("name", ["backup.json", ".backup.lock", ".stack:.lock"])
def test_what_another_user_left_is_seen(jobs: Jobs, tmp_path: Path, run: Run, name: str) -> None:
    path = jobs("backup", "pass")
    run("run", path)
    owner = 12345
    for each in (path, *(tmp_path / "state").iterdir()):
        os.chown(each, owner, -1)
    assert statuses(path)["failed"] == "ok"
    os.chown(tmp_path / "state" / name, owner + 1, -1)
    assert statuses(path) == {"read": "unknown"}


@pytest.mark.parametrize("arguments", [[], ["run"], ["walk", "x"], ["run", "/nowhere/backup.json"]])
def test_words_that_it_does_not_know(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run_job.main(arguments) == 2
    assert capfd.readouterr().err
