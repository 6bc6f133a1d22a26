# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs as Docker leaves them on the host: the right lines are counted, and what cannot be read never passes for quiet."""

from __future__ import annotations

import gzip
import json
import os
import pathlib
import stat
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._log_review import look as looking
from ansible_collections.chatbot.ops.plugins.module_utils._log_review import memory
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.json_file import read_files
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.lines import Finding
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.look import look_at_logs, look_from
from ansible_collections.chatbot.ops.plugins.module_utils._log_review.tally import Tally, time_key

from tests.unit.plugins.module_utils._compose.documents import container
from tests.unit.plugins.module_utils._compose.test_engine import Client

SINCE = "2026-11-24T00:00:00.000000Z"


def entry(text: str, time: str = "2026-11-24T03:15:00.123456789Z", stream: str = "stdout") -> bytes:
    return json.dumps({"log": f"{text}\n", "stream": stream, "time": time}).encode() + b"\n"


def at(minute: int) -> str:
    """The time of that minute of 24 November 2026, some of it before midnight."""
    day, rest = divmod(minute + 1440, 1440)
    return f"2026-11-{23 + day:02}T{rest // 60:02}:{rest % 60:02}:00.5Z"


class Stack:
    """Containers whose logs lie in a folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.documents: list[dict[str, Any]] = []

    def add(self, service: str, content: bytes = b"", driver: str = "json-file", **more: Any) -> pathlib.Path:
        path = self.folder / f"{service}-json.log"
        path.write_bytes(content)
        options = more.pop("options", {"max-size": "10m", "max-file": "3"})
        document = container(
            service,
            HostConfig={"LogConfig": {"Type": driver, "Config": options}},
            LogPath=str(path) if driver == "json-file" else "",
            Created="2026-11-20T10:00:00.1Z",
            **more,
        )
        self.documents.append(document)
        return path

    def look(self, *, check_mode: bool = False, **more: Any) -> dict[str, Any]:
        params = {
            "project": "lottery-chatbot",
            "services": [],
            "since": SINCE,
            "state_file": str(self.folder / "state" / "seen.json"),
            "limit": 50,
            "reader": "auto",
            **more,
        }
        return look_at_logs(Engine(Client(self.documents, [])), look_from(params, check_mode=check_mode))


@pytest.fixture
def stack(tmp_path: pathlib.Path) -> Stack:
    return Stack(tmp_path)


def test_errors_are_grouped_and_masked(stack: Stack) -> None:
    lines = [entry(f'{{"level":50,"msg":"send to +5215512345{i:03} failed"}}', at(i)) for i in range(100)]
    stack.add("api", b"".join([*lines, entry("all is well", at(101)), entry('{"level":40,"msg":"slow"}', at(102))]))
    (found,) = stack.look()["containers"]
    assert (found["error_count"], found["warning_count"], found["readable"], found["complete"]) == (100, 1, True, True)
    first, second = found["signatures"]
    assert first == {
        "id": first["id"],
        "signature": "send to <n> failed",
        "severity": "error",
        "count": 100,
        "first": at(0),
        "last": at(99),
        "sample": "send to <phone> failed",
        "new": True,
    }
    assert (second["severity"], second["count"]) == ("warning", 1)


def test_only_what_is_of_the_time(stack: Stack) -> None:
    """The file is larger than what is looked at one by one, so that the place is searched for."""
    before = b"".join(entry('{"level":50,"msg":"old"}' + " " * 150, at(i // 2 - 1440)) for i in range(2880))
    after = b"".join(entry('{"level":50,"msg":"young"}' + " " * 150, at(i // 2)) for i in range(200))
    path = stack.add("api", before + after)
    (found,) = stack.look()["containers"]
    assert [(each["signature"], each["count"]) for each in found["signatures"]] == [("young", 200)]
    assert len(after) <= found["bytes"] < path.stat().st_size / 3
    assert found["oldest"] == at(-1440)


def test_older_files_packed_or_not(stack: Stack) -> None:
    path = stack.add("api", entry("error: 3", at(30)))
    path.with_name(f"{path.name}.1").write_bytes(entry("error: 2", at(20)))
    path.with_name(f"{path.name}.2.gz").write_bytes(gzip.compress(entry("error: 1", at(10)) + entry("fine", at(11))))
    (found,) = stack.look()["containers"]
    assert (found["error_count"], found["signatures"][0]["first"], found["signatures"][0]["last"]) == (
        3,
        at(10),
        at(30),
    )
    assert found["complete"] is False, "as many files as it may keep, and none reaches back to the time"
    path.with_name(f"{path.name}.2.gz").write_bytes(gzip.compress(entry("fine", at(-10))))
    assert stack.look()["containers"][0]["complete"] is True


def test_a_damaged_older_file_is_told(stack: Stack) -> None:
    path = stack.add("api")
    path.with_name(f"{path.name}.1.gz").write_bytes(gzip.compress(entry("error: 1") * 1000)[:-20])
    (found,) = stack.look()["containers"]
    assert found["readable"] is False
    assert "damaged" in found["problem"]


def test_what_is_half_written_is_left_out(stack: Stack) -> None:
    stack.add("api", b'{"log":"error: torn' + b"\n" + entry("error: whole") + entry("error: later")[:-30])
    assert stack.look()["containers"][0]["error_count"] == 1


def test_new_ones_are_marked_once(stack: Stack) -> None:
    path = stack.add("api", entry("error: first"))
    assert stack.look(check_mode=True)["previous_look"] is None
    assert stack.look()["containers"][0]["new_signatures"] == 1
    path.write_bytes(entry("error: first") + entry("error: second"))
    again = stack.look()
    assert again["previous_look"] is not None
    assert {each["signature"]: each["new"] for each in again["containers"][0]["signatures"]} == {
        "second": True,
        "first": False,
    }
    assert stack.look()["containers"][0]["new_signatures"] == 0
    state = stack.folder / "state" / "seen.json"
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert b"second" not in state.read_bytes(), "it holds no words of the log"
    state.write_text("{", encoding="utf-8")
    assert stack.look()["containers"][0]["new_signatures"] == 2


def test_the_memory_is_bounded() -> None:
    full = memory.Memory("2026", {str(i): f"2026-01-01T{i:05}" for i in range(memory.MOST)}, {})
    after = full.after("2026-01-02", ["new"], {})
    assert len(after.signatures) == memory.MOST
    assert "new" in after.signatures
    assert "0" not in after.signatures


def test_the_groups_are_bounded() -> None:
    tally = Tally("api", most=2)
    for word in ("one", "two", "three", "one"):
        tally.add(Finding("error", word), SINCE)
    assert (tally.errors, len(tally.groups()), tally.untold) == (4, 2, 1)
    other = Tally("api", most=2)
    other.add(Finding("error", "one"), at(-5))
    other.add(Finding("warning", "four"), SINCE)
    tally.join(other)
    assert (tally.errors, tally.warnings, tally.untold) == (5, 1, 2)
    assert tally.groups()[0].first == at(-5)
    assert tally.groups()[0].count == 3


def test_restarts_and_kills(stack: Stack) -> None:
    stack.add("api", RestartCount=2, state={"OOMKilled": True, "ExitCode": 137, "Pid": 0})
    (found,) = stack.look()["containers"]
    assert (found["restarts"], found["new_restarts"], found["oom_killed"], found["exit_code"]) == (2, 2, True, 137)
    stack.documents[0]["RestartCount"] = 3
    assert stack.look()["containers"][0]["new_restarts"] == 1


def test_what_cannot_be_read_is_told(stack: Stack) -> None:
    stack.add("api", driver="none")
    stack.add("n8n").unlink()
    stack.add("worker", entry("error: x"))
    api, n8n, worker = stack.look(reader="files")["containers"]
    assert "none" in api["problem"]
    assert "No such file" in n8n["problem"]
    assert [each["complete"] for each in (api, n8n)] == [False, False]
    assert (worker["readable"], worker["error_count"]) == (True, 1)


DOCKER = """#!/bin/sh
if [ -e "{folder}/refuse" ]; then
  echo "Error response from daemon: configured logging driver does not support reading" >&2
  exit 1
