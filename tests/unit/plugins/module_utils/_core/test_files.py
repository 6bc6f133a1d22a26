# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durable writes, the atomic exchange, free space, users of a folder."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import (
    exchange,
    require_space,
    users_of,
    write_file,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.workdir import work_folder


def test_write_file_is_private_whole_and_leaves_nothing_beside_it(tmp_path: pathlib.Path) -> None:
    write_file(str(tmp_path / "a"), b"one", replace=False)
    assert (tmp_path / "a").read_bytes() == b"one"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_file(str(tmp_path / "a"), b"two", replace=False)
    assert (tmp_path / "a").read_bytes() == b"one"
    write_file(str(tmp_path / "a"), b"three", replace=True)
    assert (tmp_path / "a").read_bytes() == b"three"
    assert os.listdir(tmp_path) == ["a"]


def test_exchange_swaps_two_folders(tmp_path: pathlib.Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    exchange(str(tmp_path / "one"), str(tmp_path / "two"))
    assert os.listdir(tmp_path / "one") == ["two"]
    assert os.listdir(tmp_path / "two") == ["one"]


def test_exchange_tells_why_it_cannot(tmp_path: pathlib.Path) -> None:
    (tmp_path / "one").mkdir()
    with pytest.raises(OpsError, match="No such file"):
        exchange(str(tmp_path / "one"), str(tmp_path / "missing"))


def test_require_space(tmp_path: pathlib.Path) -> None:
    require_space(str(tmp_path), 1, "a test")
    with pytest.raises(RefusedError, match="for the copy of the database"):
        require_space(str(tmp_path), 1 << 60, "the copy of the database")


def test_users_of_a_folder(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    with open(tmp_path / "file", "rb") as stream, subprocess.Popen(["sleep", "60"], stdin=stream) as process:
        found = list(users_of(str(tmp_path)))
        process.kill()
    assert found == [(process.pid, "sleep")]
    assert list(users_of(str(tmp_path))) == []


def test_the_work_folder_is_private_and_goes(tmp_path: pathlib.Path) -> None:
    with work_folder(str(tmp_path)) as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert os.path.dirname(folder) == str(tmp_path)
    assert os.listdir(tmp_path) == []


def test_what_a_killed_run_left_is_swept_and_nothing_else(tmp_path: pathlib.Path) -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    (tmp_path / f"chatbot-ops-{process.pid}-abc").mkdir()
    (tmp_path / f"chatbot-ops-{os.getppid()}-def").mkdir()
    (tmp_path / "mine").mkdir()
    with work_folder(str(tmp_path)):
        assert not (tmp_path / f"chatbot-ops-{process.pid}-abc").exists()
    assert sorted(os.listdir(tmp_path)) == [f"chatbot-ops-{os.getppid()}-def", "mine"]


def test_a_work_folder_that_cannot_be_used_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RefusedError, match="Name another one as work_dir"), work_folder(str(tmp_path / "missing")):
        pass
