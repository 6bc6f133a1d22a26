# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The local repository: whole backups or none, and a clear word when it cannot."""

from __future__ import annotations

import errno
import multiprocessing
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.synchronize import Event

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.examine import examine_repository
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Encoding, Packer
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.verdict import Verdict
from ansible_collections.chatbot.ops.plugins.module_utils._repository import local_examination
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository, place_of

from tests.support.modules import module_environment
from tests.tools.link import CHECKOUT
from tests.unit.plugins.module_utils.made import PLACE, TextSource, backed_up, made_manifest, no_warning, request

BACKUP_ID = "20261124T031500Z-n8n-7f3a"


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> LocalRepository:
    (tmp_path / "repository").mkdir()
    return LocalRepository(str(tmp_path / "repository"))


def folder_of(repository: LocalRepository, backup_id: str) -> pathlib.Path:
    return pathlib.Path(repository.title, str(PLACE), backup_id)


def files_below(repository: LocalRepository) -> list[str]:
    return [name for _folder, _folders, names in os.walk(repository.title) for name in names if name != ".lease"]


def test_a_backup_is_private_and_opens_with_zstd_alone(repository: LocalRepository) -> None:
    folder = folder_of(repository, backed_up(repository, "buenos días"))
    assert sorted(os.listdir(folder)) == ["manifest.json", "text.zst"]
    for each in [folder, folder.parent, folder.parent.parent, *folder.iterdir()]:
        assert stat.S_IMODE(each.stat().st_mode) & 0o077 == 0
    assert (
        subprocess.run(["zstd", "-dc", folder / "text.zst"], capture_output=True, check=True).stdout
        == "buenos días".encode()
    )


def test_lists_are_newest_first_within_a_second_too(repository: LocalRepository) -> None:
    ids = [backed_up(repository, str(number)) for number in range(6)]
    assert [each.backup_id for each in repository.entries(PLACE)] == ids[::-1]
    assert all(each.good and each.manifest for each in repository.entries(PLACE))
    assert repository.entries(place_of("another", "n8n")) == []


def test_a_payload_without_manifest_is_no_backup(repository: LocalRepository) -> None:
    os.unlink(folder_of(repository, backed_up(repository)) / "manifest.json")
    assert repository.entries(PLACE) == []


def test_a_failed_producer_leaves_nothing(repository: LocalRepository) -> None:
    with pytest.raises(ToolError, match="exit status 7"):
        backed_up(repository, command="printf half; exit 7")
    assert files_below(repository) == []
    assert repository.entries(PLACE) == []


@pytest.mark.parametrize(
    ("name", "damage", "problem"),
    [
        pytest.param("text.zst", lambda path: path.write_bytes(path.read_bytes()[:-1]), "has", id="payload cut"),
        pytest.param("text.zst", lambda path: path.unlink(), "is gone", id="payload gone"),
        pytest.param("manifest.json", lambda path: path.write_bytes(b"{}"), "does not match", id="manifest changed"),
    ],
)
def test_damage_is_listed_with_its_problem(
    repository: LocalRepository, name: str, damage: Callable[[pathlib.Path], object], problem: str
) -> None:
    damage(folder_of(repository, backed_up(repository)) / name)
    (entry,) = repository.entries(PLACE)
    assert not entry.good
    assert problem in str(entry.problem)


@pytest.mark.parametrize("name", ["text.zst", "manifest.json"])
def test_what_cannot_be_looked_at_is_not_called_damaged(repository: LocalRepository, name: str) -> None:
    path = folder_of(repository, backed_up(repository)) / name
    path.rename(path.with_name("aside"))
    path.symlink_to(name)  # the system refuses to follow it
    (entry,) = repository.entries(PLACE)
    assert (entry.good, entry.problem) == (False, None)
    assert "symbolic links" in str(entry.unknown)
    assert entry.to_result(now())["problem"] == entry.unknown
    path.with_name("aside").rename(path)
    assert repository.entries(PLACE)[0].good


