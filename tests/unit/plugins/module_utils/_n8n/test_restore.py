# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restoring n8n's data folder: beside, proven, swapped; and what is refused before anything is touched."""

from __future__ import annotations

import fcntl
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    ProofError,
    RefusedError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._n8n import beside, extract, target
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.details import details_of
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.quieten import quieten

from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils.made import PLACE

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be changed by root alone")


def listing(folder: pathlib.Path) -> str:
    """Return names, kinds, modes, owners, sizes and times as find prints them, without what a restore leaves out."""
    printed = subprocess.run(
        ["find", ".", "-printf", r"%P %y %m %U %G %Ts %l\n"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    left_out = (" d ", "database.sqlite")
    return "\n".join(sorted(line for line in printed.splitlines() if not any(each in line for each in left_out)))


def content(folder: pathlib.Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith("database.sqlite")
    }


@contextmanager
def untouched(n8n: N8n) -> Iterator[None]:
    """Assert that the body changes nothing in or beside the data folder."""
    before = listing(n8n.folder), content(n8n.folder), sorted(os.listdir(n8n.root))
    yield
    assert (listing(n8n.folder), content(n8n.folder), sorted(os.listdir(n8n.root))) == before


@pytest.mark.parametrize("major", [1, 2])
def test_all_comes_back_as_it_was(made: Callable[..., N8n], major: int) -> None:
    n8n = made(major=major)
    before = listing(n8n.folder), content(n8n.folder)
    n8n.back_up()
    shutil.rmtree(n8n.folder)
    result = n8n.restore()
    assert result["changed"] is True
    assert result["previous"] is None
    assert result["proof"]["equal"] is True
    assert content(n8n.folder) == before[1]
    expected = before[0].replace("config f 644", "config f 600")
    assert listing(n8n.folder) == expected
    if n8n.sample.has_xattr:
        marked = [path for path in n8n.folder.rglob("*") if not path.is_symlink() and os.listxattr(path)]
        assert marked
    with sqlite3.connect(n8n.folder / "database.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM credentials_entity").fetchone() == (8,)
    connection.close()
    assert sorted(os.listdir(n8n.root)) == ["n8n", "repository", "work"]


def test_what_was_there_is_kept_and_a_second_run_changes_nothing(n8n: N8n) -> None:
    n8n.back_up()
    (n8n.folder / "later").write_text("x")
    planned = n8n.restore(check_mode=True)
    assert (planned["changed"], (n8n.folder / "later").exists()) == (True, True)
    done = n8n.restore()
    assert planned["diff"] == done["diff"]
    previous = pathlib.Path(done["previous"])
    assert (previous / "later").read_text() == "x"
    assert not (n8n.folder / "later").exists()
    again = n8n.restore()
    assert (again["changed"], again["previous"], again["proof"]["equal"]) == (False, None, True)
    assert n8n.restore(check_mode=True)["changed"] is False
    (n8n.folder / "later").write_text("y")
    assert n8n.restore(keep_previous=False)["previous"] is None
    assert sorted(os.listdir(n8n.root)) == ["n8n", previous.name, "repository", "work"]


def test_another_content_of_the_same_size_and_second_is_no_restored_backup(n8n: N8n) -> None:
    mark = n8n.folder / "nodes" / "mark"
    mark.write_text("old")
    os.utime(mark, ns=(1_790_000_000_000_000_001, 1_790_000_000_000_000_001))
    n8n.back_up()
    shutil.rmtree(n8n.folder)
    n8n.restore()
    mark.write_text("new")
    os.utime(mark, ns=(1_790_000_000_000_000_002, 1_790_000_000_000_000_002))
    assert n8n.restore()["changed"] is True
    assert mark.read_text() == "old"
    assert n8n.restore()["changed"] is False


@pytest.mark.parametrize("major", [1, 2])
def test_a_quiet_restore_leaves_no_workflow_active_but_those_that_are_named(
    made: Callable[..., N8n], major: int
) -> None:
    n8n = made(major=major)
    database = n8n.folder / "database.sqlite"
    with closing(sqlite3.connect(database)) as there:
        active = there.execute("SELECT id, name FROM workflow_entity WHERE active").fetchall()
    n8n.back_up()
    result = n8n.restore(quiet=True, keep_active=(active[0][1],))
    assert result["proof"]["equal"] is True
    assert result["workflows"]["active"] == [active[0][0]]
    assert sorted([*result["workflows"]["inactive"], active[0][0]]) == sorted(each for each, _name in active)
    with closing(sqlite3.connect(database)) as there:
        assert there.execute("SELECT id FROM workflow_entity WHERE active").fetchall() == [(active[0][0],)]
        hooks = {row[0] for row in there.execute("SELECT workflowId FROM webhook_entity")}
        assert hooks <= {active[0][0]}
        if major == 2:
            published = there.execute("SELECT id FROM workflow_entity WHERE activeVersionId IS NOT NULL").fetchall()
            assert published == [(active[0][0],)]
    assert sorted(each.name for each in n8n.folder.glob("database.sqlite*")) == ["database.sqlite"]
    assert n8n.restore(quiet=True)["changed"] is True


def test_a_workflow_that_is_to_stay_active_must_be_there(n8n: N8n) -> None:
    n8n.back_up()
    with untouched(n8n), pytest.raises(RefusedError, match="no workflow Pedidos"):
        n8n.restore(quiet=True, keep_active=("Pedidos",))


def test_a_database_that_cannot_be_written_stays_as_it_is(tmp_path: pathlib.Path) -> None:
    (tmp_path / "database.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(ToolError, match="Failed to make the workflows"):
        quieten(str(tmp_path / "database.sqlite"), "")


@needs_root
def test_owners_come_back(n8n: N8n) -> None:
    for path in [n8n.folder, *n8n.folder.rglob("*")]:
        os.chown(path, 1000, 1001, follow_symlinks=False)
    n8n.back_up()
    shutil.rmtree(n8n.folder)
    assert n8n.restore()["owners_restored"] is True
    owners = {(os.lstat(path).st_uid, os.lstat(path).st_gid) for path in [n8n.folder, *n8n.folder.rglob("*")]}
    assert owners == {(1000, 1001)}


def test_no_stale_log_survives(n8n: N8n) -> None:
    n8n.back_up()
    (n8n.folder / "later").touch()
    assert (n8n.folder / "database.sqlite-wal").exists()
    n8n.restore()
    assert not list(n8n.folder.glob("database.sqlite-*"))


class TestRefusals:
    def test_a_folder_that_nobody_agreed_to_replace(self, n8n: N8n) -> None:
        n8n.back_up()
        (n8n.folder / "later").touch()
        with untouched(n8n), pytest.raises(RefusedError, match="Say replace: true"):
            n8n.restore(replace=False)

    def test_an_n8n_that_runs(self, n8n: N8n) -> None:
        n8n.back_up()
        with open(n8n.folder / "database.sqlite", "rb") as stream:
            process = subprocess.Popen(["sleep", "60"], stdin=stream)
            with (
                untouched(n8n),
                pytest.raises(RefusedError, match=f"in use by .*process {process.pid}.*Stop n8n first"),
            ):
                n8n.restore()
            assert n8n.restore(check_mode=True)["changed"] is True
            process.kill()
            process.wait()

    def test_an_n8n_that_runs_on_what_the_backup_holds_is_not_in_the_way(self, n8n: N8n) -> None:
        n8n.back_up()
        n8n.restore()
        with (
            open(n8n.folder / "database.sqlite", "rb") as stream,
            subprocess.Popen(["sleep", "60"], stdin=stream) as process,
        ):
            assert n8n.restore()["changed"] is False
            process.kill()

    def test_the_wrong_key(self, n8n: N8n) -> None:
        n8n.back_up()
        with untouched(n8n), pytest.raises(RefusedError, match="is not that of backup"):
            n8n.restore(encryption_key="another")

    def test_no_key_where_the_backup_holds_none(self, n8n: N8n) -> None:
        (n8n.folder / "config").unlink()
        n8n.back_up(encryption_key=n8n.sample.encryption_key)
        (n8n.folder / "later").touch()
        with untouched(n8n), pytest.raises(RefusedError, match="does not hold its encryption key"):
            n8n.restore()
        assert n8n.restore(encryption_key=n8n.sample.encryption_key)["proof"]["equal"] is True

    @pytest.mark.parametrize(
        ("runs", "refused"), [("1.123.81", True), ("2.40.7", True), ("v2.41.1", False), ("3.0", False)]
    )
    def test_an_older_version(self, n8n: N8n, runs: str, refused: bool) -> None:
        n8n.back_up(n8n_version="2.41.1")
        (n8n.folder / "later").touch()
        if not refused:
            assert n8n.restore(n8n_version=runs)["changed"] is True
            return
        with (
            untouched(n8n),
            pytest.raises(RefusedError, match=r"made with n8n 2\.41\.1, the target runs.*allow_older_n8n"),
        ):
            n8n.restore(n8n_version=runs)
        assert n8n.restore(n8n_version=runs, allow_older_n8n=True)["changed"] is True

    def test_a_version_that_is_none(self, n8n: N8n) -> None:
        n8n.back_up(n8n_version="2.41.1")
        (n8n.folder / "later").touch()
        with pytest.raises(RefusedError, match="no version of n8n"):
            n8n.restore(n8n_version="latest")

    def test_a_folder_without_its_database_gets_no_empty_one(self, n8n: N8n) -> None:
        n8n.back_up(n8n_version="2.41.1")
        for path in n8n.folder.glob("database.sqlite*"):
            path.unlink()
        with pytest.raises(RefusedError, match="allow_older_n8n"):
            n8n.restore(n8n_version="1.0.0")
        assert not (n8n.folder / "database.sqlite").exists()

    def test_a_target_whose_n8n_is_older_by_its_own_migrations(self, n8n: N8n) -> None:
        n8n.back_up()
        with sqlite3.connect(n8n.folder / "database.sqlite") as connection:
            newest = "SELECT max(timestamp) FROM migrations"
            connection.execute(f"DELETE FROM migrations WHERE timestamp = ({newest})")
        connection.close()
        with pytest.raises(RefusedError, match="so that its n8n is older"):
            n8n.restore()
        assert n8n.restore(allow_older_n8n=True)["changed"] is True

    def test_a_target_that_cannot_be_read_any_more_is_what_backups_are_for(self, n8n: N8n) -> None:
        n8n.back_up()
        for path in n8n.folder.glob("database.sqlite*"):
            path.write_bytes(os.urandom(8192))
        assert n8n.restore()["proof"]["equal"] is True

    def test_places_that_cannot_be_exchanged(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        n8n.back_up()
        (n8n.root / "link").symlink_to("n8n")
        (n8n.root / "file").touch()
        for path, reason in (
            (n8n.root / "link", "symbolic link"),
            (n8n.root / "file", "it is no folder"),
            (n8n.root / "missing" / "n8n", "there is no folder"),
        ):
            with pytest.raises(RefusedError, match=reason):
                n8n.restore(path=str(path))
        monkeypatch.setattr(target, "mounted_within", lambda path, _table: [path])
        with pytest.raises(RefusedError, match="a file system is mounted"):
            n8n.restore()

    def test_a_parent_that_cannot_be_written_to(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        n8n.back_up()
        (n8n.folder / "later").touch()
        monkeypatch.setattr(os, "access", lambda *_arguments: False)
        with untouched(n8n), pytest.raises(RefusedError, match="may not write to"):
            n8n.restore()

    def test_another_restore_at_work(self, n8n: N8n) -> None:
        n8n.back_up()
        (n8n.folder / "later").touch()
        descriptor = os.open(n8n.root, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with untouched(n8n), pytest.raises(BusyError, match="Another restore is at work"):
            n8n.restore()
        os.close(descriptor)

    def test_a_file_system_without_exchange(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        n8n.back_up()
        (n8n.folder / "later").touch()

        def cannot(one: str, other: str) -> None:
            raise OpsError(
                f"Failed to swap {one} and {other}: their file system cannot exchange two folders in one step."
            )

        monkeypatch.setattr(beside, "exchange", cannot)
        with untouched(n8n), pytest.raises(OpsError, match="cannot exchange"):
            n8n.restore()

    def test_a_damaged_payload(self, n8n: N8n) -> None:
        payload = pathlib.Path(n8n.repository.title, str(PLACE), n8n.back_up()["backup_id"], "data.tar.zst")
        stored = bytearray(payload.read_bytes())
        stored[len(stored) // 2] ^= 1
        payload.write_bytes(stored)
        (n8n.folder / "later").touch()
        with untouched(n8n), pytest.raises(DamagedError, match="is damaged"):
            n8n.restore()

    def test_a_damaged_payload_that_still_decodes(self, n8n: N8n) -> None:
        payload = pathlib.Path(n8n.repository.title, str(PLACE), n8n.back_up()["backup_id"], "data.tar.zst")
        other = subprocess.run(["zstd"], input=b"no header " * 100, capture_output=True, check=True).stdout
        skipped = payload.stat().st_size - len(other) - 8  # by a frame that decoders skip, so that the size is the same
        payload.write_bytes(other + struct.pack("<II", 0x184D2A50, skipped) + bytes(skipped))
        (n8n.folder / "later").touch()
        with untouched(n8n), pytest.raises(DamagedError, match=r"is damaged: its payload .* is not what was"):
            n8n.restore()

    def test_another_content_than_claimed(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        n8n.back_up()
        (n8n.folder / "later").touch()
        monkeypatch.setattr(
            extract, "differences", lambda *_arguments: iter(["workflows.total is 2, the backup has 3"])
        )
        with untouched(n8n), pytest.raises(ProofError, match=r"workflows\.total is 2"):
            n8n.restore()

    def test_an_archive_with_what_would_harm_the_next_start(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        n8n.back_up()
        monkeypatch.setattr(extract, "RUNNING", "config")
        with pytest.raises(DamagedError, match="would harm the n8n that finds it"):
            n8n.restore(path=str(n8n.root / "new"))

    def test_a_manifest_of_something_else(self, n8n: N8n) -> None:
        n8n.back_up()
        manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
        with pytest.raises(DamagedError, match="none of an n8n backup"):
            details_of(replace(manifest, details={}))

    def test_a_disk_that_tar_cannot_write_to(self) -> None:
        watch = extract._Watch()
        watch.see("tar: ./x: Cannot write: No space left on device")
        assert watch.judge(2, "") == "exit status 2"
        watch = extract._Watch()
        watch.see("tar: setxattrat: Cannot set 'user.x' extended attribute for file './e': Operation not supported")
        watch.see("tar: Exiting with failure status due to previous errors")
        assert watch.judge(0, "") is None
        assert len(watch.losses) == 1


class TestLeftovers:
    """What a kill leaves beside the target, and what the next run makes of it."""

    def test_new_content_that_was_not_swapped_is_removed(self, n8n: N8n) -> None:
        n8n.back_up()
        made = n8n.root / ".n8n.making-x"
        made.mkdir()
        built = n8n.root / f".n8n.restore-20261124T031500Z-n8n-7f3a-{made.stat().st_ino}"
        made.rename(built)
        (n8n.root / ".n8n.making-y").mkdir()
        (n8n.root / ".n8n.discard-1").mkdir()
        (n8n.folder / "later").touch()
        n8n.restore(keep_previous=False)
        assert sorted(os.listdir(n8n.root)) == ["n8n", "repository", "work"]

    def test_old_content_that_was_swapped_becomes_the_safety_copy(self, n8n: N8n) -> None:
        n8n.back_up()
        old = n8n.root / ".n8n.restore-20261124T031500Z-n8n-7f3a-1"
        old.mkdir()
        (old / "precious").touch()
        n8n.restore()
        (previous,) = n8n.root.glob("n8n.previous-*/precious")
        assert previous.exists()


def test_a_restore_of_an_unrecoverable_backup_compares_what_it_can(n8n: N8n) -> None:
    config = (n8n.folder / "config").read_text()
    (n8n.folder / "config").write_text('{"encryptionKey": "wrong"}')
    backup_id = n8n.back_up(allow_unrecoverable=True)["backup_id"]
    (n8n.folder / "later").touch()
    assert n8n.restore(Choice(backup_id))["proof"]["equal"] is True
    (n8n.folder / "config").write_text(config)
