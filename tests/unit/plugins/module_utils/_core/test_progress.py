# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A meter counts as a tap does, tells what it counts where it is asked to, and disturbs nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core import progress
from ansible_collections.chatbot.ops.plugins.module_utils._core.progress import Meter, Progress, progress_from, said

from tests.tools.link import COLLECTIONS


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(progress, "_EVERY", 0.0)
    monkeypatch.setenv(progress.VARIABLE, str(tmp_path / "progress"))
    return tmp_path / "progress"


def test_it_tells_what_it_counts(file: Path) -> None:
    meter = Meter("dump.pgdump.zst", 100)
    meter.see(b"x" * 10)
    meter.see(b"y" * 15)
    found = progress_from(file.read_text(encoding="utf-8"))
    assert found is not None
    assert (found.what, found.size, found.total) == ("dump.pgdump.zst", 25, 100)
    assert meter.sha256 == hashlib.sha256(b"x" * 10 + b"y" * 15).hexdigest()
    assert file.stat().st_mode & 0o777 == 0o644


def test_without_the_variable_nothing_is_written(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.delenv(progress.VARIABLE)
    Meter("x").see(b"x")
    assert list(file.parent.iterdir()) == []


def test_a_file_that_cannot_be_written_disturbs_nothing(file: Path) -> None:
    file.with_name("progress.making").symlink_to(file.parent / "trap")
    meter = Meter("x")
    meter.see(b"xy")
    assert meter.size == 2
    assert not (file.parent / "trap").exists()


def test_nothing_stays_when_the_module_ends(file: Path) -> None:
    script = (
        "import os, sys; from ansible_collections.chatbot.ops.plugins.module_utils._core import progress\n"
        "progress._EVERY = 0.0; progress.Meter('x').see(b'x'); print(os.path.exists(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    command = [sys.executable, "-c", script, str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert not file.exists()


LINES = {
    "data.tar.zst: 512 B, 256 B/s": Progress("data.tar.zst", 512, None, 2.0),
    "x: 1.5 GB of 3.0 GB (50 %), 100.0 MB/s, 15 s left": Progress("x", 1_500_000_000, 3_000_000_000, 15.0),
    "x: 1.0 MB of 1.0 GB (0 %), 1.0 MB/s, 16 min 39 s left": Progress("x", 1_000_000, 1_000_000_000, 1.0),
    "x: 1.0 MB of 1.0 TB (0 %), 100.0 MB/s, 2 h 46 min left": Progress("x", 1_000_000, 10**12, 0.01),
    "x: 0 B of 10 B (0 %), 0 B/s": Progress("x", 0, 10, 0.0),
}


@pytest.mark.parametrize(("line", "given"), LINES.items(), ids=LINES)
def test_what_is_said(line: str, given: Progress) -> None:
    assert said(given) == line


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"what": "x", "bytes": null, "total": 1, "seconds": 1}'])
def test_what_is_no_progress(text: str) -> None:
    assert progress_from(text) is None
