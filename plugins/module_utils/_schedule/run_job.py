# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs one job of a stack at its time: no two at once, each end noted, failures told.

It stands alone, on the standard library, since timers and cron start it without Ansible. The role schedule copies it to
the host and lets it be run there by the host's own Python:

    python3 run_job.py run JOB        run the job that the file JOB describes; for a timer, whose output the journal keeps
    python3 run_job.py mail JOB       the same for cron: silent when all is well, else the end of the output, as a mail
    python3 run_job.py catch-up DIR   run the jobs in the folder DIR whose time came while the host was off; for cron
    python3 run_job.py failed JOB     tell that the job failed; for OnFailure= of its unit

A run leaves its end in the job's state, a JSON file. A run that could not begin, since another one was at work, is noted
there as skipped and ends with SKIPPED. Where nothing can be noted, nothing is run, and it ends with UNUSABLE, a failure.
"""

# It is no module, and nobody but systemd and cron listens to it.
# pylint: disable=ansible-bad-function

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import IO, Any
from zoneinfo import ZoneInfo

#: EX_TEMPFAIL of sysexits.h; a playbook never ends with it.
SKIPPED = 75
#: EX_CANTCREAT of sysexits.h; a playbook never ends with it either.
UNUSABLE = 73
#: A time that has just come is cron's own business, not that of whoever catches up.
_FRESH = timedelta(minutes=5)
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_TELLING = 300.0  # seconds, for the command that tells of a failure
_LINES = 50
_YEARS = 366 * 8  # days: from one 29th of February to the next there may be as many


def last_due(cron: str, now: datetime) -> datetime | None:
    """Return the last time up to ``now`` that the five fields of ``cron`` name, None if there is none in eight years.

    Both times are without a zone: wall-clock times of one and the same place.

    :raises ValueError: if ``cron`` is no five fields of numbers.
    """
    minutes, hours, days, months, weekdays = fields(cron)
    words = cron.split()
    # As cron has it: with both given, a day of either counts.
    either = not words[2].startswith("*") and not words[4].startswith("*")
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for _each in range(_YEARS):
        in_month, in_week = day.day in days, (day.weekday() + 1) % 7 in weekdays
        if day.month in months and ((in_month or in_week) if either else (in_month and in_week)):
            for hour in sorted(hours, reverse=True):
                for minute in sorted(minutes, reverse=True):
                    due = day.replace(hour=hour, minute=minute)
                    if due <= now:
                        return due
        day -= timedelta(days=1)
    return None


def fields(cron: str) -> list[set[int]]:
    """Return the numbers that each of the five fields of ``cron`` names.

    :raises ValueError: if it is no five fields of numbers, or one is out of range.
    """
    words = cron.split()
    if len(words) != len(_LIMITS):
        raise ValueError(f"{cron!r} has {len(words)} fields; five are wanted: minute, hour, day, month, weekday")
    found = [_numbers(word, *limits) for word, limits in zip(words, _LIMITS)]
    if 7 in found[4]:  # Sunday, too
        found[4] = (found[4] | {0}) - {7}
    return found


def _numbers(word: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, _slash, step = part.partition("/")
        first, dash, last = ("*", "", "") if span == "*" else span.partition("-")
        begin = low if first == "*" else int(first)
        end = high if first == "*" or (step and not dash) else int(last or first)
        if not low <= begin <= end <= high or int(step or 1) < 1:
            raise ValueError(f"{part!r} is not within {low} to {high}")
        found.update(range(begin, end + 1, int(step or 1)))
    return found


def wall_clock(instant: datetime, zone: str = "") -> datetime:
    """Return ``instant`` (aware) as the clock on the wall shows it: the host's own, or that of time zone ``zone``."""
    return instant.astimezone(ZoneInfo(zone) if zone else None).replace(tzinfo=None)


def _say(text: str, stream: IO[str] | None = None) -> None:
    """Write a line at once: the journal shows it when it happens."""
    stream = stream or sys.stdout
    stream.write(text + "\n")
    stream.flush()


def read_json(path: str) -> dict[str, Any]:
    """Return the JSON object in the file ``path``, or an empty one if there is no such file."""
    try:
        with open(path, encoding="utf-8") as stream:
            document: dict[str, Any] = json.load(stream)
            return document
    except FileNotFoundError:
        return {}


