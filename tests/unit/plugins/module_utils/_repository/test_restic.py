# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The restic backend, with a real restic; what it keeps is looked at by restic itself."""

from __future__ import annotations

import os
import pathlib
import stat
import subprocess
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.copy import CopyRequest, copy_backups
from ansible_collections.chatbot.ops.plugins.module_utils._backup.prune import Wanted, prune_backups
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, Fetcher, Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.ids import new_set_id
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.restic import ResticRepository
from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules

from tests.support.restic_store import ResticStore
from tests.unit.plugins.module_utils.made import PLACE, TextSource, backed_up, made_manifest, put_backup

NEW_ID = "20261124T031500Z-n8n-0000"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def store(tmp_path: pathlib.Path) -> ResticStore:
    return ResticStore.made(tmp_path / "restic")


@pytest.fixture
def opened(store: ResticStore) -> Callable[..., ResticRepository]:
    def open_it(warn: Callable[[str], object] = pytest.fail, **more: Any) -> ResticRepository:
        repository = open_repository(store.parameters(**more), warn)
        assert isinstance(repository, ResticRepository)
        return repository

    return open_it


def test_the_life_of_a_backup(store: ResticStore, opened: Callable[..., ResticRepository]) -> None:
    """Taken, listed (again without asking restic for what is known), read, verified, found bad, removed."""
    first = backed_up(opened(), "hola")
    (entry,) = opened().entries(PLACE)
    assert (entry.backup_id, entry.good) == (first, True)
    assert entry.manifest is not None
    assert (entry.manifest.objects[0].compression, entry.manifest.objects[0].content) == ("none", "text")
    out = bytearray()
    Fetcher(opened(), entry.manifest).decode("text", sink=out.extend)
    assert out == b"hola"
    assert store.names() == ["RECOVERY.md", "RECUPERACION.md", "manifest.json", "text"]

    for problems in ((), ("rot",)):
        opened().write_verdict(PLACE, Verdict(first, "checksum", to_iso(now()), problems, 0.1))
    (entry,) = opened().entries(PLACE)
    assert [each.result for each in entry.verdicts] == ["failed"]
    assert store.names().count("verdict.checksum.json") == 1

    with opened().lease(PLACE), pytest.raises(BusyError, match=str(os.getpid())), opened().lease(PLACE):
        pass
    assert opened().remove(PLACE, first, touch=False).gone
    assert opened().remove(PLACE, first).gone
    assert opened().entries(PLACE) == []
    assert store.names() == ["RECOVERY.md", "RECUPERACION.md"]


def test_what_failed_is_forgotten(store: ResticStore, opened: Callable[..., ResticRepository]) -> None:
    with pytest.raises(ToolError, match="exit status 3"):
        backed_up(opened(), command="echo some; exit 3")
    assert store.snapshots() == []
    with opened().upload(PLACE, NEW_ID) as upload:
        TextSource().copy(Packer(upload, Encoding(level=None)))
        assert store.names() == ["text"]  # and no commit follows
    assert store.snapshots() == []


def test_an_upload_without_an_end_is_an_orphan(store: ResticStore, opened: Callable[..., ResticRepository]) -> None:
    """As a killed run leaves it; what others keep in the repository is none of ours."""
    tags = f"chatbot.ops,stack={PLACE.stack},source={PLACE.source},id={NEW_ID},name=text"
    store.run("backup", "--tag", tags, __file__)
    store.run("backup", "--tag", "mine", __file__)
    assert opened().entries(PLACE) == []
    assert (opened().strays(PLACE).orphans, opened().strays(PLACE).foreign) == ((NEW_ID,), ())
    assert opened().remove(PLACE, NEW_ID).gone
    assert [each["tags"] for each in store.snapshots()] == [["mine"]]


def test_another_content_than_was_written_is_no_success(opened: Callable[..., ResticRepository]) -> None:
    repository = opened()
    with repository.upload(PLACE, NEW_ID) as upload:
        copied = TextSource("hola").copy(Packer(upload, Encoding(level=None)))
        with upload.put("text") as write:
            write(b"adios")
        with pytest.raises(DamagedError, match="does not give back"):
            upload.commit(made_manifest(copied, NEW_ID))
    assert repository.entries(PLACE) == []