def test_of_two_payloads_the_one_that_is_gone_tells(repository: LocalRepository) -> None:
    """Whether another one can be looked at just now makes no difference to that."""
    with repository.upload(PLACE, BACKUP_ID) as upload:
        source, packer = TextSource(), Packer(upload, Encoding())
        copied = source.copy(packer)
        more = packer.store("more", [b"hola"])
        upload.commit(made_manifest(replace(copied, objects=(*copied.objects, more)), BACKUP_ID))
    folder = folder_of(repository, BACKUP_ID)
    (folder / "text.zst").unlink()
    (folder / "text.zst").symlink_to("text.zst")
    (folder / more.name).unlink()
    (entry,) = repository.entries(PLACE)
    assert (entry.unknown, entry.problem) == (None, f"Its payload {more.name} is gone.")


def test_a_manifest_in_another_backups_place_is_damage(repository: LocalRepository) -> None:
    one = folder_of(repository, backed_up(repository))
    other = one.with_name("20200101T000000Z-n8n-0000")
    shutil.copytree(one, other)
    assert "belongs to another backup" in str(repository.entries(PLACE)[-1].problem)


def test_the_lease_names_its_holder_and_goes_with_it(repository: LocalRepository) -> None:
    with repository.lease(PLACE):
        with pytest.raises(BusyError, match=str(os.getpid())), LocalRepository(repository.title).lease(PLACE):
            pass
        with repository.lease(place_of("lottery-chatbot", "database")):
            pass
    with repository.lease(PLACE):
        pass


def _hold(path: str, ready: Event, wait: Event) -> None:
    with LocalRepository(path).lease(PLACE):
        ready.set()
        wait.wait(30)


def test_the_lease_of_a_killed_holder_is_free(repository: LocalRepository) -> None:
    context = multiprocessing.get_context("fork")
    ready, wait = context.Event(), context.Event()
    holder = context.Process(target=_hold, args=(repository.title, ready, wait))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(BusyError, match=str(holder.pid)), repository.lease(PLACE):
        pass
    holder.kill()
    holder.join()
    with repository.lease(PLACE):
        pass


def test_a_store_that_does_not_give_back_what_was_written_is_no_success(repository: LocalRepository) -> None:
    def spoiled() -> None:
        with repository.upload(PLACE, BACKUP_ID) as upload:
            copied = TextSource().copy(Packer(upload, Encoding()))
            payload = folder_of(repository, BACKUP_ID) / "text.zst"
            payload.write_bytes(b"x" * payload.stat().st_size)
            upload.commit(made_manifest(copied, BACKUP_ID))

    with pytest.raises(DamagedError, match="does not give back"):
        spoiled()
    assert files_below(repository) == []


def test_a_manifest_is_never_overwritten(repository: LocalRepository) -> None:
    with repository.upload(PLACE, BACKUP_ID) as upload:
        manifest = made_manifest(TextSource().copy(Packer(upload, Encoding())), BACKUP_ID)
        upload.commit(manifest)
        with pytest.raises(RepositoryError):
            upload.commit(manifest)
    assert [each.good for each in repository.entries(PLACE)] == [True]


def test_verdicts_are_kept_one_per_level(repository: LocalRepository) -> None:
    backup_id = backed_up(repository)
    for problems in ((), ("rot",)):
        repository.write_verdict(
            PLACE, Verdict(backup_id, "checksum", f"2026-11-24T0{len(problems)}:00:00Z", problems, 0.1)
        )
    (entry,) = repository.entries(PLACE)
    assert [each.result for each in entry.verdicts] == ["failed"]
    assert not entry.good


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"{}"), id="damaged"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="cannot be read"),
    ],
)
def test_a_backup_is_none_the_worse_for_a_verdict_that_cannot_be_read(
    repository: LocalRepository, spoil: Callable[[pathlib.Path], object]
) -> None:
    backup_id = backed_up(repository)
    for level in ("checksum", "structure"):
        repository.write_verdict(PLACE, Verdict(backup_id, level, "2026-11-24T00:00:00Z", (), 0.1))
    spoil(folder_of(repository, backup_id) / "verdict.structure.json")
    (entry,) = repository.entries(PLACE)
    assert (entry.good, entry.problem, entry.unknown) == (True, None, None)
    assert [each.level for each in entry.verdicts] == ["checksum"]
    assert f"{backup_id} counts as not verified to structure" in str(entry.unread)


