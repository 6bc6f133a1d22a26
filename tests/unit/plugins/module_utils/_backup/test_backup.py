# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking, choosing, fetching and verifying: what all sources share."""

from __future__ import annotations

import pathlib
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._backup.catalogue import catalogue, sets_of
from ansible_collections.chatbot.ops.plugins.module_utils._backup.choose import Choice, choose
from ansible_collections.chatbot.ops.plugins.module_utils._backup.compare import Compared, differences
from ansible_collections.chatbot.ops.plugins.module_utils._backup.restore import restore_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.take import fresh_enough, take_backup
from ansible_collections.chatbot.ops.plugins.module_utils._backup.transfer import Fetcher
from ansible_collections.chatbot.ops.plugins.module_utils._backup.verify import Wanted, verify_backup
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    ProofError,
    RefusedError,
    RepositoryError,
    ToolError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.local import LocalRepository

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
    return LocalRepository(str(tmp_path))


def payload_of(repository: LocalRepository, backup_id: str) -> pathlib.Path:
    return pathlib.Path(repository.title, str(PLACE), backup_id, "text.zst")


def spoil(payload: pathlib.Path) -> None:
    """Make a payload such that nobody can look at it, which says nothing of what it is worth."""
    payload.rename(payload.with_name("aside"))
    payload.symlink_to(payload.name)


class TestTake:
    def test_a_second_run_within_max_age_changes_nothing(self, repository: LocalRepository) -> None:
        first = take_backup(repository, TextSource(), request(max_age=YEAR), no_warning)
        again = take_backup(repository, TextSource("other"), request(max_age=YEAR), no_warning)
        assert (first["changed"], again["changed"]) == (True, False)
        assert again["backup_id"] == first["backup_id"]
        assert again["manifest"] == first["manifest"]
        assert take_backup(repository, TextSource(), request(), no_warning)["changed"] is True

    def test_check_mode_tells_and_touches_nothing(self, repository: LocalRepository, tmp_path: pathlib.Path) -> None:
        result = take_backup(repository, TextSource(), request(check_mode=True), no_warning)
        assert result["changed"] is True
        assert result["diff"]["after"]["characters"] == 4
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("what", ["damaged", "unrecoverable", "from the future"])
    def test_what_is_not_good_is_not_fresh(self, repository: LocalRepository, what: str) -> None:
        backup_id = backed_up(repository, unrecoverable="the key is lost" if what == "unrecoverable" else None)
        if what == "damaged":
            payload_of(repository, backup_id).write_bytes(b"")
        instant = now() - timedelta(days=1) if what == "from the future" else now()
        assert fresh_enough(repository.entries(PLACE), YEAR, instant) is None

    def test_who_waits_at_the_lease_is_told(self, repository: LocalRepository) -> None:
        with pytest.raises(BusyError, match="Another writer is at work"):
            backed_up(repository, during=lambda: backed_up(repository))
        assert repository.entries(PLACE) == []

    def test_a_copy_that_lost_everything_never_becomes_a_backup(self, repository: LocalRepository) -> None:
        empty = backed_up(repository, "")
        full = backed_up(repository)
        with pytest.raises(RefusedError, match=rf"holds no character; backup {full} .* say accept_loss: true"):
            backed_up(repository, "")
        assert {each.backup_id for each in repository.entries(PLACE)} == {empty, full}
        accepted = take_backup(repository, TextSource(""), replace(request(), accept_loss=True), no_warning)
        assert accepted["changed"] is True


class TestChoose:
    def test_latest_by_id_and_before(self, repository: LocalRepository) -> None:
        only = backed_up(repository)
        entries = repository.entries(PLACE)
        for choice in (Choice(), Choice(only), Choice(before=now() + timedelta(days=1))):
            assert choose(entries, choice, "x").backup_id == only
        for choice in (Choice("20200101T000000Z-n8n-0000"), Choice(before=now() - timedelta(days=1))):
            with pytest.raises(RefusedError, match="There is no backup"):
                choose(entries, choice, "x")

    def test_a_newest_that_cannot_be_relied_on_is_not_passed_over(self, repository: LocalRepository) -> None:
        ids = [backed_up(repository) for _number in range(2)]
        payload_of(repository, ids[1]).unlink()
        with pytest.raises(DamagedError, match=f"newest good one is backup_id: {ids[0]}"):
            choose(repository.entries(PLACE), Choice(), "x")
        with pytest.raises(DamagedError, match="is gone"):
            choose(repository.entries(PLACE), Choice(ids[1]), "x")

    def test_a_newest_that_cannot_be_looked_at_just_now_is_not_passed_over(self, repository: LocalRepository) -> None:
        ids = [backed_up(repository) for _number in range(2)]
        spoil(payload_of(repository, ids[1]))
        for choice in (Choice(), Choice(ids[1])):
            with pytest.raises(RepositoryError, match=rf"just now: .* good one is backup_id: {ids[0]}\."):
                choose(repository.entries(PLACE), choice, "x")

    def test_an_unrecoverable_one_has_to_be_named(self, repository: LocalRepository) -> None:
        backup_id = backed_up(repository, unrecoverable="The key is lost.")
        with pytest.raises(DamagedError, match=r"The key is lost\. There is no good one"):
            choose(repository.entries(PLACE), Choice(), "x")
        assert choose(repository.entries(PLACE), Choice(backup_id), "x").unrecoverable == "The key is lost."


