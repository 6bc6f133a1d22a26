# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks, as a user runs them."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.support.age_keys import age_pair
from tests.support.playbooks import Playbooks
from tests.support.restic_store import PASSWORD, ResticStore
from tests.support.stack import STACK, SampleStack
from tests.support.zygote import Zygote
from tests.tools.link import CHECKOUT

KINDS = ("last", "daily", "weekly", "monthly", "yearly")
CONFIRM = f"restore_confirm={STACK}"
# The backup that the handbook's commands name.
SAMPLE_ID = "20261124T031500Z-n8n-7f3a"


@pytest.fixture
def playbooks(stack: SampleStack, tmp_path: pathlib.Path) -> Playbooks:
    return Playbooks(stack, tmp_path)


def test_a_second_backup_within_max_age_changes_nothing(playbooks: Playbooks, stack: SampleStack) -> None:
    checked = playbooks.play("backup_stack", "--check", "--diff")
    assert checked.exit_status == 0, checked.output
    assert checked.changed == 2
    assert "newest_good_backup" in checked.output
    assert list(stack.backups.iterdir()) == []
    first = playbooks.play("backup_stack")
    assert first.exit_status == 0, first.output
    assert first.changed == 2
    again = playbooks.play("backup_stack")
    assert (again.exit_status, again.changed) == (0, 0), again.output
    sets = {json.loads(each.read_text())["set_id"] for each in stack.backups.rglob("manifest.json")}
    assert len(sets) == 1


def test_a_source_that_fails_stops_no_other_and_turns_the_run_red(playbooks: Playbooks, stack: SampleStack) -> None:
    result = playbooks.play("backup_stack", "-e", "backup_database_password=wrong")
    assert result.exit_status != 0
    assert "database: " in result.output
    assert [each.parent.parent.name for each in stack.backups.rglob("manifest.json")] == ["n8n"]


def repositories(*folders: pathlib.Path, **more: Any) -> list[str]:
    return ["-e", json.dumps({"backup_repositories": [{"path": str(each)} for each in folders], **more})]


def copies(*folders: pathlib.Path) -> list[list[str]]:
    """Return the ids that each folder holds, oldest first."""
    return [sorted(each.parent.name for each in folder.rglob("manifest.json")) for folder in folders]


