# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""n8n's data folder in a repository that keeps files as files: restic."""

from __future__ import annotations

import os
import pathlib
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.verify import N8nVerifier
from ansible_collections.chatbot.ops.plugins.module_utils._repository.open import open_repository
from ansible_collections.chatbot.ops.plugins.module_utils._restic.answers import Backed, Label
from ansible_collections.chatbot.ops.plugins.module_utils._restic.program import Restic

from tests.support.restic_store import PASSWORD, ResticStore
from tests.support.sample_n8n import Plan, make
from tests.unit.plugins.module_utils._n8n.conftest import N8n
from tests.unit.plugins.module_utils._n8n.test_restore import content, listing, untouched
from tests.unit.plugins.module_utils.made import PLACE


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


class InRestic(N8n):
    """Backed up to a repository of restic."""

    @property
    def store(self) -> ResticStore:
        return ResticStore(self.root / "restic")

    @property
    def repository(self) -> Any:
        return open_repository(self.store.parameters(), pytest.fail)


@pytest.fixture
def n8n(made: Callable[..., N8n], tmp_path: pathlib.Path) -> N8n:
    plain = made()
    ResticStore.made(tmp_path / "restic")
    return InRestic(plain.root, plain.sample)


def newest(n8n: N8n) -> tuple[Any, Fetcher]:
    manifest = choose(n8n.repository.entries(PLACE), Choice(), "x")
    return manifest, Fetcher(n8n.repository, manifest)


