# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal by which a recovery goes on where it stopped."""

from __future__ import annotations

import os
import pathlib
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import BusyError, OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.journal import (
    JournalStore,
    begin,
    done_phases,
    hold,
    mark,
    phase_seconds,
)
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.keep import JournalOptions, keep
from ansible_collections.chatbot.ops.plugins.module_utils._recovery.summary import recovery_lines

_START = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


@pytest.fixture
def other_process() -> Any:
    with subprocess.Popen(["sleep", "60"]) as process:
        yield process
        process.kill()


def _options(folder: pathlib.Path, action: str, **others: Any) -> JournalOptions:
    given = {"kind": "rebuild", "fresh": False, "phase": None, "outcome": None, "facts": {}, **others}
    return JournalOptions(folder=str(folder / "recoveries"), stack="lottery", action=action, **given)


def _keep(folder: pathlib.Path, action: str, **others: Any) -> dict[str, Any]:
    return keep(_options(folder, action, **others), pid=os.getpid(), check_mode=False)


def test_what_is_marked_is_there_the_next_time(tmp_path: pathlib.Path) -> None:
    opened = _keep(tmp_path, "open")
    _keep(tmp_path, "mark", phase="choose", outcome="begun")
    _keep(tmp_path, "mark", phase="choose", outcome="done", facts={"point": {"set_id": "x"}})
    _keep(tmp_path, "mark", phase="fence", outcome="begun")
    _keep(tmp_path, "mark", phase="fence", outcome="failed")
    again = _keep(tmp_path, "open")
    assert again["journal"]["id"] == opened["journal"]["id"]
    assert again["done"] == ["choose"]
    assert again["journal"]["facts"] == {"point": {"set_id": "x"}}
    (path,) = (tmp_path / "recoveries").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_fresh_one_keeps_the_old_one_beside(tmp_path: pathlib.Path) -> None:
    old = _keep(tmp_path, "open")["journal"]["id"]
    new = _keep(tmp_path, "open", fresh=True)["journal"]["id"]
    assert old != new
    assert sorted(each.name for each in (tmp_path / "recoveries").iterdir()) == [f"lottery-{old}.json", "lottery.json"]


def test_check_mode_writes_nothing(tmp_path: pathlib.Path) -> None:
    result = keep(_options(tmp_path, "open"), pid=os.getpid(), check_mode=True)
    assert result["journal"]["phases"] == []
    mark_it = _options(tmp_path, "mark", phase="choose", outcome="done")
    assert keep(mark_it, pid=os.getpid(), check_mode=True)["done"] == ["choose"]
    assert not (tmp_path / "recoveries").exists()


def test_reading_where_there_is_none(tmp_path: pathlib.Path) -> None:
    assert _keep(tmp_path, "read") == {"changed": False, "journal": None, "done": [], "record": None}


def test_a_mark_without_a_journal_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RefusedError, match="open it first"):
        _keep(tmp_path, "mark", phase="choose", outcome="done")


def test_a_damaged_journal_is_told_with_what_to_do(tmp_path: pathlib.Path) -> None:
    (tmp_path / "recoveries").mkdir()
    (tmp_path / "recoveries" / "lottery.json").write_text("{", encoding="utf-8")
    with pytest.raises(OpsError, match="move it away"):
        _keep(tmp_path, "open")


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RefusedError):
        JournalStore(str(tmp_path), "../other")


def test_two_at_once_are_kept_apart(other_process: subprocess.Popen[bytes]) -> None:
    theirs = begin("rebuild", other_process.pid)
    with pytest.raises(BusyError, match=str(other_process.pid)):
        hold(theirs, os.getpid())
    other_process.kill()
    other_process.wait()
    assert hold(theirs, os.getpid())["holder"]["pid"] == os.getpid()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_recovery_that_is_under_way_keeps_its_journal(
    tmp_path: pathlib.Path, other_process: subprocess.Popen[bytes], fresh: bool
) -> None:
    theirs = keep(_options(tmp_path, "open"), pid=other_process.pid, check_mode=False)["journal"]
    with pytest.raises(BusyError, match="under way"):
        _keep(tmp_path, "open", fresh=fresh)
    assert _keep(tmp_path, "read")["journal"] == theirs


def _journal() -> dict[str, Any]:
    journal = {**begin("rebuild", os.getpid()), "begun": "2026-11-25T03:00:00.000000Z"}
    for second, phase, outcome in [
        (1, "choose", "begun"),
        (3, "choose", "failed"),
        (10, "choose", "begun"),
        (11, "choose", "done"),
        (12, "fence", "begun"),
    ]:
        journal = mark(journal, phase, outcome, {}, _START + timedelta(seconds=second))
    return journal


def test_a_phase_takes_as_long_as_all_attempts_at_it() -> None:
    assert phase_seconds(_journal()) == {"choose": 3.0}
    assert done_phases(_journal()) == ["choose"]


@pytest.mark.parametrize(
    ("language", "first", "lost"),
    [
        ("en", "lottery was rebuilt on 192.0.2.7 from the set S.", "Lost: what was written after 2026-11-25T02:00:00Z"),
        ("es", "lottery se reconstruyó en 192.0.2.7 a partir del conjunto S.", "Se perdió lo escrito después de"),
    ],
)
def test_a_finished_one_is_told(tmp_path: pathlib.Path, language: str, first: str, lost: str) -> None:
    _keep(tmp_path, "open")
    facts = {
        "point": {"set_id": "S", "taken": "2026-11-25T02:00:00.000000Z", "skew_seconds": 1.5},
        "server": {"ansible_host": "192.0.2.7"},
    }
    _keep(tmp_path, "mark", phase="choose", outcome="begun")
    _keep(tmp_path, "mark", phase="choose", outcome="done", facts=facts)
    record = _keep(tmp_path, "finish")["record"]
    assert _keep(tmp_path, "finish")["record"]["finished"] == record["finished"]
    lines = recovery_lines(record, "lottery", language)
    assert lines[0] == first
    assert any(line.startswith(lost) for line in lines)
    assert any("choose" in line for line in lines)
    assert not any("db.example.org" in line for line in lines)
    spared = {**record, "facts": {**facts, "spared_database": "db.example.org"}}
    assert any("db.example.org" in line for line in recovery_lines(spared, "lottery", language))