def test_with_the_checksum_no_payload_is_read(
    opened: Callable[..., ResticRepository], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, dump = [], Restic.dump

    def dumped(restic: Restic, snapshot: Any) -> Any:
        read.append(snapshot.label.name)
        return dump(restic, snapshot)

    monkeypatch.setattr(Restic, "dump", dumped)
    backed_up(opened(read_back="checksum"))
    assert set(read) == {"manifest.json"}


def test_a_prune_gives_the_space_back(store: ResticStore, opened: Callable[..., ResticRepository]) -> None:
    old, new = now() - timedelta(days=3), now()
    put_backup(opened(), old, set_id=new_set_id(old), text=os.urandom(50_000).hex())
    newest = put_backup(opened(), new, set_id=new_set_id(new), text=os.urandom(50_000).hex())
    opened().write_verdict(PLACE, Verdict(newest, "structure", to_iso(now()), (), 0.1))
    before = size_of(store)
    result = pruned_by(opened())
    assert len(result["removed"]) == 1
    assert [each.backup_id for each in opened().entries(PLACE)] == [newest]
    assert size_of(store) < before * 0.7


def size_of(store: ResticStore) -> int:
    return sum(path.stat().st_size for path in (store.path / "data").rglob("*") if path.is_file())


def pruned_by(repository: ResticRepository, *, check_mode: bool = False) -> dict[str, Any]:
    return prune_backups(repository, PLACE.stack, Wanted(Rules(keep_last=1), UTC, 50, check_mode), pytest.fail)


def test_what_was_removed_gives_its_space_back_though_the_run_was_cut_off(
    store: ResticStore, opened: Callable[..., ResticRepository], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run has nothing to remove, and does it; those after it have nothing to do."""
    pruned: list[bool] = []
    prune = Restic.prune

    def cut_off(_restic: Restic) -> None:
        raise BusyError("somebody else is at work on it")

    def counted(restic: Restic) -> None:
        pruned.append(True)
        prune(restic)

    ids = [put_backup(opened(), now() - timedelta(days=number), text=os.urandom(50_000).hex()) for number in (3, 0)]
    opened().write_verdict(PLACE, Verdict(ids[1], "structure", to_iso(now()), (), 0.1))
    before = size_of(store)
    monkeypatch.setattr(Restic, "prune", cut_off)
    with pytest.raises(BusyError):
        pruned_by(opened())
    assert [each.backup_id for each in opened().entries(PLACE)] == ids[1:]
    monkeypatch.setattr(Restic, "prune", counted)
    assert (pruned_by(opened(), check_mode=True)["changed"], pruned) == (False, [])
    assert (pruned_by(opened())["changed"], pruned) == (False, [True])
    assert size_of(store) < before * 0.7
    assert (pruned_by(opened())["changed"], pruned) == (False, [True])


def test_what_may_not_be_removed_leaves_no_space_to_give_back(
    opened: Callable[..., ResticRepository], monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_arguments: object) -> None:
        raise RepositoryError("403 Forbidden")

    backup_id = backed_up(opened())
    monkeypatch.setattr(Restic, "forget", denied)
    monkeypatch.setattr(Restic, "prune", pytest.fail)
    repository = opened()
    assert repository.remove(PLACE, backup_id).gone is False
    repository.reclaim()


def test_the_lock_of_a_killed_run_is_in_nobodys_way(
    store: ResticStore, opened: Callable[..., ResticRepository]
) -> None:
    backup_id = backed_up(opened())
    with subprocess.Popen(
        [store.program, "check", "--read-data"], env=store.environment, stdout=subprocess.DEVNULL
    ) as run:
        while not any(len(path.name) == 64 for path in (store.path / "locks").iterdir()):
            assert run.poll() is None, "it ended before it was killed"
        run.kill()
    assert [each.backup_id for each in opened().entries(PLACE)] == [backup_id]


class TestRefusals:
    def test_a_missing_repository(self, tmp_path: pathlib.Path) -> None:
        repository = open_repository(ResticStore(tmp_path / "none").parameters(), pytest.fail)
        with pytest.raises(RepositoryError, match="restic init"):
            repository.entries(PLACE)

    def test_another_password(self, opened: Callable[..., ResticRepository]) -> None:
        with pytest.raises(RefusedError, match="its password is another one") as refused:
            opened(password="a wrong one").entries(PLACE)
        assert "a wrong one" not in refused.value.message

    @pytest.mark.parametrize("more", [{"as_of": "2026-11-24"}, {"object_lock_days": 7}])
    def test_what_a_bucket_has_alone(self, opened: Callable[..., ResticRepository], more: dict[str, Any]) -> None:
        with pytest.raises(RefusedError, match="only a bucket has that"):
            opened(**more)

    def test_recipients(self, store: ResticStore, opened: Callable[..., ResticRepository]) -> None:
        with pytest.raises(RefusedError, match="Leave recipients out"):
            backed_up(opened(), "hola", ["age1abc"])
        assert store.snapshots() == []

    def test_copies(self, opened: Callable[..., ResticRepository], tmp_path: pathlib.Path) -> None:
        folder = open_repository({"type": "local", "path": str(tmp_path)}, pytest.fail)
        request = CopyRequest((PLACE,), "latest", None, check_mode=False)
        for origin, target in ((folder, opened()), (opened(), folder)):
            with pytest.raises(RefusedError, match="restic copy"):
                copy_backups(origin, target, request, pytest.fail)

    def test_an_older_restic(self, opened: Callable[..., ResticRepository], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "ansible_collections.chatbot.ops.plugins.module_utils._restic.program.run_command",
            lambda _command: "restic 0.13.1 compiled with go1.18 on linux/amd64",
        )
        with pytest.raises(ToolError, match=r"restic 0\.14 or newer"):
            opened().preflight()

    def test_a_cache_that_others_can_write_to(
        self, opened: Callable[..., ResticRepository], tmp_path: pathlib.Path
    ) -> None:
        with opened().lease(PLACE):
            pass
        (folder,) = (tmp_path / "cache" / "chatbot-ops" / "restic").iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        folder.chmod(0o777)
        with pytest.raises(RefusedError, match="Others can write"), opened().lease(PLACE):
            pass


def test_whoever_may_forget_can_destroy(
    opened: Callable[..., ResticRepository], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And whom an append-only server refuses cannot; nothing is left by the trial that could be removed."""
    assert opened().examine(PLACE.stack, touch=False).can_destroy is None
    found = opened().examine(PLACE.stack, touch=True)
    assert (found.can_write, found.can_read, found.can_delete, found.can_destroy) == (True, True, True, True)
    assert "append-only" in found.advice[0]

    def refused(*_words: object) -> None:
        raise RepositoryError("Failed to forget backups: 403 Forbidden")

    monkeypatch.setattr(Restic, "forget", refused)
    found = opened().examine(PLACE.stack, touch=True)
    assert (found.can_delete, found.can_destroy, found.advice) == (False, False, ())
    backup_id = backed_up(opened(), "hola")
    removal = opened().remove(PLACE, backup_id)
    assert (removal.gone, "403" in str(removal.reason)) == (False, True)
    assert len(opened().entries(PLACE)) == 1