fi
case "$*" in
  *--since=2026-11-24*) ;;
  *) [ -e "{folder}/rotated" ] || echo '2026-11-23T03:15:00.5Z older' ;;
esac
echo '2026-11-24T03:15:00.5Z {{"level":50,"msg":"of pino"}}'
echo '2026-11-24T03:16:00.5Z all is well'
echo '2026-11-24T03:14:00.5Z lost the database' >&2
"""


def test_other_drivers_come_through_docker(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    program = stack.folder / "docker"
    program.write_text(DOCKER.format(folder=stack.folder))
    program.chmod(0o755)
    monkeypatch.setattr(looking, "find_program", lambda _name: str(program))
    stack.add("api", driver="local")
    (found,) = stack.look()["containers"]
    assert (found["readable"], found["error_count"], found["warning_count"], found["complete"]) == (True, 1, 1, True)
    assert {each["signature"] for each in found["signatures"]} == {"of pino", "lost the database"}
    assert found["oldest"] == "2026-11-23T03:15:00.5Z"
    (stack.folder / "rotated").touch()
    assert stack.look()["containers"][0]["complete"] is None, "it may have been silent, or lines are gone"
    stack.documents[0]["State"]["StartedAt"] = "2026-11-24T03:14:59.9Z"
    assert stack.look()["containers"][0]["complete"] is True, "that is where it began"
    (stack.folder / "refuse").touch()
    (found,) = stack.look()["containers"]
    assert (found["readable"], found["error_count"]) == (False, 0)
    assert "its driver keeps none" in found["problem"]


def test_bad_input_is_refused(stack: Stack) -> None:
    stack.add("api")
    with pytest.raises(RefusedError, match="limit"):
        stack.look(limit=0)
    with pytest.raises(RefusedError, match="since"):
        stack.look(since="yesterday")
    with pytest.raises(RefusedError, match=r"no container of db. Those that it has: api"):
        stack.look(services=["db"])
    with pytest.raises(RefusedError, match="no container of the project 'other'"):
        stack.look(project="other")
    with pytest.raises(RefusedError, match="Parameter project"):
        stack.look(project="")
    assert not (stack.folder / "state").exists()


def test_the_status_of_http_tells_signatures_apart(stack: Stack) -> None:
    said = '203.0.113.9 - - [24/Nov/2026:03:15:00 +0000] "GET /orders/{} HTTP/1.1" {} 15 "-" "x"'
    stack.add("nginx", b"".join(entry(said.format(i, status)) for i, status in enumerate((502, 503, 502, 200, 404))))
    found = {each["signature"]: each["count"] for each in stack.look()["containers"][0]["signatures"]}
    assert found == {"HTTP 502: GET /orders/<n>": 2, "HTTP 503: GET /orders/<n>": 1}


def test_times_compare_by_what_they_mean() -> None:
    times = [
        "2026-11-24T03:15:00Z",
        "2026-11-24T03:15:00.000000001Z",
        "2026-11-24T03:15:00.12Z",
        "2026-11-24T03:15:00.5Z",
    ]
    assert [time_key(each) for each in times] == sorted(time_key(each) for each in times)


def test_rotated_while_it_is_read(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Docker moves the files on between the look at their names and their opening: each is read once all the same."""
    path = stack.add("api", entry("error: 2"))
    path.with_name(f"{path.name}.1").write_bytes(entry("error: 1"))
    moved: list[str] = []
    real = os.open

    def open_and_rotate(name: str, flags: int) -> int:
        descriptor = real(name, flags)
        if not moved:
            moved.append(name)
            path.with_name(f"{path.name}.1").rename(path.with_name(f"{path.name}.2"))
            path.rename(path.with_name(f"{path.name}.1"))
            path.write_bytes(entry("error: 3"))
        return descriptor

    monkeypatch.setattr(os, "open", open_and_rotate)
    tally = Tally("api")
    assert read_files(str(path), SINCE, tally).files == 3
    assert tally.errors == 3
