# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backing up n8n's data folder: what gets into it, what is refused, what is tolerated."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._n8n import source as source_module
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.archive import Archive
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.key import given_key
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.mounts import Mount

from tests.support.n8n_writer import N8nWriter, Pace
from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils.made import PLACE

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="owners can be changed by root alone")


def payload_of(n8n: N8n, result: dict[str, Any]) -> pathlib.Path:
    return pathlib.Path(n8n.repository.title, str(PLACE), result["backup_id"], "data.tar.zst")


def names_in(payload: pathlib.Path) -> list[str]:
    listed = subprocess.run(["tar", "--zstd", "-tf", payload], capture_output=True, text=True, check=True)
    return [name.removeprefix("./") for name in listed.stdout.splitlines()]


def unpacked(payload: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir()
    subprocess.run(["tar", "--zstd", "-xpf", payload, "-C", folder], check=True)
    return folder


@pytest.mark.parametrize("major", [1, 2])
def test_it_opens_with_tar_and_zstd_alone_and_holds_all(
    made: Callable[..., N8n], major: int, tmp_path: pathlib.Path
) -> None:
    n8n = made(major=major, running=True)
    with sqlite3.connect(n8n.folder / "database.sqlite") as connection:
        rows = connection.execute("SELECT count(*) FROM execution_entity").fetchone()[0]
    connection.close()
    result = n8n.back_up(n8n_version="2.41.1")
    names = names_in(payload_of(n8n, result))
    assert names[:3] == ["", "config", "database.sqlite"]
    assert not {"crash.journal", "database.sqlite-wal", "database.sqlite-shm"} & set(names)
    copy = unpacked(payload_of(n8n, result), tmp_path / "copy")
    with sqlite3.connect(copy / "database.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM execution_entity").fetchone()[0] == rows
    connection.close()
    proof = result["manifest"]["proof"]
    assert proof["database"]["executions"]["count"] == rows
    assert proof["database"]["credentials"] == {"total": 8, "decryptable": 8}
    assert proof["files"]["count"] == sum(
        path.is_file() and not path.is_symlink() and path.suffix != ".log" for path in copy.rglob("*")
    )
    assert result["manifest"]["versions"]["n8n"] == "2.41.1"
    assert result["manifest"]["details"]["journal_mode"] == {1: "delete", 2: "wal"}[major]


@pytest.mark.parametrize("major", [1, 2])
def test_it_is_whole_while_n8n_writes(made: Callable[..., N8n], major: int, tmp_path: pathlib.Path) -> None:
    n8n = made(major=major)
    with N8nWriter(
        n8n.folder, tmp_path / "state.json", Pace(shortest=0.001, longest=0.02, keep=60, buffer=0.1)
    ) as writer:
        results = [n8n.back_up() for _number in range(5)]
        assert writer.state.failed == 0
    for number, result in enumerate(results):
        copy = unpacked(payload_of(n8n, result), tmp_path / f"copy{number}")
        with sqlite3.connect(copy / "database.sqlite") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            orphans = "SELECT count(*) FROM execution_data WHERE executionId NOT IN (SELECT id FROM execution_entity)"
            assert connection.execute(orphans).fetchone() == (0,)
        connection.close()


@needs_root
def test_it_copies_as_the_databases_owner_below_a_folder_that_the_owner_cannot_enter(
    made: Callable[..., N8n], tmp_path: pathlib.Path
) -> None:
    n8n = made()
    for path in [n8n.folder, *n8n.folder.rglob("*")]:
        os.chown(path, 1000, 1000, follow_symlinks=False)
    tmp_path.chmod(0o710)
    result = n8n.back_up()
    assert {os.lstat(path).st_uid for path in n8n.folder.rglob("*")} == {1000}
    copy = unpacked(payload_of(n8n, result), tmp_path / "copy")
    assert {os.lstat(path).st_uid for path in copy.rglob("*")} == {1000}


class TestKey:
    def test_a_key_from_the_environment_is_used_and_not_kept(self, n8n: N8n) -> None:
        (n8n.folder / "config").unlink()
        with pytest.raises(RefusedError, match=r"no encryption key.*Give the key that n8n runs with"):
            n8n.back_up()
        result = n8n.back_up(encryption_key=n8n.sample.encryption_key)
        assert result["manifest"]["details"]["key_in_backup"] is False
        assert n8n.sample.encryption_key not in json.dumps(result)

    def test_two_keys_are_refused_as_n8n_does(self, n8n: N8n) -> None:
        with pytest.raises(RefusedError, match="refuses to start with two"):
            n8n.back_up(encryption_key="another")

    def test_a_key_that_opens_nothing_is_refused_or_marked(self, n8n: N8n) -> None:
        (n8n.folder / "config").write_text('{"encryptionKey": "wrong"}')
        with pytest.raises(RefusedError, match=r"does not open 8 of 8 credentials.*unrecoverable: allow"):
            n8n.back_up()
        assert n8n.repository.entries(PLACE) == []
        result = n8n.back_up(allow_unrecoverable=True)
        assert "does not open 8 of 8" in result["manifest"]["unrecoverable"]
        assert not n8n.repository.entries(PLACE)[0].good

    @pytest.mark.parametrize("content", ["[]", "{", "\udcff"])
    def test_a_config_that_is_none_is_told(self, n8n: N8n, content: str) -> None:
        (n8n.folder / "config").write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(RefusedError, match="it is no JSON object"):
            n8n.back_up()

    def test_a_key_from_a_file_is_trimmed_as_n8n_does(self, n8n: N8n) -> None:
        path = n8n.root / "key"
        path.write_text(f"{n8n.sample.encryption_key}\n")
        assert given_key({"encryption_key": None, "encryption_key_file": str(path)}) == n8n.sample.encryption_key
        assert given_key({"encryption_key": "", "encryption_key_file": None}) is None
        assert given_key({"encryption_key": "k", "encryption_key_file": None}) == "k"

    @pytest.mark.parametrize(
        ("content", "reason"), [(None, "No such file"), (b" \n", "the file is empty"), (b"\xff", "it is no text")]
    )
    def test_a_key_file_that_gives_none_is_told(self, n8n: N8n, content: bytes | None, reason: str) -> None:
        path = n8n.root / "key"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(RefusedError, match=reason):
            given_key({"encryption_key": None, "encryption_key_file": str(path)})


class TestRefusals:
    def test_no_folder(self, n8n: N8n) -> None:
        with pytest.raises(RefusedError, match="There is no folder"):
            n8n.back_up(path=str(n8n.root / "missing"))

    def test_a_folder_of_something_else(self, n8n: N8n) -> None:
        (n8n.root / "empty").mkdir()
        with pytest.raises(RefusedError, match="it is no data folder of n8n"):
            n8n.back_up(path=str(n8n.root / "empty"))

    def test_a_database_of_another_name_has_to_be_named(self, n8n: N8n) -> None:
        for suffix in ("", "-wal", "-shm"):
            (n8n.folder / f"database.sqlite{suffix}").rename(n8n.folder / f"mine.sqlite{suffix}")
        with pytest.raises(RefusedError, match=r"but mine\.sqlite\. Name n8n's as database_file"):
            n8n.back_up()
        assert n8n.back_up(database_file="mine.sqlite")["changed"] is True

    @pytest.mark.parametrize("name", ["/etc/passwd", "../x.sqlite", "."])
    def test_a_database_outside_of_the_folder(self, n8n: N8n, name: str) -> None:
        with pytest.raises(RefusedError, match="no file inside the data folder"):
            n8n.back_up(database_file=name)

    def test_a_database_of_something_else(self, n8n: N8n) -> None:
        for path in n8n.folder.glob("database.sqlite*"):
            path.unlink()
        sqlite3.connect(n8n.folder / "database.sqlite").execute("CREATE TABLE t (x)").connection.close()
        with pytest.raises(RefusedError, match="holds no tables of n8n"):
            n8n.back_up()

    def test_a_damaged_database(self, n8n: N8n) -> None:
        sqlite3.connect(n8n.folder / "database.sqlite").execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
        with open(n8n.folder / "database.sqlite", "r+b") as stream:
            stream.seek(4096 * 12)
            stream.write(os.urandom(4096 * 40))
        with pytest.raises((RefusedError, ToolError), match="is damaged"):
            n8n.back_up()
        assert n8n.repository.entries(PLACE) == []
        assert os.listdir(n8n.root / "work") == []

    def test_a_database_that_is_a_link(self, n8n: N8n) -> None:
        (n8n.folder / "database.sqlite").rename(n8n.root / "elsewhere.sqlite")
        (n8n.folder / "database.sqlite").symlink_to(n8n.root / "elsewhere.sqlite")
        with pytest.raises(RefusedError, match="is no regular file"):
            n8n.back_up()

    def test_a_work_folder_without_room(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source_module, "_ROOM_FOR_LISTS", 1 << 60)
        with pytest.raises(RefusedError, match="Not enough space"):
            n8n.back_up()

    def test_a_running_n8n_where_locks_cannot_be_relied_on(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(source_module, "mounts", lambda: [Mount("/", "nfs4")])
        assert n8n.back_up()["changed"] is True
        (n8n.folder / "crash.journal").touch()
        with pytest.raises(RefusedError, match="file system of type nfs4"):
            n8n.back_up()

    def test_a_database_that_stays_locked(self, made: Callable[..., N8n], monkeypatch: pytest.MonkeyPatch) -> None:
        from ansible_collections.chatbot.ops.plugins.module_utils._n8n import database as database_module

        monkeypatch.setattr(database_module, "_PATIENCE", 0.2)
        n8n = made(major=1)
        holder = sqlite3.connect(n8n.folder / "database.sqlite", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ToolError, match="locked"):
            n8n.back_up()
        holder.close()


def test_an_n8n_that_began_anew_on_an_empty_volume_is_not_backed_up(n8n: N8n) -> None:
    def empty(table: str) -> None:
        with closing(sqlite3.connect(n8n.folder / "database.sqlite", isolation_level=None)) as database:
            database.execute(f"DELETE FROM {table}")

    empty("credentials_entity")
    n8n.back_up()
    empty("workflow_entity")
    with pytest.raises(RefusedError, match="holds no workflow and no credential"):
        n8n.back_up()


def test_an_n8n_on_postgresql_still_has_its_key_and_files_here(n8n: N8n) -> None:
    for path in n8n.folder.glob("database.sqlite*"):
        path.unlink()
    result = n8n.back_up()
    assert result["manifest"]["proof"]["database"] is None
    assert result["manifest"]["proof"]["files"]["count"] > 0
    assert "config" in names_in(payload_of(n8n, result))


class TestFilesThatChange:
    """What happens to a file between the look at the folder and tar's turn."""

    def disturbed(self, monkeypatch: pytest.MonkeyPatch, action: Callable[[], object], times: int = 1) -> None:
        scan, left = Archive.scan, [times]

        def scan_then_act(archive: Any) -> None:
            scan(archive)
            if left[0] > 0:
                left[0] -= 1
                action()

        monkeypatch.setattr(Archive, "scan", scan_then_act)
        monkeypatch.setattr(source_module, "_PAUSES", (0.0, 0.0, 0.0))

    def test_a_log_may(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        self.disturbed(monkeypatch, (n8n.folder / "n8nEventLog-1.log").unlink)
        assert n8n.back_up()["manifest"]["tolerated"] == ["n8nEventLog-1.log"]

    def test_any_other_makes_it_try_again(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        package = n8n.folder / "nodes" / "package.json"
        self.disturbed(monkeypatch, lambda: package.write_text('{"changed": true}'))
        result = n8n.back_up()
        assert result["manifest"]["tolerated"] == []
        shutil.rmtree(n8n.folder)
        n8n.restore()
        assert json.loads(package.read_text()) == {"changed": True}

    def test_one_that_never_rests_is_told(self, n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
        numbers = iter(range(9))
        package = n8n.folder / "nodes" / "package.json"
        self.disturbed(monkeypatch, lambda: package.write_text("x" * (1 + next(numbers))), times=3)
        with pytest.raises(ToolError, match=r"changed each time while they were read: nodes/package\.json"):
            n8n.back_up()
        assert n8n.repository.entries(PLACE) == []

    def test_one_that_vanishes_for_good_is_left_out_of_the_next_attempt(
        self, n8n: N8n, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.disturbed(monkeypatch, lambda: shutil.rmtree(n8n.folder / "custom"))
        assert "custom/" not in names_in(payload_of(n8n, n8n.back_up()))


def test_a_file_that_cannot_be_read_is_a_failure(n8n: N8n) -> None:
    from ansible_collections.chatbot.ops.plugins.module_utils._n8n import archive as archive_module

    watch = archive_module._Watch(str(n8n.folder), lambda _path: True)
    watch.see("tar: ./nodes/x: Cannot open: Permission denied")
    watch.see("tar: Exiting with failure status due to previous errors")
    assert watch.judge(2, "") == "exit status 2"
    assert archive_module._Watch(str(n8n.folder), lambda _path: True).judge(0, "") is None
