# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pgBackRest prints is read as it is meant, and nonsense is refused."""

from __future__ import annotations

import json

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._pgbackrest.answers import (
    BaseBackup,
    Branch,
    history_paths,
    lsn,
    read_history,
    read_segments,
    read_stanza,
)

from tests.unit.plugins.module_utils._pgbackrest.answers_made import (
    DIFF,
    FULL,
    STANZA,
    changed,
    history,
    info,
    listing,
)


def test_backups_are_told_in_the_order_of_their_ends() -> None:
    stanza = read_stanza(info(), STANZA)
    assert (stanza.exists, stanza.archive) == (True, "15-1")
    assert stanza.backups == (
        BaseBackup(FULL, "full", 1, 0x4000088, 1795568143, 1795568151, 23005550, damaged=False),
        BaseBackup(DIFF, "diff", 2, 0xA000050, 1795568404, 1795568408, 23079551, damaged=False),
    )


@pytest.mark.parametrize(
    ("text", "exists", "archive"),
    [
        pytest.param(info("missing"), False, "", id="no stanza"),
        pytest.param("[]", False, "", id="no repository"),
        pytest.param(info("empty"), True, "15-1", id="no backup"),
    ],
)
def test_a_repository_without_backups_has_none(text: str, exists: bool, archive: str) -> None:
    stanza = read_stanza(text, STANZA)
    assert (stanza.exists, stanza.archive, stanza.backups) == (exists, archive, ())


def test_what_was_taken_before_an_upgrade_does_not_count() -> None:
    databases = [{"id": 1}, {"id": 2}]
    archives = [{"database": {"id": 1}, "id": "15-1"}, {"database": {"id": 2}, "id": "17-2"}]
    stanza = read_stanza(changed(db=databases, archive=archives), STANZA)
    assert (stanza.archive, stanza.backups) == ("17-2", ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("ERROR: [055]", "no JSON", id="text"),
        pytest.param("{}", "no list", id="another kind"),
        pytest.param(changed(backup=[{"label": "x"}]), "2.36 or newer", id="an older pgBackRest"),
        pytest.param(changed(status={"code": 99, "message": "other"}), "says other", id="unreadable"),
    ],
)
def test_another_answer_is_refused(text: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        read_stanza(text, STANZA)


def test_only_whole_segments_count_in_the_order_of_their_arrival() -> None:
    segments = read_segments(listing(), "15-1")
    assert [(segment.name[-2:], segment.timeline) for segment in segments] == [
        *((name, 1) for name in ("02", "03", "04", "05", "06", "07", "08", "09", "0A")),
        *((name, 2) for name in ("08", "09", "0A")),
    ]
    assert segments[-1].stored == 1795568409


def test_a_partial_segment_is_none() -> None:
    name = "15-1/0000000100000000/00000001000000000000000B.partial-508b715ba223f1f628635ca5919a4394d1d858b3.gz"
    assert read_segments(json.dumps({name: {"type": "file", "time": 1}}), "15-1") == ()


def test_history_files_are_found_in_their_archive_alone() -> None:
    assert history_paths(listing(), "15-1") == ["15-1/00000002.history"]
    assert history_paths(listing(), "17-2") == []


def test_a_history_file_tells_where_a_timeline_was_left() -> None:
    assert read_history(history()) == (Branch(1, 0x80295A8),)


def test_a_place_in_the_wal_is_a_number() -> None:
    assert lsn("2/A") == (2 << 32) + 10