def test_a_missing_folder_is_refused_at_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(RepositoryError, match="does not exist"):
        open_repository({"type": "local", "path": str(tmp_path / "missing")}, str)


@pytest.mark.parametrize("stack", ["..", "a/b", ""])
def test_a_stack_whose_name_is_a_path_is_refused(stack: str) -> None:
    with pytest.raises(RefusedError, match="cannot name a stack"):
        place_of(stack, "n8n")


def test_a_folder_that_vanishes_midway_is_told_and_does_not_come_back(repository: LocalRepository) -> None:
    with pytest.raises(RepositoryError, match=r"vanished; mount its file system again, .* it\.$"):
        backed_up(repository, during=lambda: shutil.rmtree(repository.title))
    assert not os.path.exists(repository.title)
    with pytest.raises(RepositoryError, match="vanished"):
        take_backup(repository, TextSource(), request(), no_warning)
    assert not os.path.exists(repository.title)


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    assert in_small_file_system(tmp_path, "rw", "head -c 8000000 /dev/urandom") == "RepositoryError: full []"


def test_a_read_only_folder_is_told_and_leaves_nothing(tmp_path: pathlib.Path) -> None:
    assert in_small_file_system(tmp_path, "ro", "printf x") == "RepositoryError: read-only []"


def test_whoever_writes_to_a_folder_can_destroy_what_is_in_it(repository: LocalRepository) -> None:
    asked = repository.examine(PLACE.stack, touch=False)
    assert (asked.can_list, asked.can_write, asked.can_destroy) == (True, None, None)
    tried = repository.examine(PLACE.stack, touch=True)
    assert (tried.can_write, tried.can_read, tried.can_delete, tried.can_destroy) == (True, True, True, True)
    assert "second copy" in tried.advice[0]
    assert files_below(repository) == []


def test_a_read_only_folder_serves_to_restore(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(local_examination, "write_file", refused)
    examination = LocalRepository(str(tmp_path)).examine(PLACE.stack, touch=True)
    assert (examination.can_list, examination.can_write, examination.can_destroy) == (True, False, None)


def test_a_folder_that_gives_other_bytes_back_is_damaged(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiled(path: str, content: bytes, *, replace: bool) -> None:
        write_file(path, content[1:], replace=replace)

    monkeypatch.setattr(local_examination, "write_file", spoiled)
    with pytest.raises(DamagedError, match="does not give back"):
        LocalRepository(str(tmp_path)).examine(PLACE.stack, touch=True)


def test_a_full_folder_cannot_be_examined(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(local_examination, "write_file", full)
    with pytest.raises(RepositoryError, match="it is full"):
        LocalRepository(str(tmp_path)).examine(PLACE.stack, touch=True)


def test_a_lock_shorter_than_the_backups_are_kept_is_told(repository: LocalRepository) -> None:
    params = {"stack": PLACE.stack, "repository": {"object_lock_days": 7}, "keep_for": "30d"}
    assert "locked for 7" in examine_repository(repository, params, check_mode=False)["advice"][-1]
    params["repository"] = {"object_lock_days": 30}
    assert "locked" not in str(examine_repository(repository, params, check_mode=True)["advice"])


def in_small_file_system(folder: pathlib.Path, mode: str, producer: str) -> str:
    """Take a backup in a file system of 4 MiB, in a mount namespace of its own (no root needed); tell the outcome."""
    program = textwrap.dedent(
        """
        import os, sys
        from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
        from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository
        from tests.unit.plugins.module_utils.made import PLACE, backed_up
        repository = LocalRepository(sys.argv[1])
        try:
            backed_up(repository, command=sys.argv[2])
            print("no error", end=" ")
        except OpsError as error:
            word = "full" if "it is full" in str(error) else "read-only" if "read-only" in str(error) else str(error)
            print(f"{type(error).__name__}: {word}", end=" ")
        print(repository.entries(PLACE))
        """
    )
    mount = f'mount -t tmpfs -o {mode},size=4m none "$1" && shift && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh", str(folder)]
    result = subprocess.run(
        [*command, sys.executable, "-c", program, str(folder), producer],
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        env=module_environment(),
        check=False,
    )
    return result.stdout.strip() or result.stderr