def test_one_repository_that_is_gone_neither_loses_nor_hides_the_other(
    playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    other, gone = tmp_path / "other", tmp_path / "gone"
    other.mkdir()
    degraded = playbooks.play("backup_stack", *repositories(gone, other))
    assert degraded.exit_status == 0, degraded.output
    assert "ATTENTION: not every repository has them" in degraded.output
    assert f"{gone} does not exist on this host" in " ".join(degraded.output.split())
    made = copies(other)[0]
    assert len(made) == 2
    failed = playbooks.play("backup_stack", *repositories(other, gone, backup_min_copies=2))
    assert failed.exit_status != 0
    assert "database has 1 good copies, 2 are wanted" in failed.output
    gone.mkdir()
    repaired = playbooks.play("backup_stack", *repositories(other, gone, backup_min_copies=2))
    assert (repaired.exit_status, "ATTENTION" in repaired.output) == (0, False), repaired.output
    assert copies(other, gone) == [made, made]
    assert playbooks.play("backup_stack", *repositories(other, gone, backup_min_copies=2)).changed == 0


@pytest.mark.thorough
def test_restic_takes_a_backup_of_its_own_beside_a_folder(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever stands first; and what is lost comes back from restic alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store = ResticStore.made(tmp_path / "restic")
    both = [{"path": str(stack.backups)}, store.parameters(name="deduplicated")]
    recipient = age_pair(tmp_path / "identity").recipient
    options = {"backup_repositories": both, "backup_min_copies": 2, "backup_recipients": [recipient]}
    changes = []
    for order in (both, both[::-1]):
        done = playbooks.play("backup_stack", "-vvv", "-e", json.dumps({**options, "backup_repositories": order}))
        assert (done.exit_status, "ATTENTION" in done.output) == (0, False), done.output
        changes.append(done.changed)
        assert PASSWORD not in done.output.replace(json.dumps(PASSWORD), "", 1)
    assert changes == [4, 0]
    assert store.names().count("manifest.json") == len(copies(stack.backups)[0]) == 2
    before = stack.folder_digest(), stack.database_digest()
    (stack.n8n / "config").unlink()
    stack.server.psql("DROP TABLE system_logs CASCADE", stack.database)
    alone = ["-e", json.dumps({"restore_repository": both[1]}), "-e", CONFIRM]
    for name in ("restore_n8n", "restore_database"):
        result = playbooks.play(name, *alone)
        assert result.exit_status == 0, result.output
    assert (stack.folder_digest(), stack.database_digest()) == before


def test_a_source_that_cannot_be_copied_is_not_tried_again_elsewhere(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "other").mkdir()
    (stack.n8n / "config").unlink()
    result = playbooks.play("backup_stack", *repositories(stack.backups, tmp_path / "other"))
    assert result.exit_status != 0
    attempts = result.output.count("TASK [chatbot.ops.backup : Back up n8n's data folder]")
    assert (attempts, "holds no encryption key, and none was given" in result.output) == (1, True), result.output
    assert [len(each) for each in copies(stack.backups, tmp_path / "other")] == [1, 1]


def test_a_restore_asks_for_the_stacks_name(playbooks: Playbooks, stack: SampleStack, zygote: Zygote) -> None:
    stack.back_up(zygote)
    before = stack.folder_digest(), stack.database_digest()
    for name in ("restore_n8n", "restore_database"):
        result = playbooks.play(name)
        assert result.exit_status != 0
        assert f"add -e {CONFIRM}" in result.output
    assert (stack.folder_digest(), stack.database_digest()) == before


def test_what_is_lost_comes_back(playbooks: Playbooks, stack: SampleStack) -> None:
    assert playbooks.play("backup_stack").exit_status == 0
    before = stack.folder_digest(), stack.database_digest()
    (stack.n8n / "config").unlink()
    stack.server.psql("DROP TABLE system_logs CASCADE", stack.database)
    for name in ("restore_n8n", "restore_database"):
        checked = playbooks.play(name, "-e", CONFIRM, "--check", "--diff")
        assert (checked.exit_status, checked.changed) == (0, 1), checked.output
        result = playbooks.play(name, "-e", CONFIRM)
        assert result.exit_status == 0, result.output
        again = playbooks.play(name, "-e", CONFIRM)
        assert (again.exit_status, "changed: [demo]" in again.output.split("PLAY RECAP")[0]) == (0, False) or name == (
            "restore_n8n"
        ), again.output
    assert (stack.folder_digest(), stack.database_digest()) == before


def test_verification_proves_and_remembers(playbooks: Playbooks, stack: SampleStack, zygote: Zygote) -> None:
    stack.back_up(zygote)
    assert playbooks.play("verify_backups").changed == 2
    assert playbooks.play("verify_backups").changed == 0
    verdicts = [json.loads(each.read_text()) for each in stack.backups.rglob("verdict.restore.json")]
    assert [each["result"] for each in verdicts] == ["passed", "passed"]
    payload = next(stack.backups.rglob("*.tar.zst"))
    payload.write_bytes(payload.read_bytes()[:-1] + b"\0")
    result = playbooks.play("verify_backups", "-e", "verification_max_age=")
    assert result.exit_status != 0
    assert "n8n: Backup" in result.output
    assert "is damaged" in result.output


@pytest.mark.thorough
def test_what_has_waited_longest_is_verified_within_a_budget(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "other").mkdir()
    both = repositories(stack.backups, tmp_path / "other")
    both += [
        "-e",
        json.dumps(
            {"verification_repositories": [{"path": str(each)} for each in (stack.backups, tmp_path / "other")]}
        ),
    ]
    for _run in range(2):
        assert playbooks.play("backup_stack", *both, "-e", "backup_max_age=").exit_status == 0
    level = ["-e", "verification_level=checksum"]

    def verified() -> list[list[str]]:
        folders = (stack.backups, tmp_path / "other")
        return [sorted(each.parent.name for each in folder.rglob("verdict.*.json")) for folder in folders]

    made = copies(stack.backups)[0]
    newest = made[2:]  # one of the database, one of n8n
    assert playbooks.play("verify_backups", *both, *level, "-e", "verification_byte_budget=0").exit_status == 0
    assert verified() == [newest, []]
    out_of_time = playbooks.play("verify_backups", *both, *level, "-e", "verification_time_budget=0")
    assert (out_of_time.exit_status, verified()) == (0, [newest, []])
    whole = playbooks.play("verify_backups", *both, *level, "-e", "verification_max_age=")
    assert (whole.exit_status, verified()) == (0, [made, made]), whole.output
    gone = json.dumps({"verification_repositories": [{"path": str(tmp_path / "gone")}, {"path": str(stack.backups)}]})
    hidden = playbooks.play("verify_backups", "-e", gone, *level, "-e", "verification_max_age=")
    assert hidden.exit_status != 0
    assert "Repository 1 cannot be listed" in " ".join(hidden.output.split())
    assert hidden.changed == 4, hidden.output


def test_pruning_shows_its_plan_then_does_it_then_nothing(
    playbooks: Playbooks, stack: SampleStack, zygote: Zygote
) -> None:
    for number in range(2):
        stack.back_up(zygote, f"20261124T03150{number}Z-set-1c9e")
        # Of two in one second, none is the newer one.
        time.sleep(1.0)

    def ids() -> list[str]:
        return sorted(each.parent.name for each in stack.backups.rglob("manifest.json"))

    both = ids()
    unverified = playbooks.play("prune_backups")
    assert (unverified.exit_status, unverified.changed, ids()) == (0, 0, both), unverified.output
    assert "No backup of n8n was ever verified" in unverified.output
    assert playbooks.play("verify_backups", "-e", "verification_level=structure").exit_status == 0
    checked = playbooks.play("prune_backups", "--check", "--diff")
    assert (checked.exit_status, checked.changed, ids()) == (0, 1, both), checked.output
    shown = re.findall(r"^- +(\S+): superseded$", checked.output, re.MULTILINE)
    assert len(shown) == 2, checked.output
    repositories = [{"path": str(stack.backups / "missing")}, {"path": str(stack.backups)}]
    done = playbooks.play("prune_backups", "-e", json.dumps({"retention_repositories": repositories}))
    assert done.exit_status != 0, "one repository is not there, and the other one is pruned all the same"
    assert "missing does not exist" in done.output
    assert not set(shown) & set(ids())
    left = [json.loads(each.read_text()) for each in stack.backups.rglob("manifest.json")]
    assert sorted(each["source"] for each in left) == ["database", "n8n"]
    assert len({each["set_id"] for each in left}) == 1
    again = playbooks.play("prune_backups")
    assert (again.exit_status, again.changed) == (0, 0), again.output
    nothing = playbooks.play(
        "prune_backups", "-e", json.dumps(dict.fromkeys(map("retention_keep_{}".format, KINDS), 0))
    )
    assert nothing.exit_status != 0
    assert "Set at least one of retention_keep_last" in nothing.output


def handbook_commands(page: str, inventory: pathlib.Path, backup_id: str) -> list[list[str]]:
    """Return the commands of ``ansible`` on a page of the handbook, for ``inventory`` and ``backup_id``."""
    text = (CHECKOUT / "docs" / "handbook" / page).read_text("utf-8")
    blocks = re.findall(r"(?ms)^ *```sh\n *(ansible -i .*?)^ *```$", text)
    commands = [shlex.split(each.replace("\\\n", " ")) for each in blocks]
    given = {
        "ansible": str(pathlib.Path(sys.executable).with_name("ansible")),
        "inventories/mine": str(inventory),
        "ansible_python_interpreter=/opt/chatbot-ops/venv/bin/python": f"ansible_python_interpreter={sys.executable}",
    }
    return [[given.get(word, word).replace(SAMPLE_ID, backup_id) for word in each] for each in commands]


def test_the_handbooks_commands_find_a_damaged_copy_and_put_it_right(
    playbooks: Playbooks, stack: SampleStack, tmp_path: pathlib.Path
) -> None:
    first, second = stack.backups, tmp_path / "nas"
    second.mkdir()
    made = playbooks.play("backup_stack", *repositories(first, second))
    assert made.exit_status == 0, made.output
    (damaged,) = first.rglob("n8n/*/manifest.json")
    next(each for each in damaged.parent.iterdir() if each != damaged).unlink()
    described = {"name": STACK, "repositories": [{"type": "local", "path": str(each)} for each in (first, second)]}
    inventory = tmp_path / "hosts.json"
    hosts = {"demo": {"ansible_connection": "local", "chatbot_stack": described}}
    inventory.write_text(json.dumps({"chatbot_stacks": {"hosts": hosts}}), encoding="utf-8")
    outputs = []
    for command in handbook_commands("failed-run.md", inventory, damaged.parent.name):
        done = subprocess.run(command, env=playbooks.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        outputs.append(done.stdout)
    assert [damaged.parent.name in each for each in outputs] == [True, True]
    assert "good: true" in outputs[0].replace('"', "")
    assert "CHANGED" in outputs[1]
    assert sorted(each.name for each in damaged.parent.iterdir()) == sorted(
        each.name for each in next(second.rglob("n8n/*/manifest.json")).parent.iterdir()
    )


# On the bed, a scenario of Molecule plays a rehearsal; and test_secrets.py this one.
@pytest.mark.thorough
def test_a_rehearsal_leaves_the_stack_alone_and_reports(playbooks: Playbooks, stack: SampleStack) -> None:
    before = stack.folder_digest(), stack.database_digest()
    result = playbooks.play("rehearse_recovery", "-e", "rehearsal_mode=scratch")
    assert result.exit_status == 0, result.output
    assert (stack.folder_digest(), stack.database_digest()) == before
    record: dict[str, Any] = json.loads(next(playbooks.reports.glob("*.json")).read_text())
    assert {each["source"]: each["verified"]["passed"] for each in record["sources"]} == {"database": True, "n8n": True}
    page = next(playbooks.reports.glob("*.html")).read_text()
    assert '<html lang="es"' in page


def test_a_rehearsal_that_fails_reports_it_and_is_red(playbooks: Playbooks) -> None:
    result = playbooks.play("rehearse_recovery", "-e", "rehearsal_mode=scratch", "-e", "backup_database_password=wrong")
    assert result.exit_status != 0
    record = json.loads(next(playbooks.reports.glob("*.json")).read_text())
    assert any("database" in each for each in record["failure"])


@pytest.mark.thorough
def test_a_rehearsal_that_could_not_open_the_backups_is_red(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    ana = age_pair(tmp_path / "ana.txt")
    given: dict[str, Any] = {
        "rehearsal_mode": "scratch",
        "rehearsal_language": "en",
        "backup_recipients": [ana.recipient],
    }
    result = playbooks.play("rehearse_recovery", "-e", json.dumps(given))
    assert result.exit_status != 0
    assert "it was not restored, or nobody compared it" in result.output
    assert "set verification_identity" in result.output
    given["verification_identity_file"] = str(ana.path)
    opened = playbooks.play("rehearse_recovery", "-e", json.dumps(given))
    assert opened.exit_status == 0, opened.output


def test_a_disaster_is_refused_without_the_typed_name(playbooks: Playbooks, stack: SampleStack) -> None:
    result = playbooks.play("rehearse_recovery")
    assert result.exit_status != 0
    assert f"add -e rehearsal_confirm={STACK}" in result.output
    assert list(stack.backups.iterdir()) == []
