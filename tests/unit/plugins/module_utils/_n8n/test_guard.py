# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile archives: each is refused before tar sees what is wrong with it."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest, write_manifest
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.guard import Guard
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import extract_archive

from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils.made import PLACE


def member(
    name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644, **more: Any
) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, target, mode
    for key, value in more.items():
        setattr(made, key, value)
    return made


def archive_of(*members: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for each in members:
            archive.addfile(each, io.BytesIO(b"x" * each.size))
    return buffer.getvalue()


def judged(content: bytes, step: int, **more: Any) -> bytes:
    """Return what the guard lets pass."""
    guard, passed = Guard("It", **{"members": 100, **more}), bytearray()
    for start in range(0, len(content), step):
        chunk = content[start : start + step]
        guard.see(chunk)
        passed += chunk
    return bytes(passed)


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
HOSTILE = {
    "absolute": ([member("/etc/cron.d/x")], "leads out of its folder"),
    "upwards": ([member("./a/../../x")], "leads out of its folder"),
    "upwards, long": ([member("./" + "a/" * 80 + "../" * 81 + "x")], "leads out of its folder"),
    "link out": ([member("./a", LINK, "/etc")], "lies outside its folder"),
    "link upwards": ([member("./b/a", LINK, "../../etc")], "lies outside its folder"),
    "through a link": ([member("./b", LINK, "c"), member("./b/x")], "behind a link"),
    "over a link": ([member("./b", LINK, "c"), member("./b")], "behind a link"),
    "hard link out": ([member("./a", HARD, "/etc/shadow")], "lies outside its folder"),
    "hard link upwards": ([member("./a", HARD, "../x")], "lies outside its folder"),
    "hard link through a link": ([member("./b", LINK, "c"), member("./a", HARD, "b/x")], "lies outside its folder"),
    "character device": ([member("./null", tarfile.CHRTYPE)], "neither file nor folder nor link"),
    "block device": ([member("./sda", tarfile.BLKTYPE)], "neither file nor folder nor link"),
    "pipe": ([member("./pipe", tarfile.FIFOTYPE)], "neither file nor folder nor link"),
    "setuid": ([member("./sh", mode=0o4755)], "run as its owner"),
    "setgid": ([member("./sh", mode=0o2755)], "run as its owner"),
    "sparse": ([member("./s", pax_headers={"GNU.sparse.major": "1"})], "holes"),
    "too many": ([member(f"./{number}") for number in range(101)], "more members than were written"),
}


@pytest.mark.parametrize("step", [1, 512, 1 << 20])
@pytest.mark.parametrize("what", HOSTILE)
def test_what_no_backup_holds_is_refused(what: str, step: int) -> None:
    members, problem = HOSTILE[what]
    with pytest.raises(DamagedError, match=problem):
        judged(archive_of(member("./good", size=700), *members), step)


def test_what_comes_behind_the_end_is_judged_too() -> None:
    with pytest.raises(DamagedError, match="leads out"):
        judged(archive_of(member("./good")) + archive_of(member("../bad")), 4096)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        pytest.param(b"no archive at all".ljust(1024, b"!"), "a header that is none", id="no archive"),
        pytest.param(archive_of(member("./" + "a" * 200), form=tarfile.GNU_FORMAT), "neither file", id="other format"),
    ],
)
def test_what_is_no_archive_of_ours(content: bytes, problem: str) -> None:
    with pytest.raises(DamagedError, match=problem):
        judged(content, 512)


@pytest.mark.parametrize("step", [1, 300, 512, 1 << 20])
def test_what_backups_hold_passes_unchanged(step: int) -> None:
    content = archive_of(
        member("./", tarfile.DIRTYPE, mode=0o755),
        member("./" + "long/" * 60 + "ñandú", size=1025),
        member("./nodes/.bin/x", LINK, "../x/cli.js"),
        member("./same", HARD, "./" + "long/" * 60 + "ñandú"),
        member("./data", LINK, "/mnt/data"),
        member("./..hidden", size=1),
    )
    assert judged(content, step, links_out=["data"]) == content


def swap(manifest: Manifest, content: bytes, repository: str) -> None:
    """Put another archive into the place of the backup's, with a manifest that claims it: what a thief would do."""
    payload = subprocess.run(["zstd", "-qc"], input=content, capture_output=True, check=True).stdout
    stored = replace(
        manifest.objects[0],
        stored_bytes=len(payload),
        stored_sha256=hashlib.sha256(payload).hexdigest(),
        content_bytes=len(content),
        content_sha256=hashlib.sha256(content).hexdigest(),
    )
    folder = pathlib.Path(repository, str(PLACE), manifest.backup_id)
    (folder / stored.name).write_bytes(payload)
    claimed = replace(manifest, objects=(stored,), details={**manifest.details, "members": 1000})
    (folder / "manifest.json").write_bytes(write_manifest(claimed))


def spoiled(outside: pathlib.Path) -> Iterator[tuple[str, list[tarfile.TarInfo]]]:
    """Yield what would end outside, each by another way."""
    yield "absolute", [member(f"{outside}/absolute", size=1)]
    yield "upwards", [member("../outside/upwards", size=1)]
    yield "link", [member("./door", LINK, str(outside)), member("./door/link", size=1)]
    yield "hard link", [member("./door", HARD, f"{outside}/victim"), member("./door", size=1)]


def names(n8n: N8n) -> list[str]:
    """Return what lies in the data folder, but for what SQLite keeps beside its database and removes."""
    return sorted(each for each in os.listdir(n8n.folder) if not each.startswith("database.sqlite-"))


def test_nothing_lands_outside_and_nothing_is_replaced(n8n: N8n, tmp_path: pathlib.Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim").write_text("as it was")
    n8n.back_up()
    manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
    before = names(n8n)
    for _way, members in spoiled(outside):
        swap(manifest, archive_of(*members), n8n.repository.title)
        (n8n.folder / "database.sqlite").write_bytes(b"")  # else there would be nothing to do
        with pytest.raises(DamagedError, match="none of ours"):
            n8n.restore()
        assert [each.name for each in outside.iterdir()] == ["victim"]
        assert (outside / "victim").read_text() == "as it was"
        assert names(n8n) == before


def test_tar_alone_would_have_let_some_of_it_pass(tmp_path: pathlib.Path) -> None:
    """The guard is there for a reason: what runs as its owner, tar restores without a word."""
    content = archive_of(member("./sh", mode=0o4755, uid=os.geteuid(), gid=os.getegid()))
    subprocess.run(extract_archive(str(tmp_path)).argv, input=content, check=True)
    assert (tmp_path / "sh").stat().st_mode & 0o4000


def test_a_link_out_is_kept_and_told(made: Callable[..., N8n], tmp_path: pathlib.Path) -> None:
    n8n = made()
    (n8n.folder / "elsewhere").symlink_to(tmp_path / "data")
    (n8n.folder / "setuid").write_text("#!/bin/sh\n")
    (n8n.folder / "setuid").chmod(0o4755)
    manifest = n8n.back_up()["manifest"]
    assert manifest["details"]["links_out"] == ["elsewhere"]
    (n8n.folder / "elsewhere").unlink()
    assert n8n.restore()["proof"]["equal"] is True
    assert os.readlink(n8n.folder / "elsewhere") == str(tmp_path / "data")
    assert (n8n.folder / "setuid").stat().st_mode & 0o7777 == 0o755
    assert n8n.restore()["changed"] is False
