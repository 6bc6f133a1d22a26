# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encryption with the real age; what is stored is opened by the program itself."""

from __future__ import annotations

import hashlib
import pathlib
import subprocess
from dataclasses import replace

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choice_arguments import given_identities
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.encryption import Identities, require_recipients
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Wanted, verify_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError, ProofError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

from tests.support.age_keys import Pair, age_pair, ssh_pair
from tests.unit.plugins.module_utils.made import (
    PLACE,
    YEAR,
    TextSource,
    TextTarget,
    TextVerifier,
    backed_up,
    no_warning,
    request,
)


@pytest.fixture
def repository(tmp_path: pathlib.Path) -> LocalRepository:
    (tmp_path / "repository").mkdir()
    return LocalRepository(str(tmp_path / "repository"))


@pytest.fixture
def ana(tmp_path: pathlib.Path) -> Pair:
    return age_pair(tmp_path / "ana.txt")


@pytest.fixture
def luis(tmp_path: pathlib.Path) -> Pair:
    return ssh_pair(tmp_path / "luis")


def stored(repository: LocalRepository, backup_id: str) -> pathlib.Path:
    return pathlib.Path(repository.title, str(PLACE), backup_id, "text.zst.age")


def test_each_recipient_alone_reads_it_with_age_and_zstd(repository: LocalRepository, ana: Pair, luis: Pair) -> None:
    backup_id = backed_up(repository, "hola " * 1000, [ana.recipient, luis.recipient])
    for pair in (ana, luis):
        opened = subprocess.run(
            f"{find_program('age')} -d -i {pair.path} {stored(repository, backup_id)} | zstd -dc",
            shell=True,
            capture_output=True,
            check=True,
            text=True,
        )
        assert opened.stdout == "hola " * 1000
    manifest = choose(repository.entries(PLACE), Choice(), "x")
    assert manifest.recipients == (ana.recipient, luis.recipient)
    assert b"hola" not in stored(repository, backup_id).read_bytes()


@pytest.mark.parametrize("by", ["text", "file", "environment"])
def test_a_restore_with_an_identity(
    repository: LocalRepository, ana: Pair, luis: Pair, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    backed_up(repository, "hola", [ana.recipient, luis.recipient])
    if by == "environment":
        monkeypatch.setenv("AGE_IDENTITY_FILE", str(luis.path))
    identities = given_identities(
        {"identity": luis.text if by == "text" else None, "identity_file": str(luis.path) if by == "file" else None}
    )
    assert luis.text not in " ".join(identities.decrypt().argv)
    assert luis.text not in repr(identities)
    target = TextTarget("old")
    done = restore_backup(repository, PLACE, Choice(), target, identities=identities, check_mode=False)
    assert (done["changed"], target.text) == (True, "hola")


def test_without_the_right_identity_nothing_is_touched(
    repository: LocalRepository, tmp_path: pathlib.Path, ana: Pair, luis: Pair
) -> None:
    backed_up(repository, "hola", [ana.recipient])
    target = TextTarget("old")
    for identities, problem in (
        (Identities(), "Give the identity"),
        (Identities(luis.text), "does not open backup"),
        (Identities("no key at all"), "does not open backup"),
        (Identities(path=str(tmp_path / "nowhere")), "is not on this host"),
    ):
        for check_mode in (True, False):
            with pytest.raises(RefusedError, match=problem) as caught:
                restore_backup(repository, PLACE, Choice(), target, identities=identities, check_mode=check_mode)
            assert luis.text.splitlines()[1] not in caught.value.message
    assert target.text == "old"


def test_damage_is_told_from_a_wrong_identity(repository: LocalRepository, ana: Pair) -> None:
    path = stored(repository, backed_up(repository, "hola", [ana.recipient]))
    content = path.read_bytes()
    for position in (10, 60, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        fetcher = Fetcher(repository, choose(repository.entries(PLACE), Choice(), "x"), Identities(ana.text))
        with pytest.raises(DamagedError, match="is not what was stored"):
            fetcher.decode("text")
        with pytest.raises(DamagedError, match="is not what was stored"):
            restore_backup(repository, PLACE, Choice(), TextTarget(), identities=Identities(ana.text), check_mode=False)


def test_what_inflates_beyond_its_claim_is_cut_off(repository: LocalRepository) -> None:
    path = pathlib.Path(repository.title, str(PLACE), backed_up(repository, "hola"), "text.zst")
    bomb = subprocess.run("head -c 300M /dev/zero | zstd -c", shell=True, check=True, capture_output=True).stdout
    entry = repository.entries(PLACE)[0]
    assert entry.manifest is not None
    path.write_bytes(bomb)
    stored = replace(
        entry.manifest.object("text"), stored_bytes=len(bomb), stored_sha256=hashlib.sha256(bomb).hexdigest()
    )
    out = bytearray()
    with pytest.raises(DamagedError, match="decodes to more than the 4 bytes copied"):
        Fetcher(repository, replace(entry.manifest, objects=(stored,))).decode("text", sink=out.extend)
    assert len(out) <= 4


class TestVerify:
    def verify(self, repository: LocalRepository, identities: Identities, level: str = "restore") -> dict[str, object]:
        wanted = Wanted(Choice(), level, YEAR, check_mode=False, identities=identities)
        return verify_backup(repository, PLACE, wanted, TextVerifier())

    def test_without_an_identity_the_verdict_says_what_was_possible(
        self, repository: LocalRepository, ana: Pair
    ) -> None:
        backed_up(repository, "hola", [ana.recipient])
        for changed in (True, False):
            result = self.verify(repository, Identities())
            assert (result["changed"], result["level"], result["verified"]) == (changed, "checksum", True)
            assert "no identity was given" in str(result["limitation"])
        verdict = repository.entries(PLACE)[0].verdict
        assert verdict is not None
        assert verdict.level == "checksum"

    def test_with_an_identity_it_goes_all_the_way(self, repository: LocalRepository, ana: Pair) -> None:
        backed_up(repository, "hola", [ana.recipient])
        result = self.verify(repository, Identities(ana.text))
        assert (result["level"], result["limitation"], result["verified"]) == ("restore", None, True)

    def test_a_wrong_identity_says_nothing_about_the_backup(
        self, repository: LocalRepository, ana: Pair, luis: Pair
    ) -> None:
        backed_up(repository, "hola", [ana.recipient])
        with pytest.raises(RefusedError, match="does not open"):
            self.verify(repository, Identities(luis.text), "structure")
        assert repository.entries(PLACE)[0].verdict is None

    def test_damage_is_found_without_an_identity(self, repository: LocalRepository, ana: Pair) -> None:
        path = stored(repository, backed_up(repository, "hola", [ana.recipient]))
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        with pytest.raises(ProofError, match="is not what was stored"):
            self.verify(repository, Identities())


def test_who_is_no_recipient_is_refused_before_anything_is_copied(
    repository: LocalRepository, tmp_path: pathlib.Path, ana: Pair
) -> None:
    private = ana.text.splitlines()[-1]
    for recipient, problem in (("age1nobody", "takes 'age1nobody' for no recipient"), (private, "is a private key")):
        with pytest.raises(RefusedError, match=problem) as caught:
            take_backup(
                repository,
                TextSource(during=lambda: pytest.fail("copied")),
                request(recipients=[recipient]),
                no_warning,
            )
        assert private not in caught.value.message
    assert list((tmp_path / "repository").iterdir()) == []
    require_recipients([ana.recipient])