class TestFetch:
    def fetcher(self, repository: LocalRepository, backup_id: str) -> Fetcher:
        return Fetcher(repository, choose(repository.entries(PLACE), Choice(backup_id), "x"))

    def test_what_comes_out_is_what_went_in(self, repository: LocalRepository) -> None:
        out = bytearray()
        self.fetcher(repository, backed_up(repository, "hola " * 1000)).decode("text", sink=out.extend)
        assert out.decode() == "hola " * 1000

    def test_a_flipped_bit_at_any_place_is_found(self, repository: LocalRepository) -> None:
        backup_id = backed_up(repository, "hola " * 1000)
        fetcher, payload = self.fetcher(repository, backup_id), payload_of(repository, backup_id)
        content = payload.read_bytes()
        rng = random.Random(7)
        for position in [rng.randrange(len(content) * 8) for _number in range(40)]:
            flipped = bytearray(content)
            flipped[position // 8] ^= 1 << position % 8
            payload.write_bytes(flipped)
            with pytest.raises(DamagedError, match="is damaged"):
                fetcher.decode("text")
            with pytest.raises(DamagedError, match="is damaged"):
                fetcher.check("text")

    def test_a_consumer_that_fails_on_good_bytes_is_no_damage(self, repository: LocalRepository) -> None:
        with pytest.raises(ToolError, match="exit status 9"):
            self.fetcher(repository, backed_up(repository)).decode("text", [Command(("sh", "-c", "cat; exit 9"))])

    def test_content_that_differs_from_the_manifest_is_damage(self, repository: LocalRepository) -> None:
        backup_id = backed_up(repository)
        manifest = choose(repository.entries(PLACE), Choice(backup_id), "x")
        lying = replace(manifest, objects=(replace(manifest.objects[0], content_sha256="00"),))
        with pytest.raises(DamagedError, match="does not decode to what was copied"):
            Fetcher(repository, lying).decode("text")


class TestRestore:
    def test_a_restore_tells_what_it_did_and_a_second_changes_nothing(self, repository: LocalRepository) -> None:
        backup_id, target = backed_up(repository, "hola"), TextTarget("old")
        plan = restore_backup(repository, PLACE, Choice(), target, check_mode=True)
        assert (plan["changed"], target.text) == (True, "old")
        done = restore_backup(repository, PLACE, Choice(), target, check_mode=False)
        assert (done["changed"], done["backup_id"], done["previous"], done["extra"]) == (True, backup_id, "old", 1)
        assert done["diff"] == plan["diff"] == {"before": {"characters": 3}, "after": {"characters": 4}}
        assert done["proof"]["equal"] is True
        again = restore_backup(repository, PLACE, Choice(), target, check_mode=False)
        assert (again["changed"], again["proof"]["equal"], target.tidied) == (False, True, True)

    def test_a_proof_that_differs_is_told(self) -> None:
        compared = Compared({"a": 1}, {"a": 2}, tuple(f"thing {number}" for number in range(7)))
        with pytest.raises(ProofError, match=r"thing 4 \(and 2 more\)") as caught:
            compared.require("Backup x")
        assert len(caught.value.details["differences"]) == 7
        Compared({}, {}, ()).require("Backup x")


def wanted(level: str, *, max_age: float | None = None, check_mode: bool = False) -> Wanted:
    return Wanted(Choice(), level, max_age, check_mode)


class TestVerify:
    @pytest.mark.parametrize("level", ["checksum", "structure", "restore"])
    def test_a_good_backup_passes_and_keeps_its_verdict(self, repository: LocalRepository, level: str) -> None:
        backed_up(repository)
        assert verify_backup(repository, PLACE, wanted(level, check_mode=True), TextVerifier())["verified"] is None
        assert catalogue(repository, PLACE.stack, ["n8n"], no_warning)[0]["verified"] is None
        assert verify_backup(repository, PLACE, wanted(level), TextVerifier())["verified"] is True
        entry = catalogue(repository, PLACE.stack, ["database", "n8n"], no_warning)[0]
        assert (entry["verified"]["level"], entry["verified"]["result"], entry["good"]) == (level, "passed", True)

    def test_a_young_verdict_of_the_level_is_accepted(self, repository: LocalRepository) -> None:
        backed_up(repository)
        verify_backup(repository, PLACE, wanted("structure"), TextVerifier())
        for level, changed in (("checksum", False), ("structure", False), ("restore", True)):
            result = verify_backup(repository, PLACE, wanted(level, max_age=YEAR, check_mode=True), TextVerifier())
            assert result["changed"] is changed
        assert verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())["changed"] is True

    def test_damage_fails_and_is_remembered(self, repository: LocalRepository) -> None:
        payload = payload_of(repository, backed_up(repository))
        content = bytearray(payload.read_bytes())
        content[-1] ^= 1
        payload.write_bytes(content)
        with pytest.raises(ProofError, match="failed verification to checksum") as caught:
            verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())
        assert caught.value.details["verified"] is False
        assert catalogue(repository, PLACE.stack, ["n8n"], no_warning)[0]["good"] is False

    def test_other_content_than_claimed_fails(self, repository: LocalRepository) -> None:
        backed_up(repository)
        with pytest.raises(ProofError) as caught:
            verify_backup(repository, PLACE, wanted("restore"), TextVerifier(differs=("a is 1", "b is 2")))
        assert caught.value.details["problems"] == ["a is 1", "b is 2"]

    def test_what_could_not_be_done_says_nothing_about_the_backup(self, repository: LocalRepository) -> None:
        backed_up(repository)
        with pytest.raises(RefusedError):
            verify_backup(repository, PLACE, wanted("structure"), TextVerifier(RefusedError("no server")))
        assert catalogue(repository, PLACE.stack, ["n8n"], no_warning)[0]["verified"] is None

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_what_cannot_be_looked_at_just_now_gets_no_verdict(
        self, repository: LocalRepository, *, check_mode: bool
    ) -> None:
        payload = payload_of(repository, backed_up(repository))
        verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())
        spoil(payload)
        with pytest.raises(RepositoryError, match="just now"):
            verify_backup(repository, PLACE, wanted("checksum", max_age=YEAR, check_mode=check_mode), TextVerifier())
        payload.with_name("aside").rename(payload)
        assert verify_backup(repository, PLACE, wanted("checksum", max_age=YEAR), TextVerifier())["verified"] is True

    def test_what_is_damaged_since_has_no_valid_verdict(self, repository: LocalRepository) -> None:
        payload = payload_of(repository, backed_up(repository))
        verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())
        payload.unlink()
        with pytest.raises(ProofError, match="is gone"):
            verify_backup(repository, PLACE, wanted("checksum", max_age=YEAR), TextVerifier())

    def test_a_verdict_that_cannot_be_read_is_told_and_given_anew(self, repository: LocalRepository) -> None:
        backup_id = backed_up(repository)
        verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())
        payload_of(repository, backup_id).with_name("verdict.checksum.json").write_bytes(b"{}")
        warnings: list[str] = []
        entry = catalogue(repository, PLACE.stack, ["n8n"], warnings.append)[0]
        assert (entry["good"], entry["verified"]) == (True, None)
        assert f"{backup_id} counts as not verified to checksum" in warnings[0]
        assert verify_backup(repository, PLACE, wanted("checksum", max_age=YEAR), TextVerifier())["changed"] is True
        assert catalogue(repository, PLACE.stack, ["n8n"], no_warning)[0]["verified"]["result"] == "passed"

    def test_a_backup_whose_manifest_is_damaged_fails_without_a_verdict(self, repository: LocalRepository) -> None:
        payload_of(repository, backed_up(repository)).with_name("manifest.json").write_bytes(b"{}")
        with pytest.raises(ProofError, match="does not match its own digest"):
            verify_backup(repository, PLACE, wanted("checksum"), TextVerifier())


