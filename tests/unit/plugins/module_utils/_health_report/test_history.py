# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: bounded, one transaction a look, and never a reason for a report to fail. Looked at by SQLite itself."""

from __future__ import annotations

import contextlib
import os
import pathlib
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._health_report import history
from ansible_collections.chatbot.ops.plugins.module_utils._health_report.history import Bounds, Recorded, record

from tests.tools.link import CHECKOUT, COLLECTIONS
from tests.unit.plugins.module_utils._report.healths import AT, check

BOUNDS = Bounds(timedelta(days=400), 200_000)
DISK = "disk./.bytes"


def add(path: pathlib.Path, at: datetime = AT, value: float = 1.0, *states: str, **more: Any) -> Recorded:
    checks = [check(DISK, value=value), *(check(f"x{number}", each) for number, each in enumerate(states))]
    options = {"bounds": BOUNDS, "read_only": False, **more}
    return record(str(path), at, "bot.example.org", checks, [DISK], **options)


def rows(path: pathlib.Path, query: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "health" / "health-s.sqlite"


def test_a_look_is_compared_with_the_one_before(path: pathlib.Path) -> None:
    first = add(path, AT - timedelta(hours=2), 1.0, "warning", "ok", "critical")
    assert first.changes.last is None
    assert first.changes.new == ("x0", "x2")
    second = add(path, AT, 2.0, "critical", "unknown", "ok")
    assert second.changes.last == AT - timedelta(hours=2)
    assert (second.changes.new, second.changes.worse, second.changes.recovered) == (("x1",), ("x0",), ("x2",))
    assert second.series == {DISK: [(AT - timedelta(hours=2), 1.0), (AT, 2.0)]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == [path.name]


def test_a_state_that_lasts_keeps_its_beginning(path: pathlib.Path) -> None:
    for hours in (3, 2, 1):
        add(path, AT - timedelta(hours=hours), 1.0, "warning")
    assert add(path, AT, 1.0, "warning").changes.since["x0"] == to_iso(AT - timedelta(hours=3))


def test_the_same_look_again_takes_the_place_of_itself(path: pathlib.Path) -> None:
    add(path, AT - timedelta(hours=1), 1.0, "ok")
    first = add(path, AT, 2.0, "warning")
    again = add(path, AT, 2.0, "warning")
    assert (first.added, again.added) == (True, False)
    assert (again.changes, again.series) == (first.changes, first.series)
    assert rows(path, "SELECT count(*) FROM look") == [(2,)]


def test_an_older_look_that_comes_late_finds_its_place(path: pathlib.Path) -> None:
    add(path, AT - timedelta(hours=3), 1.0, "warning")
    add(path, AT, 3.0, "ok")
    late = add(path, AT - timedelta(hours=1), 2.0, "warning")
    assert (late.changes.last, late.changes.new) == (AT - timedelta(hours=3), ())
    assert [value for (value,) in rows(path, "SELECT value FROM sample ORDER BY at")] == [1.0, 2.0, 3.0]


def test_check_mode_writes_nothing(path: pathlib.Path) -> None:
    found = add(path, read_only=True)
    assert found.added
    assert not path.parent.exists()
    add(path, AT - timedelta(hours=1), 1.0, "ok")
    before = path.read_bytes()
    found = add(path, AT, 2.0, "warning", read_only=True)
    assert (found.changes.new, found.series[DISK]) == (("x0",), [(AT - timedelta(hours=1), 1.0), (AT, 2.0)])
    assert path.read_bytes() == before


def test_what_is_old_is_thinned_and_what_is_too_old_is_gone(path: pathlib.Path) -> None:
    add(path, AT - timedelta(days=500), 0.0)
    with _writing(path) as connection:
        # Every ten minutes for sixty days, as if a look had been made each time.
        instants = [AT - timedelta(minutes=10 * each) for each in range(1, 60 * 144)]
        given = [(DISK, to_iso(at), float(number)) for number, at in enumerate(instants)]
        connection.executemany("INSERT INTO sample VALUES (?, ?, ?)", given)
    add(path)
    ages = [AT - datetime.fromisoformat(at) for (at,) in rows(path, "SELECT at FROM sample")]
    assert len([each for each in ages if each <= timedelta(days=2)]) == 2 * 144 + 1
    assert 28 * 24 <= len([each for each in ages if timedelta(days=2) < each <= timedelta(days=30)]) <= 28 * 24 + 2
    assert 30 <= len([each for each in ages if each > timedelta(days=30)]) <= 32
    assert max(ages) < timedelta(days=61)


def test_it_has_an_end_whatever_comes(path: pathlib.Path) -> None:
    bounds = Bounds(timedelta(days=400), 25)
    for minutes in range(60, 0, -1):
        add(path, AT - timedelta(minutes=minutes), 1.0, bounds=bounds)
    found = add(path, AT, 1.0, "warning", bounds=bounds)
    assert rows(path, "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM look)") == [(25, 25)]
    assert found.changes.last == AT - timedelta(minutes=1)
    assert rows(path, "SELECT count(*) FROM look WHERE states IS NOT NULL") == [(10,)]
    assert len(found.series[DISK]) == 25


DAMAGE = {
    "no database": lambda path: path.write_bytes(b"not a database at all" * 100),
    "a torn one": lambda path: os.truncate(path, path.stat().st_size // 2),
    "overwritten in its midst": lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 40_000),
    "states that are none": lambda path: _execute(path, "UPDATE look SET states = 'x'"),
    "states of another kind": lambda path: _execute(path, 'UPDATE look SET states = \'{"x0": ["green", "today"]}\''),
}


@contextlib.contextmanager
def _writing(path: pathlib.Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def _execute(path: pathlib.Path, statement: str) -> None:
    with _writing(path) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_history_is_told_set_aside_and_begun_anew(path: pathlib.Path, damage: Any) -> None:
    for hours in range(60, 0, -1):
        add(path, AT - timedelta(hours=hours), float(hours), "warning")
    damage(path)
    damaged = path.read_bytes()
    found = add(path, AT, 1.0, "warning")
    (problem,) = found.problems
    assert "was damaged" in problem
    assert "a new one is begun" in problem
    (aside,) = path.parent.glob("*.damaged-*")
    assert str(aside) in problem
    assert aside.read_bytes() == damaged
    # Louder than it need be: nobody knows what was the matter before.
    assert found.changes.new == ("x0",)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert add(path, AT + timedelta(hours=1), 1.0, "warning").changes.new == ()


def test_check_mode_leaves_a_damaged_history_where_it_is(path: pathlib.Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    found = add(path, AT, 1.0, "warning", read_only=True)
    assert found.changes.new == ("x0",)
    assert "cannot be used" in found.problems[0]
    assert os.listdir(path.parent) == [path.name]


def test_a_history_of_something_else_is_left_alone(path: pathlib.Path) -> None:
    path.parent.mkdir()
    _execute(path, "CREATE TABLE other (x)")
    before = path.read_bytes()
    assert "a database of something else" in add(path).problems[0]
    _execute(path, "PRAGMA user_version = 7")
    assert "a newer version" in add(path).problems[0]
    assert len(path.read_bytes()) == len(before)


def test_an_empty_file_is_a_history_that_begins(path: pathlib.Path) -> None:
    path.parent.mkdir()
    path.touch()  # what a run leaves that is killed at its very beginning
    assert add(path, read_only=True).problems == ()
    assert add(path).problems == ()
    assert rows(path, "SELECT count(*) FROM look") == [(1,)]


def test_a_place_that_cannot_be_written_is_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").touch()
    found = add(tmp_path / "file" / "history.sqlite", AT, 1.0, "warning")
    assert "cannot be used" in found.problems[0]
    assert (found.changes.new, found.series) == (("x0",), {})
    assert "cannot be used" in add(tmp_path).problems[0]


def test_a_name_with_what_a_uri_takes_for_its_own(tmp_path: pathlib.Path) -> None:
    add(tmp_path / "a%20b?c#d.sqlite")
    assert [each.name for each in tmp_path.iterdir()] == ["a%20b?c#d.sqlite"]


_RUN = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.unit.plugins.module_utils._health_report.test_history import AT, add
for number in range(25):
    found = add(Path(sys.argv[1]), AT + timedelta(seconds=4 * number + int(sys.argv[2])), 1.0, "warning")
    assert found.problems == (), found.problems
"""


def test_runs_at_once_wait_for_each_other(path: pathlib.Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{CHECKOUT}:{COLLECTIONS}"}
    command = [sys.executable, "-c", _RUN, str(path)]
    runs = [subprocess.Popen([*command, str(each)], env=environment, stderr=subprocess.PIPE) for each in range(3)]
    told = [each.communicate()[1].decode() for each in runs]
    assert [each.returncode for each in runs] == [0, 0, 0], told
    assert rows(path, "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM look)") == [(75, 75)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_history_that_somebody_holds_too_long_is_told(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(path, AT - timedelta(hours=1), 1.0, "warning")
    monkeypatch.setattr(history, "_PATIENCE", 0.05)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        found = add(path, AT, 1.0, "warning")
    assert "cannot be used: database is locked" in found.problems[0]
    assert found.changes.new == ("x0",)
    assert add(path, AT, 1.0, "warning").changes.new == ()


def test_runs_at_once_set_a_damaged_history_aside_once(path: pathlib.Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database at all" * 100)
    script = _RUN.replace("assert found.problems == (), found.problems", "print(*found.problems, end='')")
    environment = {**os.environ, "PYTHONPATH": f"{CHECKOUT}:{COLLECTIONS}"}
    command = [sys.executable, "-c", script, str(path)]
    runs = [subprocess.Popen([*command, str(each)], env=environment, stdout=subprocess.PIPE) for each in range(3)]
    told = [each.communicate()[0].decode() for each in runs]
    assert [each.returncode for each in runs] == [0, 0, 0]
    assert sorted(each.count("was damaged") for each in told) == [0, 0, 1], told
    assert rows(path, "SELECT count(*) FROM look") == [(75,)]
    assert len(list(path.parent.glob("*.damaged-*"))) == 1