def test_all_comes_back_as_it_was(n8n: InRestic) -> None:
    (n8n.folder / "nodes" / "we[i]rd $HOME *?").write_text("x")
    (n8n.folder / "nodes").chmod(0o2775)  # what runs as its owner, or hands its group on, is restored without that
    before = listing(n8n.folder), content(n8n.folder)
    taken = n8n.back_up()
    assert [each["compression"] for each in taken["manifest"]["objects"]] == ["files", "files"]
    shutil.rmtree(n8n.folder)
    result = n8n.restore()
    assert (result["changed"], result["proof"]["equal"]) == (True, True)
    assert content(n8n.folder) == before[1]
    assert listing(n8n.folder) == before[0].replace("config f 644", "config f 600").replace("d 2775", "d 775")
    with closing(sqlite3.connect(n8n.folder / "database.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM credentials_entity").fetchone() == (8,)
    assert n8n.restore()["changed"] is False


def test_a_second_day_stores_what_changed_alone(n8n: InRestic) -> None:
    big = n8n.folder / "nodes" / "big"
    big.write_bytes(os.urandom(30 << 20))

    def stored() -> int:
        return sum(path.stat().st_size for path in n8n.store.path.rglob("*") if path.is_file())

    n8n.back_up()
    first = stored()
    (n8n.folder / "nodes" / "small").write_bytes(os.urandom(100_000))
    n8n.back_up()
    assert stored() - first < 3_000_000
    assert len(n8n.repository.entries(PLACE)) == 2


def test_files_that_are_removed_meanwhile(n8n: InRestic) -> None:
    """n8n removes the data of old executions whenever it likes. That is no reason for a backup to fail."""
    folders = sorted(path for path in n8n.folder.glob("storage/workflows/*/executions/*") if path.is_dir())
    assert folders
    stop = threading.Event()

    def prune() -> None:
        for folder in folders:
            if stop.wait(0.15):
                return
            shutil.rmtree(folder)

    pruning = threading.Thread(target=prune)
    pruning.start()
    try:
        n8n.back_up()
    finally:
        stop.set()
        pruning.join()
    shutil.rmtree(n8n.folder)
    assert n8n.restore()["proof"]["equal"] is True


def test_a_file_that_changes_meanwhile_is_read_again(n8n: InRestic, monkeypatch: pytest.MonkeyPatch) -> None:
    mark, contents, kept = n8n.folder / "nodes" / "mark", iter(["after it was read"]), Restic.keep_folder
    mark.write_text("before")

    def keep(restic: Restic, label: Label, *words: str) -> Backed:
        backed = kept(restic, label, *words)
        if label.name == "data":
            for text in contents:
                mark.write_text(text)
        return backed

    monkeypatch.setattr(Restic, "keep_folder", keep)
    n8n.back_up()
    shutil.rmtree(n8n.folder)
    n8n.restore()
    assert mark.read_text() == "after it was read"
    assert n8n.store.names().count("data") == 1, "what the first attempt wrote is forgotten"


def test_a_file_that_cannot_be_read(n8n: InRestic, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = n8n.folder / "nodes" / "closed"
    closed.touch()  # as root reads everything, restic is made to say that it could not
    monkeypatch.setattr(Restic, "keep_folder", lambda *_words: Backed("1", 0, ["nodes/closed"]))
    with pytest.raises(ToolError, match="cannot be read, such as nodes/closed"):
        n8n.back_up()
    assert n8n.store.snapshots() == []


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> InRestic:
    root = tmp_path_factory.mktemp("one")
    (root / "work").mkdir()
    ResticStore.made(root / "restic")
    n8n = InRestic(root, make(root / "n8n", Plan(executions=40, binary_files=8)))
    (n8n.folder / "nodes" / "out").symlink_to("/etc")
    n8n.back_up()
    return n8n


class TestOne:
    """What is found out about one backup, or refused."""

    def test_restic_alone_gives_the_folder_back(self, one: InRestic) -> None:
        """By the commands that the page beside the set holds."""
        one.back_up()
        before = content(one.folder)
        found = [each for each in one.store.snapshots() if "name=RECOVERY.md" in each["tags"]]
        page = one.store.run("dump", found[-1]["id"], "RECOVERY.md")
        restic = os.path.dirname(find_program("restic"))
        blocks = [block.split("```")[0] for block in page.split("```sh\n")[1:]]
        subprocess.run(
            ["bash", "-e"],
            input="".join(blocks),
            cwd=one.root,
            env={**os.environ, "RESTIC_PASSWORD": PASSWORD, "PATH": f"{restic}:{os.environ['PATH']}"},
            text=True,
            check=True,
            capture_output=True,
        )
        there = one.root / "recovery" / "n8n"
        assert content(there) == before
        with closing(sqlite3.connect(there / "database.sqlite")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_more_files_than_were_stored(self, one: InRestic) -> None:
        manifest, fetcher = newest(one)
        verifier = N8nVerifier(str(one.root / "work"), None)
        verifier.structure(manifest, fetcher)
        lying = replace(manifest, details={**manifest.details, "members": 3})
        with pytest.raises(DamagedError, match="3 and"):
            verifier.structure(lying, Fetcher(one.repository, lying))

    def test_a_link_out_that_was_none_at_the_backup(self, one: InRestic) -> None:
        manifest, _fetcher = newest(one)
        assert manifest.details["links_out"] == ["nodes/out"]
        lying = replace(manifest, details={**manifest.details, "links_out": []})
        with pytest.raises(DamagedError, match="lies outside its folder"):
            N8nVerifier(str(one.root / "work"), None).restore(lying, Fetcher(one.repository, lying))

    def test_damage(self, one: InRestic) -> None:
        """A pack that another byte got into; and at last another tree than the manifest's."""
        for pack in (one.store.path / "data").rglob("*"):
            if pack.is_file():
                pack.chmod(0o600)
                stored = bytearray(pack.read_bytes())
                stored[len(stored) // 3] ^= 1
                pack.write_bytes(stored)
        (one.folder / "later").touch()
        with untouched(one), pytest.raises(DamagedError, match="does not give back"):
            one.restore()
        with pytest.raises(DamagedError, match="does not give back"):
            newest(one)[1].check("data")
        backup_id = one.repository.entries(PLACE)[0].backup_id
        tags = f"chatbot.ops,stack={PLACE.stack},source={PLACE.source},id={backup_id},name=data,files"
        one.store.run("backup", "--tag", tags, ".", cwd=one.folder)
        assert "not the one that was stored" in str(one.repository.entries(PLACE)[0].problem)