@pytest.mark.parametrize(
    ("claimed", "found", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, [], id="equal"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b is 2, the backup has 1"], id="leaf"),
        pytest.param({"a": 1}, {}, ["a is missing"], id="missing"),
        pytest.param({}, {"a": 1}, ["a was not in the backup"], id="more"),
        pytest.param({"a": [1]}, {"a": None}, ["a is None, the backup has [1]"], id="other type"),
    ],
)
def test_differences_in_words(claimed: Any, found: Any, expected: list[str]) -> None:
    assert list(differences(claimed, found)) == expected


def test_sets_tell_what_belongs_together_and_how_far_apart_it_is() -> None:
    def entry(source: str, set_id: str, taken: str, *, good: bool = True) -> dict[str, Any]:
        return {"source": source, "set_id": set_id, "backup_id": f"{set_id}/{source}", "taken": taken, "good": good}

    unreadable = {"source": "n8n", "backup_id": "x", "good": False}
    backups = [
        entry("n8n", "b", "2026-11-24T03:15:02.500000Z"),
        entry("database", "b", "2026-11-24T03:15:00.000000Z", good=False),
        unreadable,
        entry("n8n", "a", "2026-11-23T03:15:00.000000Z"),
    ]
    assert sets_of(backups) == [
        {"set_id": "b", "backups": {"n8n": "b/n8n", "database": "b/database"}, "good": False, "skew_seconds": 2.5},
        {"set_id": "a", "backups": {"n8n": "a/n8n"}, "good": True, "skew_seconds": 0.0},
    ]
