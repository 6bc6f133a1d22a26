# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipeline: measured, bounded, and every process judged."""

from __future__ import annotations

import hashlib
import os
import pathlib
import resource
import sys
import time
from collections.abc import Iterator

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import (
    CHUNK,
    Command,
    Tap,
    run_command,
    run_pipeline,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import (
    find_program,
    zstd_compress,
    zstd_decompress,
)


def sh(script: str, **more: object) -> Command:
    return Command(("sh", "-c", script), **more)  # type: ignore[arg-type]


def children() -> list[str]:
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as stream:
        return stream.read().split()


def test_taps_measure_what_passes_on_both_sides_of_a_process() -> None:
    payload = os.urandom(3 * CHUNK + 17)
    content, stored, out = Tap(), Tap(), bytearray()
    run_pipeline([content, zstd_compress(1), stored], source=[payload[:100], payload[100:]], sink=out.extend)
    assert (content.size, content.sha256) == (len(payload), hashlib.sha256(payload).hexdigest())
    assert (stored.size, stored.sha256) == (len(out), hashlib.sha256(out).hexdigest())
    back = bytearray()
    run_pipeline([zstd_decompress()], source=[bytes(out)], sink=back.extend)
    assert bytes(back) == payload


def test_neighbouring_processes_are_joined_by_the_kernel() -> None:
    out = bytearray()
    run_pipeline([sh("echo hello"), sh("tr a-z A-Z"), sh("rev")], sink=out.extend)
    assert bytes(out) == b"OLLEH\n"


def test_without_sink_the_last_process_writes_to_its_own_output(tmp_path: pathlib.Path) -> None:
    with open(tmp_path / "out", "wb") as stream:
        run_pipeline([sh("echo one"), Tap(), sh("cat", stdout=stream)])
    assert (tmp_path / "out").read_bytes() == b"one\n"


def test_a_chain_of_taps_alone_measures_its_source() -> None:
    tap = Tap()
    run_pipeline([tap], source=[b"ab", b"c"])
    assert tap.size == 3


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        pytest.param([sh("echo bad >&2; exit 3"), Tap(), sh("cat")], "exit status 3; its last words: bad", id="first"),
        pytest.param([sh("yes"), Tap(), sh("exit 4"), Tap(), sh("cat")], "exit status 4", id="middle"),
        pytest.param([sh("yes"), sh("head -c 9; exit 5")], "exit status 5", id="last, joined by the kernel"),
        pytest.param([sh("kill -9 $$")], "ended by SIGKILL", id="killed"),
    ],
)
def test_the_process_that_failed_is_named_and_none_is_left(stages: list[Command | Tap], message: str) -> None:
    before = children()
    with pytest.raises(ToolError) as caught:
        run_pipeline(stages, sink=lambda _chunk: None)
    assert message in str(caught.value)
    assert "SIGPIPE" not in str(caught.value)
    assert children() == before


def test_a_process_that_stops_reading_is_no_success() -> None:
    with pytest.raises(ToolError, match=r"SIGPIPE|closed its input"):
        run_pipeline([Command(("yes",)), Tap(), sh("head -c 5 >/dev/null")])


def test_a_source_that_is_not_read_to_its_end_is_no_success() -> None:
    with pytest.raises(ToolError, match="closed its input before the end"):
        run_pipeline([sh("exit 0")], source=(bytes(CHUNK) for _number in range(64)))


def test_an_error_of_the_sink_ends_the_processes_at_once() -> None:
    def full(_chunk: bytes) -> None:
        raise OSError(28, "No space left on device")

    begun = time.monotonic()
    with pytest.raises(OSError, match="No space left"):
        run_pipeline([sh("yes; sleep 60"), Tap(), zstd_compress(1)], sink=full)
    assert time.monotonic() - begun < 30


def test_an_error_of_the_source_is_raised_unchanged() -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise DamagedError("rotten")

    with pytest.raises(DamagedError, match="rotten"):
        run_pipeline([sh("cat")], source=broken(), sink=lambda _chunk: None)


def test_a_missing_program_is_told() -> None:
    with pytest.raises(ToolError, match="Failed to start no-such-program"):
        run_pipeline([Command(("no-such-program",))])
    with pytest.raises(ToolError, match=r"chatbot\.ops\.toolchain"):
        find_program("no-such-program")


def test_judge_and_watch_see_exit_status_and_stderr() -> None:
    lines: list[str] = []
    warned = Command(
        ("sh", "-c", "echo one >&2; echo two >&2; exit 1"),
        judge=lambda status, tail: None if status == 1 and tail == "one\ntwo" else "unexpected",
        watch=lines.append,
    )
    run_pipeline([warned])
    assert lines == ["one", "two"]


def test_an_error_of_the_watch_is_raised() -> None:
    def watch(line: str) -> None:
        raise DamagedError(line)

    with pytest.raises(DamagedError, match="rotten"):
        run_pipeline([sh("echo rotten >&2; echo again >&2", watch=watch)])


def test_only_the_last_lines_of_a_talkative_process_are_kept() -> None:
    with pytest.raises(ToolError) as caught:
        run_pipeline([sh("seq 1 1000 >&2; exit 1")])
    assert "1000" in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 16


def test_secrets_go_by_environment_and_are_not_shown() -> None:
    command = sh('test "$(echo "$SECRET" | rev)" = 2retnuh', env={"SECRET": "hunter2"})
    run_pipeline([command])
    assert "hunter2" not in repr(command)


def test_memory_is_bounded_whatever_the_size() -> None:
    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    before = peak()
    run_pipeline([sh(f"head -c {512 * CHUNK} /dev/zero"), Tap(), sh("cat"), Tap()])
    assert peak() - before < 32 * 1024  # KiB


def test_run_command_returns_the_output_up_to_its_limit() -> None:
    assert run_command(Command((sys.executable, "-c", "print('hi')"))) == "hi\n"
    with pytest.raises(ToolError, match="exceeds 10 bytes"):
        run_command(sh("seq 1 100"), text_limit=10)