def state_file(job: dict[str, Any]) -> str:
    """Return where the state of ``job`` is kept."""
    return os.path.join(str(job["state"]), job["name"] + ".json")


def _state(job: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the state of ``job``, and why it cannot be read; then it is empty."""
    path = state_file(job)
    try:
        return read_json(path), ""
    except (OSError, ValueError) as error:
        return {}, f"{path} cannot be read ({error})"


def lock_file(job: dict[str, Any], name: str = "") -> str:
    """Return the file that a run of ``job`` keeps locked; ``name`` names another one's."""
    return os.path.join(str(job["state"]), "." + (name or job["name"]) + ".lock")


#: The lock of all exclusive jobs of a stack; no job has a colon in its name.
STACK_LOCK = "stack:"


def is_held(path: str) -> bool:
    """Whether somebody keeps the file ``path`` locked."""
    try:
        with open(path, encoding="utf-8") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def note(job: dict[str, Any], **values: Any) -> None:
    """Put ``values`` into the state of ``job``, whole or not at all."""
    path = state_file(job)
    before, _problem = _state(job)
    making = path + ".making"
    with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        json.dump({**before, **values}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(making, path)


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextlib.contextmanager
def _locked(path: str, holder: str, patience: float) -> Iterator[int | None]:
    """Hold the lock ``path``; yields its descriptor, or None if others hold it for longer than ``patience`` seconds."""
    deadline = time.monotonic() + patience
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        told = False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield None
                    return
                if not told:
                    _say(f"Waiting for {_holder(descriptor)}, which is at work.")
                    told = True
                time.sleep(min(1.0, max(0.0, deadline - time.monotonic())))
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode(errors="replace") or "another job"


def run(job: dict[str, Any], output: Any = None) -> int:
    """Run ``job`` and return the exit status of its command, or SKIPPED; ``output`` takes what it says, else ours does.

    That it succeeds again is told, once nobody takes it to be at work any more. UNUSABLE is returned if its state cannot be
    kept.
    """
    try:
        os.makedirs(job["state"], mode=0o700, exist_ok=True)
        had_failed = _has_failed(job)
        status = _run_alone(job, output)
    except OSError as error:
        return _unusable(job, error)
    if status == 0 and had_failed and job.get("on_recovery"):
        _call(job, job["on_recovery"], job["log"])
    return status


def _has_failed(job: dict[str, Any]) -> bool:
    """Whether the last run of ``job`` failed or was cut off."""
    state, problem = _state(job)
    return bool(problem) or (bool(state.get("started")) and state.get("exit_status") != 0)


def _unusable(job: dict[str, Any], error: OSError) -> int:
    _say(
        f"Failed to keep the state of {job['name']} of {job['stack']}: {error}. Free some space in {job['state']}, or run "
        "schedule_jobs again, which gives that folder to the user that runs the jobs.",
        sys.stderr,
    )
    return UNUSABLE


def _run_alone(job: dict[str, Any], output: Any) -> int:
    with _locked(lock_file(job), job["name"], 0) as own:
        if own is None:
            return _skip(job, "its last run is not over")
        if not job["exclusive"]:
            return _execute(job, (own,), output)
        with _locked(lock_file(job, STACK_LOCK), job["name"], job["wait"]) as shared:
            if shared is None:
                return _skip(job, f"another job of {job['stack']} was at work for longer than {job['wait']:g} s")
            return _execute(job, (own, shared), output)


def _skip(job: dict[str, Any], why: str) -> int:
    note(job, skipped=_now(), skipped_why=why)
    _say(f"Skipped {job['name']} of {job['stack']}: {why}.")
    return SKIPPED


def _execute(job: dict[str, Any], locks: tuple[int, ...], output: Any) -> int:
    note(job, started=_now(), ended=None, exit_status=None)
    try:
        # The locks are its own, too: they last as long as it does, even if we are killed. No module runs this.
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
            job["command"],
            cwd=job["folder"],
            env=_environment(job),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=locks,
        )
    except OSError as error:
        _say(f"Failed to start {job['command'][0]} in {job['folder']}: {error.strerror}.", sys.stderr)
        note(job, ended=_now(), exit_status=127)
        return 127
    passed_on = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {each: signal.signal(each, lambda number, _frame: process.send_signal(number)) for each in passed_on}
    status = process.wait()
    for each, handler in before.items():
        signal.signal(each, handler)
    code = 128 - status if status < 0 else status
    ended = _now()
    note(job, ended=ended, exit_status=code, **({"succeeded": ended} if code == 0 else {}))
    return code


def _environment(job: dict[str, Any]) -> dict[str, str]:
    # Folders of reports are relative to it, by default.
    environment = {**os.environ, "PWD": job["folder"], "ANSIBLE_NOCOLOR": "1", **read_json(job["environment_file"])}
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    password = os.path.join(credentials, "vault") if credentials else ""
    if not os.path.exists(password):
        password = job["vault_password_file"]
    if password:
        environment["ANSIBLE_VAULT_PASSWORD_FILE"] = password
    return environment


def tell(job: dict[str, Any], log: str = "") -> int:
    """Run the command that tells of the failure of ``job``, and return its exit status; ``log`` is the file of its output."""
    state, problem = _state(job)
    status = state.get("exit_status")
    said = "was cut off" if status is None else f"failed with exit status {status}"
    if problem:
        said = f"failed, and nobody knows how: {problem}"
    _say(f"The job {job['name']} of {job['stack']} {said}.", sys.stderr)
    return _call(job, job["on_failure"], log or job["log"]) if job["on_failure"] else 0


def _call(job: dict[str, Any], command: list[str], log: str) -> int:
    """Run the command that tells of ``job``, and return its exit status."""
    state, _problem = _state(job)
    status = state.get("exit_status")
    told = {
        "CHATBOT_OPS_STACK": job["stack"],
        "CHATBOT_OPS_JOB": job["name"],
        "CHATBOT_OPS_PLAYBOOK": job["playbook"],
        "CHATBOT_OPS_EXIT_STATUS": "" if status is None else str(status),
        "CHATBOT_OPS_STARTED": state.get("started") or "",
        "CHATBOT_OPS_ENDED": state.get("ended") or "",
        "CHATBOT_OPS_LOG": log,
    }
    try:
        environment = {**_environment(job), **told}
        done = subprocess.run(  # pylint: disable=ansible-bad-function
            command,
            cwd=job["folder"],
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=_TELLING,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        _say(f"Failed to tell so by {command[0]}: {error}.", sys.stderr)
        return 1
    return done.returncode


def mail(job: dict[str, Any]) -> int:
    """As :func:`run`, with the output in a file, and its end on ours if it failed; the failure is told."""
    log = os.path.join(job["state"], job["name"] + ".log")
    try:
        os.makedirs(job["state"], mode=0o700, exist_ok=True)
        if not is_held(lock_file(job)) and os.path.exists(log):
            os.replace(log, log + ".1")
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as stream:
            status = run(job, stream)
    except OSError as error:
        tell(job)
        return _unusable(job, error)
    if status not in (0, SKIPPED):
        with open(log, encoding="utf-8", errors="replace") as text:
            _say("".join(text.readlines()[-_LINES:]))
        tell(job, log)
    return status


def is_missed(job: dict[str, Any], path: str, now: datetime) -> bool:
    """Whether the time of ``job``, described by the file ``path``, came and nothing was started since."""
    since = datetime.fromtimestamp(os.path.getmtime(path), timezone.utc)
    started = _state(job)[0].get("started")
    last = max(since, datetime.fromisoformat(started.replace("Z", "+00:00"))) if started else since
    due = last_due(job["cron"], wall_clock(now - _FRESH, job["time_zone"]))
    return due is not None and wall_clock(last, job["time_zone"]) < due


def catch_up(folder: str) -> int:
    """Run each job in ``folder`` whose time came while nobody was there; return the worst exit status."""
    worst = 0
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        job = read_json(path) if name.endswith(".json") else {}
        if job.get("cron") and is_missed(job, path, datetime.now(timezone.utc)):
            worst = max(worst, mail(job))
    return worst


def main(arguments: list[str]) -> int:
    """Do what ``arguments`` say, and return the exit status."""
    doings = {"run": run, "mail": mail, "failed": tell}
    if len(arguments) == 2 and arguments[0] == "catch-up":
        return catch_up(arguments[1])
    if len(arguments) != 2 or arguments[0] not in doings:
        _say(str(__doc__), sys.stderr)
        return 2
    job = read_json(arguments[1])
    if not job:
        _say(f"There is no job in {arguments[1]}: it was removed.", sys.stderr)
        return 2
    return doings[arguments[0]](job)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
