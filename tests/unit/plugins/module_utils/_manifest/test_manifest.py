# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The manifest notices every change, and a list of verdicts has one standing."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.document import seal
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import (
    id_time,
    is_backup_id,
    is_safe_name,
    new_backup_id,
    new_set_id,
)
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import (
    Manifest,
    StoredObject,
    read_manifest,
    write_manifest,
)
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import (
    Verdict,
    read_verdict,
    standing,
    write_verdict,
)

MANIFEST = Manifest(
    backup_id="20261124T031500Z-n8n-7f3a",
    set_id="20261124T031500Z-set-0001",
    stack="lottery-chatbot",
    source="n8n",
    host="vps-1",
    started="2026-11-24T03:15:00.000000Z",
    taken="2026-11-24T03:15:00.500000Z",
    ended="2026-11-24T03:15:02.000000Z",
    objects=(
        StoredObject("data.tar.zst", 10, "aa", 20, "bb"),
        StoredObject("more.zst.age", 1, "cc", 2, "dd", recipients=("age1x",)),
    ),
    proof={"workflows": {"total": 3}, "text": "ñandú"},
    versions={"tar": "1.34"},
    consistency={"mode": "online", "downtime_seconds": 0.0, "reason": None},
    recovery=("zstd -d data.tar.zst",),
    tolerated=("n8nEventLog.log",),
)


def test_a_manifest_goes_round() -> None:
    again = read_manifest(write_manifest(MANIFEST), "It")
    assert again == MANIFEST
    assert (again.stored_bytes, again.content_bytes) == (11, 22)
    assert again.time == datetime(2026, 11, 24, 3, 15, tzinfo=UTC)
    assert again.object("data.tar").recipients == ()
    assert again.object("more").recipients == again.recipients == ("age1x",)
    with pytest.raises(DamagedError, match="names no object"):
        again.object("other")


def test_one_from_before_there_were_marked_safety_copies_is_none() -> None:
    document = MANIFEST.to_document()
    del document["safety_copy_for"]
    assert read_manifest(seal(document), "It") == MANIFEST


@pytest.mark.parametrize(
    ("stored", "content"),
    [
        (StoredObject("data.tar.zst", 1, "a", 1, "b"), "data.tar"),
        (StoredObject("data.tar.zst.age", 1, "a", 1, "b", recipients=("age1x",)), "data.tar"),
        (StoredObject("data.tar", 1, "a", 1, "b", "none"), "data.tar"),
        (StoredObject("data.tar.age", 1, "a", 1, "b", "none", ("age1x",)), "data.tar"),
    ],
    ids=lambda each: each.name if isinstance(each, StoredObject) else each,
)
def test_what_a_payload_holds(stored: StoredObject, content: str) -> None:
    assert stored.content == content


def test_every_flipped_bit_is_noticed() -> None:
    content = write_manifest(MANIFEST)
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << (position % 8)
        with pytest.raises(DamagedError):
            read_manifest(bytes(flipped), "It")


def test_every_truncation_and_addition_is_noticed() -> None:
    content = write_manifest(MANIFEST)
    for length in range(len(content)):
        with pytest.raises(DamagedError):
            read_manifest(content[:length], "It")
    for extra in (b" ", b"\n", b"{}"):
        with pytest.raises(DamagedError):
            read_manifest(content + extra, "It")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"format": 99}, "has format 99", id="newer format"),
        pytest.param({"objects": [{"name": "x"}]}, "lacks a field", id="object without its fields"),
        pytest.param({"proof": None, "taken": "noon"}, "lacks a field", id="no time"),
        pytest.param({"backup_id": "../../etc"}, "names no backup", id="id that is a path"),
    ],
)
def test_a_sealed_document_that_is_no_manifest_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(DamagedError, match=message):
        read_manifest(seal({**MANIFEST.to_document(), **change}), "It")


def test_a_field_of_a_later_version_is_passed_over() -> None:
    assert read_manifest(seal({**MANIFEST.to_document(), "colour": "blue"}), "It") == MANIFEST


@pytest.mark.parametrize("content", [b"[]\n", b"", b"\xff", b"null"])
def test_what_is_no_object_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedError):
        read_manifest(content, "It")


def test_ids_sort_by_time_and_give_it_back() -> None:
    times = [datetime(2026, 1 + month, 1, 12, tzinfo=UTC) for month in range(12)]
    ids = [new_backup_id("n8n", each) for each in times]
    random.Random(1).shuffle(ids)
    assert [id_time(each) for each in sorted(ids)] == times
    assert all(is_backup_id(each) for each in ids)
    assert is_backup_id(new_set_id(times[0]))
    with pytest.raises(ValueError, match="not a backup id"):
        id_time("latest")


@pytest.mark.parametrize("name", ["..", ".hidden", "a/b", "", "a" * 101, "-x", "a..b"])
def test_unsafe_names(name: str) -> None:
    assert not is_safe_name(name)
    assert is_safe_name("lottery-chatbot_2.0")


def verdict(level: str, day: int, *problems: str) -> Verdict:
    return Verdict("20261124T031500Z-n8n-7f3a", level, f"2026-11-{day:02}T00:00:00.000000Z", problems, 1.5)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        pytest.param([], None, id="never verified"),
        pytest.param([verdict("checksum", 2), verdict("restore", 1)], ("restore", "passed"), id="highest passed"),
        pytest.param(
            [verdict("restore", 1), verdict("checksum", 2, "rot")], ("checksum", "failed"), id="newer failure"
        ),
        pytest.param(
            [verdict("restore", 1, "rot"), verdict("checksum", 2)], ("restore", "failed"), id="lower pass heals not"
        ),
        pytest.param(
            [verdict("checksum", 1, "rot"), verdict("restore", 2)], ("restore", "passed"), id="higher pass heals"
        ),
    ],
)
def test_the_verdict_that_counts(verdicts: list[Verdict], expected: tuple[str, str] | None) -> None:
    counts = standing(verdicts)
    assert (counts and (counts.level, counts.result)) == expected


def test_a_verdict_goes_round_and_notices_changes() -> None:
    given = verdict("restore", 3, "workflows.total is 2, the backup has 3")
    content = write_verdict(given)
    assert read_verdict(content, "It") == given
    assert given.age_seconds(datetime(2026, 11, 4, tzinfo=UTC)) == 86400
    with pytest.raises(DamagedError):
        read_verdict(content.replace(b"2, the", b"3, the"), "It")
    with pytest.raises(DamagedError, match="lacks a field"):
        read_verdict(seal({"level": "restore", "result": "passed"}), "It")
